"""How high the rows of a long list are, where only those that came into sight have been laid out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GUESS = 40  # logical pixels, before any row was laid out


class RowHeights:
    """Heights in logical pixels, measured or guessed, and what follows from them."""

    def __init__(self) -> None:
        self._heights: NDArray[np.int64] = np.zeros(0, np.int64)
        self._known: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._tops: NDArray[np.int64] | None = None

    def reset(self, count: int) -> None:
        """Have `count` rows, all to be measured anew; what is known of them, or of the others, is the guess."""
        guess = round(float(self._heights[self._known].mean())) if self._known.any() else _GUESS
        kept = self._heights[:count]
        self._heights = np.concatenate((kept, np.full(count - len(kept), guess, np.int64)))
        self._known = np.zeros(count, np.bool_)
        self._tops = None

    def put(self, row: int, height: int) -> None:
        """Row `row` is this high."""
        self._known[row] = True
        if self._heights[row] != height:
            self._heights[row] = height
            self._tops = None

    def is_known(self, row: int) -> bool:
        """Whether the row was measured."""
        return bool(self._known[row])

    def first_unknown(self) -> int:
        """The first row that was not measured; -1 if all were."""
        return -1 if self._known.all() else int(np.argmin(self._known))

    def top(self, row: int) -> int:
        """Where row `row` begins, in pixels from the top of the first; `top(count)` is the height of all."""
        if self._tops is None:
            self._tops = np.concatenate((np.zeros(1, np.int64), np.cumsum(self._heights)))
        return int(self._tops[row])

    @property
    def total(self) -> int:
        """The height of all rows together."""
        return self.top(len(self._heights))

    def row_at(self, y: int) -> int:
        """The row at `y` pixels from the top of the first; -1 above and beneath the rows."""
        if not 0 <= y < self.total:
            return -1
        assert self._tops is not None
        return int(np.searchsorted(self._tops, y, side="right")) - 1

    def between(self, y: int, height: int) -> range:
        """The rows that a view of `height` pixels shows, `y` pixels down."""
        first, last = self.row_at(max(0, y)), self.row_at(min(y + height, self.total) - 1)
        return range(first, last + 1) if first >= 0 and last >= 0 else range(0)
