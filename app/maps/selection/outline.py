"""Which points of a map lie within what was drawn: a box, or a line that closes by itself. Pure functions.

By the even-odd rule: a point is inside if a ray from it crosses the line an odd number of times, so that where a lasso
overlaps itself, what lies in the overlap is outside, as with a hole that is drawn by going round twice.

Few points are tested against every edge whose height they share. Of many, most lie in cells of a grid that no edge
comes near, and all points of such a cell are alike; only those about the line are tested each for itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_FEW = 20_000  # points that are tested each for itself
_CELLS = 256  # a side of the grid
_AT_ONCE = 1 << 16  # points whose numbers stay in the processor's cache
_OUTSIDE, _WITHIN, _CLOSE = 0, 1, 2  # what is known of all points of a cell


def in_box(x: NDArray[np.floating], y: NDArray[np.floating], first: Floats, second: Floats) -> Mask:
    """Which points x (n,), y (n,) lie in the box between two corners (2,), edges included; a NaN never does."""
    (left, bottom), (right, top) = np.minimum(first, second), np.maximum(first, second)
    inside: Mask = x >= left
    inside &= x <= right
    inside &= y >= bottom
    inside &= y <= top
    return inside


def in_lasso(x: NDArray[np.floating], y: NDArray[np.floating], corners: Floats) -> Mask:
    """Which points x (n,), y (n,) lie within the polygon of corners (k, 2), the last joined to the first.

    A point whose place is not finite is outside, and so is everything where there are fewer than three corners.
    """
    inside = np.zeros(len(x), np.bool_)
    low, high = (corners.min(axis=0), corners.max(axis=0)) if len(corners) else (np.zeros(2), np.zeros(2))
    per_unit = _CELLS / np.maximum(high - low, 1e-300)
    if len(corners) < 3:
        return inside
    if len(x) <= _FEW or not np.isfinite(per_unit).all():
        return _each(x, y, np.flatnonzero(in_box(x, y, low, high)), corners, inside)
    cells = _cells((corners - low) * per_unit)
    close = []
    for start in range(0, len(x), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        cell = _places(x[rows], low[0], per_unit[0])
        cell += _places(y[rows], low[1], per_unit[1]) * (_CELLS + 2)
        kind = cells[cell]
        inside[rows] = kind == _WITHIN
        close.append(np.flatnonzero(kind == _CLOSE) + start)
    return _each(x, y, np.concatenate(close), corners, inside)


def _each(
    x: NDArray[np.floating], y: NDArray[np.floating], which: NDArray[np.intp], corners: Floats, inside: Mask
) -> Mask:
    """Test some of the points each for itself, and say so in `inside` (n,), which is returned."""
    inside[which] = _odd(x[which].astype(np.float64), y[which].astype(np.float64), corners)
    return inside


def _edges(corners: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """x and y of the beginnings and of the ends of all edges, (k,) each."""
    ends = np.roll(corners, -1, axis=0)
    return corners[:, 0], corners[:, 1], ends[:, 0], ends[:, 1]


def _odd(x: Floats, y: Floats, corners: Floats) -> Mask:
    """Which points are inside, each tested for itself against the edges that are at its height."""
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    odd = np.zeros(len(x), np.bool_)
    x0, y0, x1, y1 = _edges(corners)
    # An edge concerns the points with min <= y < max of its ends: so each corner counts once.
    starts = np.searchsorted(y, np.minimum(y0, y1), side="left").tolist()
    stops = np.searchsorted(y, np.maximum(y0, y1), side="left").tolist()
    for edge, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        if start < stop:
            slope = (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
            odd[start:stop] ^= x[start:stop] < (y[start:stop] - y0[edge]) * slope + x0[edge]
    result = np.empty(len(x), np.bool_)
    result[order] = odd
    return result


def _places(values: NDArray[np.floating], low: float, per_unit: float) -> NDArray[np.intp]:
    """The row or column of cells that each value is in, from 1; 0 and `_CELLS` + 1 are beside the grid."""
    at = values.astype(np.float64)
    at -= low
    at *= per_unit
    at += 1.0
    np.nan_to_num(at, copy=False, nan=0.0)
    np.clip(at, 0, _CELLS + 1, out=at)
    return at.astype(np.intp)


def _cells(scaled: Floats) -> NDArray[np.uint8]:
    """What is known of the points in each cell, by row and column from 0, a rim of one cell around the grid.

    Args:
        scaled: the corners (k, 2), in cells.
    """
    kinds = np.full((_CELLS + 2, _CELLS + 2), _OUTSIDE, np.uint8)
    kinds[1:-1, 1:-1][_middles_inside(scaled)] = _WITHIN
    kinds[_cells_near(scaled)] = _CLOSE
    return kinds.ravel()


def _cells_near(scaled: Floats) -> Mask:
    """Which cells (row, column), those of the rim too, an edge comes through or next to."""
    begin, step = scaled, np.roll(scaled, -1, axis=0) - scaled
    pieces = np.maximum(np.ceil(2 * np.abs(step).max(axis=1)).astype(np.intp), 1)  # each at most half a cell long
    edge = np.repeat(np.arange(len(scaled)), pieces)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
    places = np.clip((begin[edge] + share[:, None] * step[edge]).astype(np.intp), 0, _CELLS - 1)
    near = np.zeros((_CELLS + 2, _CELLS + 2), np.bool_)
    for down in range(3):
        for right in range(3):
            near[places[:, 1] + down, places[:, 0] + right] = True
    return near


def _middles_inside(scaled: Floats) -> Mask:
    """Which middles of cells (row, column) are inside; it counts for cells that no edge comes near."""
    x0, y0, x1, y1 = _edges(scaled)
    first = np.ceil(np.minimum(y0, y1) - 0.5).astype(np.intp)  # rows whose middle an edge crosses
    crossed = np.maximum(np.ceil(np.maximum(y0, y1) - 0.5).astype(np.intp) - first, 0)
    edge = np.repeat(np.arange(len(scaled)), crossed)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    height = np.where(y1 == y0, 1.0, y1 - y0)[edge]
    at = x0[edge] + (row + 0.5 - y0[edge]) * (x1 - x0)[edge] / height
    left_of = np.clip(np.ceil(at - 0.5), 0, _CELLS).astype(np.intp)  # so many middles of the row lie left of the edge
    row = np.clip(row, 0, _CELLS - 1)
    crossings = np.zeros((_CELLS, _CELLS + 1), np.intp)
    np.add.at(crossings, (row, left_of), 1)
    to_the_right = crossings[:, ::-1].cumsum(axis=1)[:, ::-1]
    return to_the_right[:, 1:] % 2 == 1
