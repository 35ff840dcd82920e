"""Where sentences go from one variant's map to another's: the points of every map move to their places, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from app.run.atlas import Opened
from app.run.context import Context

if TYPE_CHECKING:
    from app.maps.view import MapView

LASTS_MS = 1400
FEW = 60_000
"""Points of a map up to which it moves fluently; more jump from the one place to the other."""
_FRAME_MS, _HELD = 16, 0.2
_CHANNEL = "drift"

Floats = NDArray[np.float32]


class Drifting(QObject):
    """Moves the points of maps from where another variant has them to where they are."""

    def __init__(self, context: Context) -> None:
        """Args: context: of the open run."""
        super().__init__()
        self._context = context
        self._maps: Mapping[str, MapView] = {}
        self._ways: list[tuple[MapView, Floats, Floats]] = []
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

    def _take(self, starts: Mapping[str, tuple[Floats, Floats]]) -> None:
        self._ways = [(self._maps[name], start, end) for name, (start, end) in starts.items()]
        if self._ways:
            self._clock.start()
            self._lay(0.0)
            self._timer.start()

    def stop(self) -> None:
        """Have all points at their own places at once."""
        self._timer.stop()
        self._lay(1.0)
        self._ways = []

    def forget(self) -> None:
        """Other maps are there, whose points are where they belong."""
        self._context.archive.forget(_CHANNEL)
        self._timer.stop()
        self._ways, self._maps = [], {}

    def _step(self) -> None:
        share = self._clock.elapsed() / LASTS_MS
        if share >= 1.0:
            self.stop()
        else:
            self._lay(_eased(share))

    def _lay(self, share: float) -> None:
        for view, start, end in self._ways:
            if len(end) <= FEW:
                view.lay(start + (end - start) * np.float32(share) if share < 1.0 else end)
            elif share in (0.0, 1.0):
                view.lay(end if share else start)


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


def _eased(share: float) -> float:
    """Slow at both ends, and still for a moment at the beginning, so that the eye has somewhere to start from."""
    moved = min(max((share - _HELD) / (1.0 - _HELD), 0.0), 1.0)
    return moved * moved * (3.0 - 2.0 * moved)
