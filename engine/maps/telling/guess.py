"""A latent for an empty place of a map, guessed from the sentences around it. No measurement: a map has no way back.

A map lays a space of many directions flat, so a place between points belongs to no z. What can be said is what lies
around it there: the mean of the neighbours' mu, weighted by their nearness on the map, and how much z drawn for single
ones of these neighbours differ from each other, which is how little the place decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.maps.neighbours import nearest_plain
from engine.storage.latent_cache import LatentCache

NEIGHBOURS = 8
"""Sentences that a guess is made from."""
DRAWS = 5
"""z that are drawn beside it."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Around:
    """The sentences around a place of a map.

    Attributes:
        indices: (k,) of the cache, the nearest first.
        weights: (k,) of the mean, which add up to 1: inverse to the squared distance on the map (Shepard's method).
    """

    indices: NDArray[np.int64]
    weights: NDArray[np.float64]


def around(coords: NDArray[np.floating], x: float, y: float, k: int = NEIGHBOURS) -> Around:
    """The sentences nearest to a place (x, y) on a map (n, 2); those without a place there are left out.

    Raises:
        LoomError: the map has none, or (x, y) is not finite.
    """
    return next(around_each(coords, np.array([[x, y]]), k))


def around_each(coords: NDArray[np.floating], places: NDArray[np.floating], k: int = NEIGHBOURS) -> Iterator[Around]:
    """As `around` for each of several places (m, 2), one after the other."""
    there = np.flatnonzero(np.isfinite(coords).all(axis=1))
    if not len(there) or not np.isfinite(places).all():
        raise LoomError("There is no sentence around this place.", "Choose a place on a map that has some.")
    points = coords[there].astype(np.float32)
    for place in np.asarray(places, np.float32):
        found, distances = nearest_plain(place[None], points, k)
        squared = np.square(distances[0].astype(np.float64))
        # In units of the farthest: the floor keeps the weights finite where a sentence lies just there.
        weights = 1.0 / np.maximum(squared / max(float(squared.max()), 1e-300), 1e-12)
        yield Around(there[found[0]], weights / weights.sum())


def guesses(cache: LatentCache, variant: str, near: Around, draws: int = DRAWS, seed: int = 0) -> Floats:
    """The weighted mean of the neighbours' mu, then z ~ q(z|x) of some, drawn by their weight, (1 + draws, latent).

    Which neighbours are drawn, and with which noise, follows from the seed and is the same for every variant.

    Raises:
        LoomError: no such variant, or a damaged file.
    """
    rows = [slice(int(at), int(at) + 1) for at in near.indices]
    mu = np.concatenate([cache.mu(variant, row) for row in rows]).astype(np.float64)
    random = np.random.default_rng(seed)
    chosen = random.choice(len(rows), size=draws, p=near.weights)
    noise = random.standard_normal((draws, cache.latent))
    spread = {at: np.exp(0.5 * cache.logvar(variant, rows[at])[0].astype(np.float64)) for at in set(chosen.tolist())}
    drawn = [mu[at] + spread[at] * noise[number] for number, at in enumerate(chosen.tolist())]
    return np.array([near.weights @ mu, *drawn], np.float32)
