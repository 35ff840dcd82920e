"""New points on a map that is there, without fitting it anew.

A point lies at the mean of its nearest sentences' places, weighted by inverse squared distance in latent space. How far
that is from where a map fitted with the point would have it, docs/benchmarks.md tells.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.maps.neighbours import interpolated, nearest_plain
from engine.maps.points import LatentPoints, directions
from engine.storage.latent_cache import LatentCache

PLACING_NEIGHBOURS = 5
"""Sentences that decide where another point lies."""
REFERENCE_ROWS = 50_000
"""Sentences of a map that new points are compared with, at most, so that placing them stays quick."""

Floats = NDArray[np.float32]
_PLACERS: WeakKeyDictionary[LatentCache, dict[tuple[str, str], Placer]] = WeakKeyDictionary()


class Placer:
    """Puts new latent points on one variant's map. Reads the map once; needs numpy only.

    Args:
        cache: the run's cache.
        variant: whose latent space the points are in.
        name: of the map.

    Raises:
        LoomError: no such variant or map.
    """

    def __init__(self, cache: LatentCache, variant: str, name: str) -> None:
        coordinates = cache.projection(variant, name)
        settings = cache.projection_settings(variant, name)
        self._turned = settings.get("metric") == "cosine"
        step = max(1, -(-cache.n // REFERENCE_ROWS))
        if settings.get("of") == "samples":
            points = LatentPoints(cache, variant, "samples", int(settings.get("seed", 0)))
            every = np.zeros(cache.n, np.bool_)
            every[::step] = True
            self._points = points.chosen(every)
        else:
            self._points = cache.mu(variant, slice(0, cache.n, step))
        if self._turned:
            self._points = directions(self._points)
        self._coordinates = coordinates[::step]

    def place(self, points: NDArray[Any], k: int = PLACING_NEIGHBOURS) -> Floats:
        """(m, 2) coordinates of (m, latent) points: the inverse-distance weighted mean of their k nearest sentences."""
        asked = np.asarray(points, dtype=np.float32)
        indices, distances = nearest_plain(directions(asked) if self._turned else asked, self._points, k)
        return interpolated(self._coordinates, indices, distances)


def place(points: NDArray[Any], cache: LatentCache, variant: str, name: str, k: int = PLACING_NEIGHBOURS) -> Floats:
    """Put new latent points on an existing map. What it reads of the map is kept as long as the cache is open.

    Args:
        points: (m, latent).
        cache: the run's cache.
        variant: whose latent space the points are in.
        name: of the map.
        k: neighbours that decide.

    Returns:
        (m, 2).

    Raises:
        LoomError: no such variant or map.
    """
    placers = _PLACERS.setdefault(cache, {})
    if (variant, name) not in placers:
        placers[variant, name] = Placer(cache, variant, name)
    return placers[variant, name].place(points, k)
