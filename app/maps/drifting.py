"""Where sentences go: the points of a map move to their places from another variant's map, or from the map before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtGui import QMouseEvent

from app.run.atlas import Atlas, Opened
from app.run.context import Context

if TYPE_CHECKING:
    from app.maps.view import MapView

LASTS_MS, HELD = 1400, 0.2
"""Milliseconds of the way from another variant's map, and the share of them for which points are still at first, so
that the eye has somewhere to start from."""

CHANGES_MS = 500
"""Milliseconds of the way from the map before, whose places have been in view all along."""

FEW = 60_000
"""Points of a map up to which it moves fluently; more jump from the one place to the other."""
_FRAME_MS = 16
_CHANNEL = "drift"
_DEEDS = frozenset(
    (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.KeyPress,
        QEvent.Type.Wheel,
        QEvent.Type.ContextMenu,
    )
)
"""What a hand does to a map, of moves those with a button held: points on their way arrive before it is done."""

Floats = NDArray[np.float32]


class Drifting(QObject):
    """Moves the points of maps to where they are."""

    def __init__(self, context: Context) -> None:
        """Args: context: of the open run."""
        super().__init__()
        self._context = context
        self._atlas: Atlas | None = None
        self._maps: Mapping[str, MapView] = {}
        self._ways: list[tuple[MapView, Floats, Floats]] = []
        self._lasts, self._held = LASTS_MS, HELD
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._step)

    @property
    def running(self) -> bool:
        """Whether points are on their way."""
        return self._timer.isActive()

    def play(self, of: str, maps: Mapping[str, MapView]) -> None:
        """Let the points of these maps, by variant, come from their places on the map of `of`."""
        self.stop()
        self._maps = maps
        work = partial(_starts, of=of, variants=tuple(name for name in maps if name != of))
        self._context.archive.ask(_CHANNEL, work, self._take, lambda problem: None)

    def change(self, view: MapView, coords: Floats | None, before: Atlas | None) -> None:
        """Show a map in the place of the one that a view has, from where its points go there.

        They begin where they are seen, whatever part of the map was in view, and come to rest with all of the other map
        in view. Where there is nothing to follow they are there at once: `before`, the atlas that the view has shown,
        is not of the same sentences and models, or the view is hidden, or there are more points than `FEW`.
        """
        atlas, there = self._context.atlas, len(view.places[0])
        follows = atlas is not None and atlas.beside(before) and view.isVisible()
        if coords is not None and follows and 0 < there == len(coords) <= FEW:
            self._begin([*self._ways, (view, view.change_map(coords), coords)], CHANGES_MS, 0.0)
        else:
            view.set_points(coords)

    def _take(self, starts: Mapping[str, tuple[Floats, Floats]]) -> None:
        ways = [(self._maps[name], start, end) for name, (start, end) in starts.items()]
        if ways:
            self._begin(ways, LASTS_MS, HELD)

    def _begin(self, ways: list[tuple[MapView, Floats, Floats]], lasts: int, held: float) -> None:
        self._ways, self._lasts, self._held, self._atlas = ways, lasts, held, self._context.atlas
        for view, _, _ in ways:
            view.installEventFilter(self)
            view.set_beneath(moving=True)
        self._clock.start()
        self._lay(0.0)
        self._timer.start()

    def stop(self) -> None:
        """Have all points at their own places at once."""
        self._lay(1.0)
        self._end()

    def forget(self) -> None:
        """Other maps are there, whose points are where they belong."""
        self._context.archive.forget(_CHANNEL)
        self._end()
        self._maps = {}

    def _end(self) -> None:
        self._timer.stop()
        for view, _, _ in self._ways:
            view.removeEventFilter(self)
            view.set_beneath(moving=False)
        self._ways, self._atlas = [], None

    def _step(self) -> None:
        share = self._clock.elapsed() / self._lasts
        if self._context.atlas is not self._atlas:
            self._end()  # other maps are about to be shown, from where the points are now
        elif share >= 1.0:
            self.stop()
        else:
            self._lay(_eased(share, self._held))

    def _lay(self, share: float) -> None:
        for view, start, end in self._ways:
            if len(end) <= FEW:
                view.lay(start + (end - start) * np.float32(share) if share < 1.0 else end)
            elif share in (0.0, 1.0):
                view.lay(end if share else start)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Nothing is pointed at on the way; whatever else a hand does is done to points that have arrived."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove and not event.buttons():
            return True
        if event.type() in _DEEDS:
            self.stop()
        return False


def _starts(opened: Opened, of: str, variants: tuple[str, ...]) -> Iterator[dict[str, tuple[Floats, Floats]]]:
    """Where the points of each variant's map begin, and their own places; nothing of maps that are not there."""
    from engine.maps.telling.per_sentence import in_frame

    numbers = opened.atlas.numbers if opened.atlas is not None else {}
    reference = numbers[of].coords if of in numbers else None
    made: dict[str, tuple[Floats, Floats]] = {}
    for name in variants:
        own = numbers[name].coords if name in numbers else None
        if own is not None and reference is not None:
            made[name] = in_frame(reference, own), own
    yield made


def _eased(share: float, held: float) -> float:
    """Slow at both ends, and still for a share of the time at the beginning."""
    moved = min(max((share - held) / (1.0 - held), 0.0), 1.0)
    return moved * moved * (3.0 - 2.0 * moved)
