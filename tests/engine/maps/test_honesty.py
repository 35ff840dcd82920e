"""What is said where there is nothing to see on a map, and draws of z."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import ProjectionConfig
from engine.errors import LoomError
from engine.events import Done, Note
from engine.maps.kept_maps import kept_maps, settings_told
from engine.maps.points import LatentPoints
from engine.maps.projection import project
from engine.maps.quality import quality_of
from engine.storage.latent_cache import LatentCache
from tests.engine.maps.spaces import LATENT, N, cache_of, clusters, maps
from tests.engine.storage.caches import arrays, make_cache


def told(path: Path, config: ProjectionConfig) -> str:
    """The warnings of a command, and that each is kept with its map."""
    notes = [event.text for event in project(path, None, config) if isinstance(event, Note) and event.level != "info"]
    with LatentCache.open(path) as cache:
        kept = {warning for each in kept_maps(cache) for warning in each.warnings.values()}
    return " / ".join([*notes, "kept: ", *sorted(kept)])


@pytest.mark.parametrize("method", ["umap", "tsne", "pca"])
def test_identical_points_are_a_single_point_and_no_cloud(tmp_path: Path, method: str) -> None:
    path = cache_of(tmp_path / "same.h5", vae=np.full((200, LATENT), 0.4, np.float32))
    assert told(path, ProjectionConfig(method=method)).count("this model has collapsed") == 2
    assert not maps(path, method)["vae"].any()
    with LatentCache.open(path) as cache:
        assert quality_of(cache.projection_settings("vae", method)) is None


def test_points_that_differ_less_than_z_is_noisy_are_told_to_show_nothing(tmp_path: Path) -> None:
    mu = (0.3 + 0.02 * np.random.default_rng(0).normal(size=(N, LATENT))).astype(np.float32)
    path = cache_of(tmp_path / "near.h5", vae=mu)
    assert told(path, ProjectionConfig()).count("No dimension of z is in use") == 2
    assert told(cache_of(tmp_path / "far.h5", vae=clusters()), ProjectionConfig()) == "kept: "


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_copies_of_a_few_points_are_no_clouds(tmp_path: Path, method: str) -> None:
    mu = np.repeat(np.eye(3, LATENT, dtype=np.float32), 70, axis=0)
    path = cache_of(tmp_path / "few.h5", vae=mu)
    assert told(path, ProjectionConfig(method=method)).count("Only 3 of the points are different") == 2
    assert len(np.unique(maps(path, method)["vae"].round(4), axis=0)) == 3


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_handful_of_sentences_is_told_to_be_too_few(tmp_path: Path, n: int) -> None:
    path = cache_of(tmp_path / "few.h5", vae=clusters()[:n])
    words = told(path, ProjectionConfig(method="tsne"))
    assert ("one sentence only" if n == 1 else f"{n} sentences are too few") in words


def test_more_neighbours_than_there_are_sentences_are_told(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "twelve.h5", vae=clusters()[:12])
    assert "There are 12 sentences, so a point has 11 neighbours at most." in told(path, ProjectionConfig())
    assert "so the perplexity is 3 at most" in told(path, ProjectionConfig(method="tsne", neighbours=50))
    with LatentCache.open(path) as cache:
        assert cache.projections("vae") == ("tsne-n3", "umap")
        assert cache.projection_settings("vae", "umap")["neighbours"] == 11
        assert cache.projection_settings("vae", "tsne-n3")["neighbours"] == 3


def test_draws_are_those_of_q_and_the_same_every_time(tmp_path: Path) -> None:
    mu = np.zeros((40_000, 2), np.float32)
    logvar = np.tile(np.log([0.25, 4.0]).astype(np.float32), (40_000, 1))
    path = make_cache(tmp_path / "draws.h5", {"vae": {**arrays(40_000, 2), "mu": mu, "logvar": logvar}})
    with LatentCache.open(path) as cache:
        draws = np.concatenate([block for _, block in LatentPoints(cache, "vae", "samples", 5).blocks()])
        again = np.concatenate([block for _, block in LatentPoints(cache, "vae", "samples", 5).blocks()])
        other = np.concatenate([block for _, block in LatentPoints(cache, "vae", "samples", 6).blocks()])
    np.testing.assert_array_equal(draws, again)
    assert not np.array_equal(again, other)
    np.testing.assert_allclose(again.std(axis=0), [0.5, 2.0], rtol=0.02)
    np.testing.assert_allclose(again.mean(axis=0), 0, atol=0.03)


def test_a_sigma_that_has_diverged_is_told(tmp_path: Path) -> None:
    logvar = np.zeros((N, LATENT), np.float32)
    logvar[7] = 300
    path = make_cache(tmp_path / "wide.h5", {"vae": {**arrays(N, LATENT), "mu": clusters(), "logvar": logvar}})
    with pytest.raises(LoomError, match="too large for a map"):
        list(project(path, None, ProjectionConfig(of="samples")))
    assert isinstance(list(project(path, None, ProjectionConfig()))[-1], Done)


def test_lengths_do_not_matter_to_cosine_maps(tmp_path: Path) -> None:
    mu = clusters()
    stretched = mu * np.random.default_rng(0).choice([0.5, 1, 2], size=(N, 1)).astype(np.float32)
    path = cache_of(tmp_path / "cosine.h5", vae=mu)
    other = cache_of(tmp_path / "stretched.h5", vae=stretched)
    config = ProjectionConfig(metric="cosine", aligned=False, name="c")
    for each in (path, other):
        list(project(each, None, config))
    np.testing.assert_array_equal(maps(path, "c")["vae"], maps(other, "c")["vae"])
    with LatentCache.open(path) as cache:
        assert settings_told(cache.projection_settings("vae", "c")) == (
            "UMAP, neighbours 15, minimal distance 0.1, cosine, 200 steps, of mu, each model by itself, seed 0"
        )
