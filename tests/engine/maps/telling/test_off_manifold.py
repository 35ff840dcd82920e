"""How far a point lies from all sentences, against plain loops."""

from __future__ import annotations

import math
from bisect import bisect_left

import numpy as np
import pytest

from engine.maps.telling import off_manifold
from engine.maps.telling.off_manifold import Spacing
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache


def cache_of(path, mu) -> LatentCache:
    return LatentCache.open(make_cache(path, {"vae": {**arrays(*mu.shape), "mu": mu}}))


def test_distances_and_shares_are_those_of_a_plain_loop(tmp_path):
    random = np.random.default_rng(1)
    mu = (random.normal(size=(60, 5)) + 40.0).astype(np.float32)
    points = random.normal(size=(70, 5)) * 2 + 40.0
    with cache_of(tmp_path / "some.h5", mu) as cache:
        spacing = Spacing(cache, "vae")
    rows = mu.astype(np.float64).tolist()
    between = sorted(min(math.dist(a, b) for j, b in enumerate(rows) if j != i) for i, a in enumerate(rows))
    assert spacing.between == pytest.approx(between, rel=1e-6)
    found = spacing.of(points)
    for row, point in enumerate(points.tolist()):
        distance = min(math.dist(point, other) for other in rows)
        assert found.distances[row] == pytest.approx(distance, rel=1e-9)
        assert found.shares[row] == pytest.approx(bisect_left(between, distance) / 60, abs=1e-9)


def test_draws_are_compared_with_draws_of_the_sentences_own_z(tmp_path):
    random = np.random.default_rng(4)
    mu = random.normal(size=(80, 30)).astype(np.float32)
    with cache_of(tmp_path / "some.h5", mu) as cache:
        spacing, logvar = Spacing(cache, "vae"), cache.logvar("vae").astype(np.float64)
    noise = np.random.default_rng(off_manifold.SEED).standard_normal((80, 30))
    draws = mu.astype(np.float64) + np.exp(logvar / 2) * noise
    others = mu.astype(np.float64).tolist()
    expected = sorted(min(math.dist(draw, other) for other in others) for draw in draws.tolist())
    assert spacing.drawn == pytest.approx(expected, rel=1e-6)
    point = np.zeros((1, 30))
    distance = min(math.dist(point[0], other) for other in others)
    assert spacing.of(point, drawn=True).shares[0] == pytest.approx(bisect_left(expected, distance) / 80)


def test_a_sentence_is_at_no_distance_and_a_point_far_off_is_farther_than_all(tmp_path):
    mu = np.random.default_rng(2).normal(size=(200, 4)).astype(np.float32)
    with cache_of(tmp_path / "some.h5", mu) as cache:
        found = Spacing(cache, "vae").of(np.stack([mu[7], np.full(4, 1e4)]))
    assert found.distances[0] == pytest.approx(0, abs=1e-6)
    assert found.shares.tolist() == [0.0, 1.0]


def test_of_many_sentences_some_are_looked_at_by_point_and_comparison_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(off_manifold, "REFERENCE", 50)
    monkeypatch.setattr(off_manifold, "SAMPLE", 10)
    mu = np.random.default_rng(3).normal(size=(200, 4)).astype(np.float32)
    with cache_of(tmp_path / "some.h5", mu) as cache:
        spacing = Spacing(cache, "vae")
    assert len(spacing.between) == 10
    assert spacing.of(mu[4:5]).distances[0] == pytest.approx(0, abs=1e-6)
    assert spacing.of(mu[5:6]).distances[0] > 0  # of each four the first


def test_one_sentence_is_nothing_to_compare_with(tmp_path):
    with cache_of(tmp_path / "some.h5", np.ones((1, 3), np.float32)) as cache:
        found = Spacing(cache, "vae").of(np.zeros((2, 3)))
    assert found.distances == pytest.approx([math.sqrt(3)] * 2)
    assert np.isnan(found.shares).all()
