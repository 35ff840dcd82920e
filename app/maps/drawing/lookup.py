"""Which point is under the pointer, and which comes next in a direction: a uniform grid over the points.

A sort by grid cell takes some 10 ms for a million points with compiled loops and some 60 without, and an answer well
under a millisecond, so nothing needs to be built before the pointer first comes over a map. What draws maps uses the
same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.maps.drawing.compiled import loading

CELLS = 255  # a side; cell numbers then fit 16 bits, which numpy sorts by radix


class PointGrid:
    """Nearest-point answers over points given as their `x` (n,) and `y` (n,). Those not finite are never found.

    Attributes:
        x, y: the others (k,), in the order of the cells in which they lie, row by row from the lowest.
        index: which points they are.
        starts: (CELLS * CELLS + 1,) where each cell begins.
        axes: of x and of y, where the cells begin, and cells per unit.
    """

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        kernels = loading.kernels()
        if kernels is not None:
            self._sort_compiled(kernels, x, y)
            return
        finite = np.isfinite(x)
        finite &= np.isfinite(y)
        kept = None if finite.all() else np.flatnonzero(finite)
        if kept is not None:
            x, y = x[kept], y[kept]
        self.axes = [_axis(values.min(), values.max()) if len(values) else _axis() for values in (x, y)]
        cell = self._cell(y, 1).astype(np.uint16)
        cell *= np.uint16(CELLS)
        cell += self._cell(x, 0).astype(np.uint16)
        order = np.argsort(cell, kind="stable")
        self.index = (order if kept is None else kept[order]).astype(np.int32)
        self.x, self.y = x[order], y[order]
        self.starts = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=CELLS * CELLS))))

    def _sort_compiled(self, kernels: Any, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        n, (x0, x1, y0, y1) = kernels.extent(x, y)
        self.axes = [_axis(x0, x1), _axis(y0, y1)] if n else [_axis(), _axis()]
        self.index = np.empty(n, np.int32)
        self.starts = np.zeros(CELLS * CELLS + 1, np.int64)
        numbers = [np.float32(number) for axis in self.axes for number in axis]
        self.x, self.y = np.empty((2, len(self.index)), np.float32)
        kernels.sort(x, y, *numbers, CELLS, self.index, self.starts, self.x, self.y)

    def nearest(self, x: float, y: float, radius: float, among: NDArray[np.bool_] | None = None) -> int:
        """Index of the point closest to (x, y), or -1 where none is within `radius` (data units).

        Args:
            among: (n,) only points where this is true may be found.
        """
        c0, c1 = (int(c) for c in self._cell(np.array([x - radius, x + radius]), 0))
        r0, r1 = (int(r) for r in self._cell(np.array([y - radius, y + radius]), 1))
        rows = np.arange(r0, r1 + 1) * CELLS
        begins, ends = self.starts[rows + c0], self.starts[rows + c1 + 1]
        kernels = loading.kernels()
        if kernels is not None:
            mask = np.zeros(0, np.bool_) if among is None else among
            found = kernels.nearest(self.x, self.y, self.index, begins, ends, x, y, radius, mask)
            return int(self.index[found]) if found >= 0 else -1
        slots = np.concatenate([np.arange(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)])
        if among is not None:
            slots = slots[among[self.index[slots]]]
        if not len(slots):
            return -1
        squared = (self.x[slots].astype(np.float64) - x) ** 2 + (self.y[slots].astype(np.float64) - y) ** 2
        best = int(np.argmin(squared))
        return int(self.index[slots[best]]) if squared[best] <= radius * radius else -1

    def count(self, x: float, y: float, radius: float) -> int:
        """How many points lie within `radius` (data units) of (x, y)."""
        c0, c1 = (int(c) for c in self._cell(np.array([x - radius, x + radius]), 0))
        r0, r1 = (int(r) for r in self._cell(np.array([y - radius, y + radius]), 1))
        found = 0
        for row in range(r0 * CELLS, (r1 + 1) * CELLS, CELLS):
            slots = slice(self.starts[row + c0], self.starts[row + c1 + 1])
            across, up = self.x[slots] - np.float32(x), self.y[slots] - np.float32(y)
            found += int(np.count_nonzero(across * across + up * up <= np.float32(radius * radius)))
        return found

    def toward(
        self, x: float, y: float, way: tuple[int, int], least: float, among: NDArray[np.bool_] | None = None
    ) -> int:
        """Index of the point nearest to (x, y) in a direction (see `next_toward`), or -1.

        Args:
            way: (1, 0), (-1, 0), (0, 1) or (0, -1): along x or y, in data coordinates.
            least: points up to this far away (data units) are passed over.
            among: (n,) only points where this is true may be found.
        """
        size = max(1.0 / self.axes[0][1], 1.0 / self.axes[1][1])  # of a cell
        farthest = sum(abs(at - low) + CELLS / per_unit for at, (low, per_unit) in zip((x, y), self.axes, strict=True))
        seen, reach = least, least + 2 * size
        while True:
            slots = self._cone(x, y, way, seen, reach)
            if among is not None:
                slots = slots[among[self.index[slots]]]
            found = next_toward(self.x[slots], self.y[slots], (x, y), way, least, reach)
            if found >= 0:
                return int(self.index[slots[found]])
            if reach > farthest:
                return -1
            seen, reach = reach, 1.5 * reach

    def _cone(self, x: float, y: float, way: tuple[int, int], seen: float, reach: float) -> NDArray[np.int64]:
        """Slots of all points from `seen` to `reach` in a direction, and of some beside them: whole cells."""
        low, per_unit = self.axes[1]
        r0, r1 = (int(r) for r in self._cell(np.array([y - reach, y + reach]), 1))
        rows = np.arange(max(0, r0 - 1), min(CELLS - 1, r1 + 1) + 1)
        below, above = low + (rows - 1) / per_unit - y, low + (rows + 2) / per_unit - y  # with a cell to spare
        if way[0]:
            start, end = np.maximum(0.0, np.maximum(below, -above)), np.full(len(rows), reach)
            left, right = (x + start, x + end) if way[0] > 0 else (x - end, x - start)
        else:
            wide = np.minimum(np.maximum(above if way[1] > 0 else -below, 0.0), reach)
            left, right = x - wide, x + wide
        within = np.sqrt(np.maximum(seen * seen - np.maximum(np.abs(below), np.abs(above)) ** 2, 0.0))
        c0, skip = np.maximum(self._cell(left, 0).astype(int) - 1, 0), self._cell(x - within, 0).astype(int) + 2
        c1, go_on = (
            np.minimum(self._cell(right, 0).astype(int) + 1, CELLS - 1),
            self._cell(x + within, 0).astype(int) - 1,
        )
        spans: list[NDArray[np.int64]] = []
        for r, a, b, first, last in zip(*(each.tolist() for each in (rows, c0, c1, skip, go_on)), strict=True):
            parts = ((a, min(b, first - 1)), (max(a, last), b)) if first < last else ((a, b),)
            spans += (np.arange(self.starts[r * CELLS + i], self.starts[r * CELLS + j + 1]) for i, j in parts if i <= j)
        return np.concatenate(spans) if spans else np.zeros(0, np.int64)

    def _cell(self, values: NDArray[np.floating], axis: int) -> NDArray[np.floating]:
        low, per_unit = self.axes[axis]
        return np.clip((values - values.dtype.type(low)) * values.dtype.type(per_unit), 0, CELLS - 1)


def _axis(low: float = 0.0, high: float = float(CELLS)) -> tuple[float, float]:
    """Lowest value, and cells per unit from there to the highest."""
    return float(low), CELLS / max(float(high) - float(low), 1e-30)


def next_toward(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    at: tuple[float, float],
    way: tuple[int, int],
    least: float = 0.0,
    reach: float = np.inf,
) -> int:
    """Which of the points x (k,), y (k,) comes next in a direction: the nearest within 45 degrees of it, or -1.

    Args:
        at: from where.
        way: along x or y, as in (1, 0).
        least: points up to this far away are passed over.
        reach: points farther away than this are left out.
    """
    across, up = x.astype(np.float64) - at[0], y.astype(np.float64) - at[1]
    along, beside = (way[0] * across, up) if way[0] else (way[1] * up, across)
    squared = across * across + up * up
    outside = (along < np.abs(beside)) | (squared <= least * least) | (squared > reach * reach)
    squared[outside] = np.inf
    if not len(squared):
        return -1
    best = int(np.argmin(squared))
    return best if np.isfinite(squared[best]) else -1
