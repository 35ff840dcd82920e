"""A latent for an empty place, against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.errors import LoomError
from engine.maps.telling.guess import Around, around, around_each, guesses
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache


def test_neighbours_are_the_nearest_weighted_by_one_over_the_squared_distance():
    coords = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    coords[3] = np.nan
    near = around(coords, 0.2, -0.1, k=4)
    squared = {
        row: (x - 0.2) ** 2 + (y + 0.1) ** 2 for row, (x, y) in enumerate(coords.astype(float).tolist()) if row != 3
    }
    expected = sorted(squared, key=squared.__getitem__)[:4]
    assert near.indices.tolist() == expected
    total = math.fsum(1 / squared[row] for row in expected)
    assert near.weights == pytest.approx([1 / squared[row] / total for row in expected], rel=1e-4)


def test_several_places_are_as_each_for_itself():
    coords = np.random.default_rng(2).normal(size=(60, 2)).astype(np.float32)
    places = np.array([[0.1, 0.2], [-1.0, 0.5], [9.0, 9.0]])
    for near, (x, y) in zip(around_each(coords, places, k=5), places, strict=True):
        alone = around(coords, x, y, k=5)
        assert near.indices.tolist() == alone.indices.tolist()
        assert near.weights.tolist() == alone.weights.tolist()


def test_on_a_sentence_it_is_that_sentence_and_a_map_without_places_is_refused():
    coords = np.random.default_rng(1).normal(size=(20, 2)).astype(np.float32)
    near = around(coords, float(coords[6, 0]), float(coords[6, 1]))
    assert near.indices[0] == 6
    assert near.weights[0] > 0.999
    assert around(np.ones((3, 2)), 1.0, 1.0).weights == pytest.approx([1 / 3] * 3)  # all at one place
    for places, x in ((np.full((4, 2), np.nan), 0.0), (np.zeros((0, 2)), 0.0), (coords, math.inf)):
        with pytest.raises(LoomError, match="no sentence around"):
            around(places, x, 0.0)


def test_the_guess_is_the_weighted_mean_and_draws_are_of_single_neighbours(tmp_path):
    path = make_cache(tmp_path / "some.h5", {"vae": arrays(12, 3)})
    near = Around(np.array([2, 7]), np.array([0.25, 0.75]))
    with LatentCache.open(path) as cache:
        mu, sigma = cache.mu("vae").astype(float), np.exp(cache.logvar("vae").astype(float) / 2)
        found = guesses(cache, "vae", near, draws=400, seed=5)
        assert (guesses(cache, "vae", near, draws=400, seed=5) == found).all()
    assert found.shape == (401, 3)
    for at in range(3):
        assert found[0, at] == pytest.approx(0.25 * mu[2, at] + 0.75 * mu[7, at], rel=1e-5)
    random = np.random.default_rng(5)
    chosen, noise = random.choice(2, size=400, p=near.weights), random.standard_normal((400, 3))
    for row in (0, 9, 399):
        own = (2, 7)[chosen[row]]
        assert found[1 + row] == pytest.approx(mu[own] + sigma[own] * noise[row], rel=1e-4, abs=1e-5)
    assert 0.6 < (chosen == 1).mean() < 0.9
