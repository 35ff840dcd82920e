"""Maps of a cache deleted and renamed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import LoomError
from engine.storage.cache_maps import add_projections, delete_projections, rename_projections
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache

N = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cache of two variants with maps `umap`, filled with 1, and of one with `pca`, filled with 2."""
    made = make_cache(tmp_path / "run.h5", {"a": arrays(N, 3), "b": arrays(N, 3)})
    add_projections(made, {each: (np.ones((N, 2)), {"method": "umap"}) for each in ("a", "b")}, "umap")
    add_projections(made, {"a": (np.full((N, 2), 2.0), {"method": "pca"})}, "pca")
    return made


def names(path: Path) -> dict[str, tuple[str, ...]]:
    with LatentCache.open(path) as cache:
        return {variant: cache.kept_projections(variant) for variant in cache.variants}


def test_maps_are_deleted_and_all_else_stays(path: Path) -> None:
    with LatentCache.open(path) as cache:
        mu = cache.mu("a")
    assert delete_projections(path, "umap") == ["a", "b"]
    assert names(path) == {"a": ("pca",), "b": ()}
    with LatentCache.open(path) as cache:
        np.testing.assert_array_equal(cache.mu("a"), mu)
        np.testing.assert_array_equal(cache.projection("a", "pca"), 2)
    with pytest.raises(LoomError, match="has no map 'umap'; it has pca"):
        delete_projections(path, "umap")


def test_maps_of_single_variants_are_deleted(path: Path) -> None:
    assert delete_projections(path, "umap", ["b"]) == ["b"]
    assert names(path) == {"a": ("pca", "umap"), "b": ()}
    with pytest.raises(LoomError, match="no variant 'c'"):
        delete_projections(path, "umap", ["c"])


def test_maps_are_renamed_with_their_settings(path: Path) -> None:
    assert rename_projections(path, "umap", "my map") == ["a", "b"]
    assert names(path) == {"a": ("my map", "pca"), "b": ("my map",)}
    with LatentCache.open(path) as cache:
        assert cache.projection_settings("b", "my map")["method"] == "umap"
        np.testing.assert_array_equal(cache.projection("b", "my map"), 1)


def test_a_name_that_is_taken_is_refused_and_nothing_changed(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(LoomError, match="a map 'umap' of a already"):
        rename_projections(path, "pca", "umap")
    with pytest.raises(LoomError, match="no map 'none'"):
        rename_projections(path, "none", "x")
    assert path.read_bytes() == before


def test_maps_of_other_weights_can_be_deleted_too(path: Path) -> None:
    import h5py

    with h5py.File(path, "r+") as file:
        file["variants/a/projections/pca"].attrs["made_from"] = "others"
    with LatentCache.open(path) as cache:
        assert cache.projections("a") == ("umap",)
        assert cache.kept_projections("a") == ("pca", "umap")
    assert delete_projections(path, "pca") == ["a"]
