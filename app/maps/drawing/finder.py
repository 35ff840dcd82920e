"""Which point of a map is meant: by the pointer, or by a step in a direction. Places are in data coordinates.

A large map takes a moment until it can be asked. That is prepared in another thread, once it is wanted first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from app.core.jobs.aside import aside
from app.maps.drawing.lookup import PointGrid, next_toward

_QUICK = 200_000  # points that are prepared within some milliseconds, and at once
_FEW = 300_000  # points that are looked through one by one within some milliseconds
_LOOK_MS = 15


class PointFinder(QObject):
    """Finds points, those that are not dimmed first, and keeps what is to be done until it can."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._x = self._y = np.zeros(0, np.float32)
        self._dimmed: NDArray[np.bool_] | None = None
        self._bright: NDArray[np.int64] | None = None
        self._grid: PointGrid | None = None
        self._deeds: list[Callable[[], object]] = []
        self._look: Callable[[], object] | None = None
        self._made: list[PointGrid] = []  # where the one arrives that is made in another thread
        self._arrival = QTimer(self)
        self._arrival.setInterval(_LOOK_MS)
        self._arrival.timeout.connect(self._arrived)

    def set_points(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        """Find these points (n,), none of them dimmed. Those that are not finite are never found."""
        self._x, self._y = x, y
        self._grid = self._dimmed = self._bright = self._look = None
        self._deeds = []
        self._arrival.stop()

    def set_dimmed(self, mask: NDArray[np.bool_] | None) -> None:
        """Which points (n,) are found only where there is no other; None for none."""
        self._dimmed, self._bright = mask, None

    def do(self, deed: Callable[[], object]) -> None:
        """Do something that takes points to be found: now, or once they can be, one deed after the other."""
        if self.prepare():
            deed()
        else:
            self._deeds.append(deed)
            self._look = None  # a key may take what is pointed at elsewhere

    def look(self, look: Callable[[], object]) -> None:
        """As `do`, for what follows the pointer: only the newest counts, and takes the place of no deed."""
        if self.prepare():
            look()
        else:
            self._look = look

    def look_away(self, look: Callable[[], object]) -> None:
        """The pointer has left: what follows from that follows once more after deeds that wait."""
        self._look = look if self._deeds else None

    def prepare(self) -> bool:
        """Whether points can be found already; if not, that is prepared."""
        if self._grid is None and not self._arrival.isActive():
            x, y = self._x, self._y
            if len(x) <= _QUICK:
                self._grid = PointGrid(x, y)
            else:
                made = self._made = []
                aside(lambda: made.append(PointGrid(x, y)))
                self._arrival.start()
        return self._grid is not None

    def take(self, grid: PointGrid) -> None:
        """Use a grid of these points; that in which they are drawn, so that there is only one."""
        first, self._grid, self._made = self._grid is None, grid, []
        self._arrival.stop()
        if first:
            waiting, self._deeds, self._look = [*self._deeds, self._look], [], None
            for each in waiting:
                if each is not None:
                    each()

    def _arrived(self) -> None:
        if self._made:
            self.take(self._made.pop())

    def near(self, x: float, y: float, radius: float) -> int:
        """The point nearest to a place within a radius, or -1. Points that are not dimmed come first."""
        if not self.prepare() or self._grid is None:
            return -1
        found = -1 if self._dimmed is None else self._grid.nearest(x, y, radius, ~self._dimmed)
        return found if found >= 0 else self._grid.nearest(x, y, radius)

    def count(self, x: float, y: float, radius: float) -> int:
        """How many points lie within a radius of a place, dimmed or not; 0 while that cannot be said."""
        return self._grid.count(x, y, radius) if self.prepare() and self._grid is not None else 0

    def toward(self, index: int, way: tuple[int, int], least: float) -> int:
        """The point that comes next after the point `index` in a direction, of those not dimmed; -1 if none does.

        Args:
            way: along x or y, as in (1, 0).
            least: points up to this far away are passed over.
        """
        if not self.prepare() or self._grid is None:
            return -1
        at, bright = (float(self._x[index]), float(self._y[index])), self._undimmed()
        if bright is not None and len(bright) <= _FEW:
            found = next_toward(self._x[bright], self._y[bright], at, way, least)
            return int(bright[found]) if found >= 0 else -1
        return self._grid.toward(*at, way, least, None if self._dimmed is None else ~self._dimmed)

    def nearest(self, x: float, y: float, radius: float, farthest: float) -> int:
        """The point nearest to a place, of those not dimmed; -1 if all are.

        Args:
            radius: where to begin; it grows until there is a point.
            farthest: from the place to any point, at most.
        """
        if not self.prepare() or self._grid is None:
            return -1
        bright = self._undimmed()
        if bright is not None and len(bright) <= _FEW:
            squared = (self._x[bright].astype(np.float64) - x) ** 2 + (self._y[bright].astype(np.float64) - y) ** 2
            return int(bright[np.argmin(squared)]) if len(bright) else -1
        among = None if self._dimmed is None else ~self._dimmed
        while (found := self._grid.nearest(x, y, radius, among)) < 0 and radius < farthest:
            radius *= 2
        return found

    def _undimmed(self) -> NDArray[np.int64] | None:
        """Which points are not dimmed; None while none is."""
        if self._dimmed is not None and self._bright is None:
            self._bright = np.flatnonzero(~self._dimmed & np.isfinite(self._x) & np.isfinite(self._y))
        return self._bright
