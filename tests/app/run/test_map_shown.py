"""Which map of a cache is shown first."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from app.run.map_shown import first_map, usual_map
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.storage.latent_cache import LatentCache
from tests.app.fakes import COLUMNS
from tests.engine.storage.caches import arrays, make_cache


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cache of two models with the map `pca` of both and `mine` of the first."""
    made = make_cache(tmp_path / "run.h5", {column.name: arrays(20, 3) for column in COLUMNS})
    list(project(made, None, ProjectionConfig(method="pca")))
    list(project(made, ["vae"], ProjectionConfig(method="pca", name="mine")))
    return made


def test_the_chosen_map_comes_before_the_usual_one_also_where_it_is_of_one_model(path):
    with LatentCache.open(path) as cache:
        assert usual_map(cache) == "pca"
        name, places = first_map(cache, "mine")
        assert name == "mine"
        assert places["vae"].coords is not None
        assert "not made of this model" in places["autogen-m1"].problem


@pytest.mark.parametrize("chosen", ["", "gone", "umap"])
def test_without_a_choice_and_where_it_is_gone_the_usual_map_is_shown(path, chosen):
    with LatentCache.open(path) as cache:
        name, places = first_map(cache, chosen)
        assert name == "pca"
        assert all(each.name == "pca" and each.coords is not None for each in places.values())


def test_a_chosen_map_that_cannot_be_read_gives_way_to_the_usual_one(path):
    with LatentCache.open(path) as cache:
        lies_in = cache.maps.file_of("vae", "mine")
    with h5py.File(lies_in, "r+") as file:
        file["variants/vae"][3] = np.nan
    with LatentCache.open(path) as cache:
        assert first_map(cache, "mine")[0] == "pca"
