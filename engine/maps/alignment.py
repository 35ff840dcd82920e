"""Principal axes of more points than fit into memory, and turning one map onto another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.latents.moments import moments

Floats = NDArray[np.float32]
Blocks = Callable[[], Iterable[Floats]]
"""Gives the same points from the start whenever it is called, as blocks of (b, d)."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The first two principal axes of some points: their mean (d,) and two orthogonal unit directions (d, 2)."""

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]

    def coordinates(self, points: Blocks) -> Floats:
        """(n, 2) coordinates of all the points, in their own units."""
        return np.concatenate([((block - self.mean) @ self.directions).astype(np.float32) for block in points()])


def principal_axes(points: Blocks) -> Axes:
    """The two directions in which the points vary most, from one walk through them, summed in float64.

    Args:
        points: at least one point of at least one dimension.

    Returns:
        Axes whose largest part is positive, so that the same points always give the same signs. Points of one
        dimension have a second axis of zeros.
    """
    found = moments(points())
    largest, _ = found.principal_axes(2)
    directions = np.zeros((len(found.mean), 2))
    directions[:, : len(largest)] = largest.T
    return Axes(found.mean, directions)


def turned_onto(coordinates: NDArray[Any], target: NDArray[Any]) -> Floats:
    """Centre a map and rotate or mirror it as near to another as it goes, without stretching it.

    Orthogonal Procrustes (Schönemann, 1966).

    Args:
        coordinates: (n, 2) to turn.
        target: (n, 2) of the same points.

    Returns:
        (n, 2) with mean zero and all distances kept.
    """
    from scipy.linalg import orthogonal_procrustes

    centred = coordinates - coordinates.mean(axis=0, dtype=np.float64)
    turn, _ = orthogonal_procrustes(centred, target - target.mean(axis=0, dtype=np.float64))
    turned: Floats = (centred @ turn).astype(np.float32)
    return turned
