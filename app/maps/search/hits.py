"""What a search has found: which sentences, the one that is clicked, and their texts as far as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.run.atlas import Opened
from app.run.context import Context

_AT_ONCE = 32  # sentences that are read between two other requests

Tell = Callable[[int, Sequence[str]], None]


class Hit(Protocol):
    """A state that keeps which of some sentences is clicked: its place among them, or -1."""

    hit: int


class Hits(QObject):
    """The hits of the search in the order of the test text. A row is a place among them, from 0.

    Attributes:
        places: (hits,) indices of the test sentences, ascending.

    Signals:
        changed: there are other hits than before, or none any more.
        chosen: the index of a test sentence that is to be clicked.
        failed: why their texts could not be read.
    """

    changed = Signal()
    chosen = Signal(int)
    failed = Signal(str)

    def __init__(self, context: Context, state: Hit, name: str = "hits") -> None:
        """Args: context: of the open run; state: to keep `hit` in; name: of what they are, which no others have."""
        super().__init__()
        self._context, self._state = context, state
        self._channel = f"texts of {name}"
        self._wish, self._at = 0, -1  # the row from which the way goes on
        self.places: NDArray[np.int64] = np.zeros(0, np.int64)

    def take(self, mask: NDArray[np.bool_] | None) -> None:
        """The search has found these of the sentences (n,); None: nothing is searched."""
        self.places = np.zeros(0, np.int64) if mask is None else np.flatnonzero(mask)
        self._at = -1
        self.follow(self._context.state.selection)
        self._context.archive.forget(self._channel)
        self.changed.emit()
        wish, self._wish = self._wish, 0
        if wish and mask is not None:
            self.step(wish)

    def step_later(self, by: int) -> None:
        """As `step`, once the search has found what is under way."""
        self._wish = by

    def step(self, by: int) -> None:
        """Choose the next hit (1) or the one before (-1), round the ends; the first or the last to begin with."""
        count, now = len(self.places), self._at
        if count:
            self.choose((now + by) % count if now >= 0 else 0 if by > 0 else count - 1)

    def choose(self, row: int) -> None:
        """Choose a hit: its sentence is to be clicked."""
        if 0 <= row < len(self.places):
            self._state.hit = self._at = row
            self.chosen.emit(int(self.places[row]))

    def follow(self, index: int) -> None:
        """A test sentence is clicked, or none (-1); if it is a hit, it is marked, and the search goes on from there."""
        row = int(np.searchsorted(self.places, index))
        self._state.hit = row if row < len(self.places) and self.places[row] == index else -1
        if self._state.hit >= 0:
            self._at = row

    def read(self, rows: range, tell: Tell) -> None:
        """Read the texts of some rows beside the window's thread; what was to be read before is given up.

        Args:
            rows: one after the other.
            tell: gets a row and the texts from there on, again and again.
        """
        work = partial(_read, places=self.places[rows.start : rows.stop].tolist(), first=rows.start)
        self._context.archive.ask(self._channel, work, lambda found: tell(*found), self._finished)

    def _finished(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)


def _read(opened: Opened, places: Sequence[int], first: int) -> Iterator[tuple[int, list[str]]]:
    if opened.atlas is not None:
        for start in range(0, len(places), _AT_ONCE):
            yield first + start, [opened.atlas.sentence(index) for index in places[start : start + _AT_ONCE]]
