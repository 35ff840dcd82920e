"""New points on a map that is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import ProjectionConfig
from engine.maps import placing
from engine.maps.placing import Placer, place
from engine.storage.latent_cache import LatentCache
from tests.engine.maps.spaces import LATENT, N, cache_of, clusters, run


def test_a_sentence_s_own_mu_is_placed_on_the_sentence(mapped: Path) -> None:
    with LatentCache.open(mapped) as cache:
        places = place(clusters()[:9], cache, "plain", "umap")
        np.testing.assert_allclose(places, cache.projection("plain", "umap")[:9], atol=1e-3)


def test_a_point_between_two_sentences_is_placed_between_them(mapped: Path) -> None:
    mu = clusters()
    with LatentCache.open(mapped) as cache:
        places = cache.projection("plain", "umap")
        middle = place((mu[:1] + mu[1:2]) / 2, cache, "plain", "umap", k=N)
        low, high = places.min(axis=0), places.max(axis=0)
        assert ((middle > low) & (middle < high)).all()
        near = place(mu[:1] * 0.99 + mu[1:2] * 0.01, cache, "plain", "umap")
        assert np.linalg.norm(near - places[0]) < np.linalg.norm(near - places[1])


def test_far_away_points_and_collapsed_maps_give_finite_places(mapped: Path) -> None:
    far = np.full((3, LATENT), 1e6, np.float32)
    with LatentCache.open(mapped) as cache:
        for variant in cache.variants:
            assert np.isfinite(place(far, cache, variant, "umap")).all()
            assert np.isfinite(place(clusters()[:3], cache, variant, "umap")).all()


def test_a_placer_compares_with_so_many_sentences_at_most_and_reads_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "REFERENCE_ROWS", 100)
    path = cache_of(tmp_path / "many.h5", vae=clusters())  # 240 sentences: every third is enough
    run(path, ProjectionConfig(method="pca"))
    with LatentCache.open(path) as cache:
        placer = Placer(cache, "vae", "pca")
        mu, places = cache.mu("vae")[::3].astype(np.float64), cache.projection("vae", "pca")[::3]
    point = np.random.default_rng(0).normal(size=(1, LATENT)).astype(np.float32)
    near = np.argsort(distances := np.linalg.norm(mu - point, axis=1))[:5]
    weights = distances[near] ** -2
    np.testing.assert_allclose(placer.place(point, k=5)[0], weights @ places[near] / weights.sum(), rtol=1e-4)
