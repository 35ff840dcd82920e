"""Linked maps in a window of their own, and what a person waits for there: a step of the wheel, the point under a hand.

What is timed is what a person sees: from the event of the wheel until the pictures of all maps have been painted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.values import Column
from app.launch import make_application
from app.maps.drawing.artist import FEW
from app.maps.drawing.compiled import loading
from app.maps.row import MapRow
from app.maps.view import MapView
from tests.benchmarks.bench_map import cloud
from tests.benchmarks.earlier_maps import EarlierMap, look

SIDE = 450  # logical pixels of a map
COLOURS = ("#56B4E9", "#1BB58A", "#E69F00", "#CC79A7")
IN_A_ROW = 10  # steps of the wheel in one direction
LIMIT = 120.0  # seconds after which a frame will not come any more


@dataclass(frozen=True)
class Frames:
    """Milliseconds of frames, and of the same views drawn as before."""

    taken: list[float]
    before: list[float]


class MapWindow:
    """Maps of the same points, each in an order of its own, coloured by a value of each point."""

    def __init__(self, coords: Sequence[np.ndarray], values: Sequence[np.ndarray]) -> None:
        self.application = make_application()
        theme.apply(self.application, "dark")
        loading.load()
        self._beat = QTimer()  # so that waiting ends even where nothing comes
        self._beat.start(100)
        self.row = MapRow()
        names = tuple(f"map {i + 1}" for i in range(len(coords)))
        self.row.set_columns(tuple(Column(name, name, COLOURS[i % 4]) for i, name in enumerate(names)))
        self.row.set_shown(names)
        self.row.set_ready()
        self.maps: list[MapView] = [panel.map for panel in self.row.panels.values()]
        for one, points, numbers in zip(self.maps, coords, values, strict=True):
            one.setFixedSize(SIDE, SIDE)
            one.set_points(points)
            one.set_colours(numbers, 0.0, 20.0)
        self.row.show()
        self.settle()
        if len(coords[0]) > FEW:  # the points are sorted a moment after the first picture
            self._wait(lambda: all(one._artist.grid is not None for one in self.maps))
        self.settle()

    def settle(self) -> None:
        """Wait until every map shows what it is to show."""
        maps = self.maps
        self._wait(
            lambda: self.row.drawn and all(one._image_camera == one._camera and not one._outdated for one in maps)
        )
        self.application.processEvents()  # paints the pictures that came last

    def _wait(self, done: Callable[[], bool]) -> None:
        end = time.perf_counter() + LIMIT
        while True:
            self.application.processEvents()
            if done():
                return
            assert time.perf_counter() < end, "the maps are never drawn"
            self.application.processEvents(
                QEventLoop.ProcessEventsFlag.WaitForMoreEvents
            )  # asleep until there are some

    def turn(self, step: int, at: QPointF) -> None:
        """Turn the wheel over the first map by a step, towards the screen (1) or away from it (-1)."""
        first = self.maps[0]
        event = QWheelEvent(
            at, QPointF(first.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * step), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(first, event)

    def frames(self, times: int, before: int) -> Frames:
        """Time steps of the wheel, in and out about changing places, and some of these views as drawn before.

        Args:
            times: frames.
            before: how many of these are drawn in the earlier way as well, in between.
        """
        random = np.random.default_rng(0)
        every = max(1, times // before) if before else times + 1
        earlier = [EarlierMap(one._points, SIDE) for one in self.maps] if before else []
        for one in earlier:
            one.show()
        self.application.processEvents()
        taken: list[float] = []
        long_ago: list[float] = []
        at = QPointF(SIDE / 2, SIDE / 2)
        for number in range(times):
            if number % (2 * IN_A_ROW) == 0:
                at = QPointF(*(SIDE * random.uniform(0.3, 0.7, 2)))
            seen = [one._image for one in self.maps]
            start = time.perf_counter()
            self.turn(1 if number // IN_A_ROW % 2 == 0 else -1, at)
            self.settle()
            taken.append(1e3 * (time.perf_counter() - start))
            assert all(one._image is not image for one, image in zip(self.maps, seen, strict=True)), "nothing was drawn"
            if before and number % every == every // 2:
                views = [(one._camera, one._camera.scale / one._home.scale) for one in self.maps]
                start = time.perf_counter()
                look(earlier, views)
                long_ago.append(1e3 * (time.perf_counter() - start))
        for one in earlier:
            one.close()
            one.deleteLater()
        return Frames(taken, long_ago)

    def picks(self, times: int) -> list[float]:
        """Milliseconds until the point under the pointer is known, at places all over a map that shows everything."""
        first, random = self.maps[0], np.random.default_rng(1)
        first.reset_view()
        self.settle()
        taken, found = [], 0
        for x, y in random.uniform(0.1 * SIDE, 0.9 * SIDE, (times, 2)):
            start = time.perf_counter()
            index = first.index_at(QPointF(x, y))
            taken.append(1e3 * (time.perf_counter() - start))
            found += index >= 0
        assert found, "the pointer was never over a point"
        return taken

    def close(self) -> None:
        """Take it away."""
        self._beat.stop()
        self.row.close()
        self.row.deleteLater()
        self.application.processEvents()


def frames_of(n: int, maps: int, times: int, before: int) -> dict[str, list[float]]:
    """Frames of so many maps of n points, in this process."""
    points, values = cloud(n)
    window = MapWindow([np.roll(points, 1000 * i, axis=0) for i in range(maps)], [values] * maps)
    found = window.frames(times, before)
    window.close()
    return asdict(found)
