"""Square cells over a map, in which points are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELLS = 256
"""Cells along the longer side of a map."""
_EDGE = 0.002
"""Share of the points beyond which the ends of an axis may be strays, and the grid does not reach far after them."""
_LOOKED_AT = 1_000_000
"""Points by which the ends of an axis are found, evenly among all: more tell no more."""
_AT_ONCE = 1 << 19
"""Points that are counted at a time, so that millions take little memory besides their own."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a map: the lower left corner, and the length of a side."""

    x: float
    y: float
    side: float
    columns: int
    rows: int

    def cells(self, coords: NDArray[np.floating]) -> NDArray[np.int64]:
        """(n,) the cell of each point, -1 for those outside."""
        with np.errstate(invalid="ignore"):
            column = np.floor((coords[:, 0] - self.x) / self.side)
            row = np.floor((coords[:, 1] - self.y) / self.side)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        cell = np.where(inside, row, 0.0).astype(np.int64) * self.columns
        cell += np.where(inside, column, 0.0).astype(np.int64)
        cell[~inside] = -1
        return cell

    def counts(self, coords: NDArray[np.floating]) -> NDArray[np.float64]:
        """(rows, columns) how many of the points lie in each cell."""
        made = np.zeros(self.rows * self.columns, np.int64)
        for start in range(0, len(coords), _AT_ONCE):
            cell = self.cells(coords[start : start + _AT_ONCE])
            made += np.bincount(cell[cell >= 0], minlength=len(made))
        return made.reshape(self.rows, self.columns).astype(np.float64)

    def middle(self, cell: int) -> tuple[float, float]:
        """The middle of a cell."""
        return self.x + (cell % self.columns + 0.5) * self.side, self.y + (cell // self.columns + 0.5) * self.side


def grid_over(coords: NDArray[np.floating], least: int) -> Grid | None:
    """The cells of a map (n, 2); None where fewer than `least` of its points are finite, or all of them coincide."""
    finite = coords[np.isfinite(coords).all(axis=1)]
    if len(finite) < least:
        return None
    some = finite[:: -(-len(finite) // _LOOKED_AT)].astype(np.float64)
    low, high = np.quantile(some, (_EDGE, 1 - _EDGE), axis=0)
    reach = high - low
    low, high = np.maximum(finite.min(axis=0), low - 0.25 * reach), np.minimum(finite.max(axis=0), high + 0.25 * reach)
    side = float((high - low).max()) / CELLS
    if not side > 0:
        return None
    columns, rows = (max(1, int(np.ceil(length / side)) + 1) for length in high - low)
    return Grid(float(low[0]) - side / 2, float(low[1]) - side / 2, side, columns, rows)
