"""Lines over a map: places along them, and how far points are from them. Pure functions of (k, 2) corners."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError

Doubles = NDArray[np.float64]


def length_of(corners: NDArray[np.floating]) -> float:
    """The length of a line, in the unit of its corners (k, 2)."""
    return float(np.hypot(*np.diff(np.asarray(corners, np.float64), axis=0).T).sum())


def evenly(corners: NDArray[np.floating], count: int) -> Doubles:
    """Places (count, 2) along a line, from its beginning to its end, as far from each other along it.

    Raises:
        LoomError: the line has no length, or a corner that is not finite.
    """
    corners = np.asarray(corners, np.float64).reshape(-1, 2)
    length = length_of(corners) if len(corners) else 0.0
    if not np.isfinite(length) or length <= 0:
        raise LoomError("This line has no length.", "Draw it from one place of a map to another.")
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    wanted = np.linspace(0.0, reached[-1], count)
    return np.column_stack([np.interp(wanted, reached, corners[:, axis]) for axis in (0, 1)])


def bends(corners: Doubles, aside: float) -> list[int]:
    """The corners where a line turns: those without which it would lie more than `aside` from where it does.

    Source: Ramer 1972; Douglas and Peucker 1973, "Algorithms for the reduction of the number of points required to
    represent a digitized line or its caricature".

    Args:
        corners: (k, 2) of the line, k > 1.
        aside: in their unit.

    Returns:
        their places among the corners, ascending; neither the first nor the last.
    """
    found: list[int] = []
    parts = [(0, len(corners) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        _, far = nearest_piece(corners[first + 1 : last], corners[[first, last]])
        if far.max() > aside:
            middle = first + 1 + int(far.argmax())
            found.append(middle)
            parts += [(first, middle), (middle, last)]
    return sorted(found)


def nearest_piece(points: NDArray[np.floating], corners: Doubles) -> tuple[NDArray[np.int64], Doubles]:
    """The piece of a line that is nearest to each point, and how far that is.

    Args:
        points: (n, 2); those that are not finite are infinitely far from piece 0.
        corners: (k, 2) of the line, k > 1; piece i goes from corner i to the next.

    Returns:
        (n,) pieces and (n,) distances.
    """
    x, y = np.asarray(points, np.float64).T
    pieces, squared = np.zeros(len(x), np.int64), np.full(len(x), np.inf)
    for piece, ((x0, y0), (x1, y1)) in enumerate(pairwise(corners)):
        dx, dy = x1 - x0, y1 - y0
        along = ((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-300)
        np.clip(along, 0.0, 1.0, out=along)
        found = np.square(x - x0 - along * dx) + np.square(y - y0 - along * dy)
        nearer = found < squared  # never where a place is not a number
        pieces[nearer], squared[nearer] = piece, found[nearer]
    return pieces, np.sqrt(squared)
