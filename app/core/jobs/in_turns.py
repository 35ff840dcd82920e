"""Work that only the window's thread can do, in pieces, so that the window has its turn in between."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QTimer

from engine.errors import LoomError

A_TURN = 0.02
"""Seconds of work after which the window has its turn; one piece may take longer."""


class InTurns(QObject):
    """Goes through generators, one after the other."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Args: parent: with which it ends."""
        super().__init__(parent)
        self._waiting: deque[tuple[Generator[None, None, Any], Callable[[Any], None], Callable[[LoomError], None]]]
        self._waiting = deque()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.take_turn)

    @property
    def busy(self) -> bool:
        """Whether one is not through."""
        return bool(self._waiting)

    def add(
        self, pieces: Generator[None, None, Any], done: Callable[[Any], None], failed: Callable[[LoomError], None]
    ) -> None:
        """Go through one after those that wait.

        Args:
            pieces: does a piece at each step.
            done: called with what it returns.
            failed: called with what went wrong; whatever is no `LoomError` is raised, and ends this one alone.
        """
        self._waiting.append((pieces, done, failed))
        self._timer.start()

    def take_turn(self) -> None:
        """Do as many pieces of the first as a turn has room for."""
        if not self._waiting:
            return
        pieces, done, failed = self._waiting.popleft()
        until = time.monotonic() + A_TURN
        try:
            next(pieces)
            while time.monotonic() < until:
                next(pieces)
        except StopIteration as end:
            done(end.value)
        except LoomError as error:
            failed(error)
        else:
            self._waiting.appendleft((pieces, done, failed))
        finally:
            if self._waiting:
                self._timer.start()

    def clear(self) -> None:
        """Give up what is not through."""
        while self._waiting:
            self._waiting.popleft()[0].close()
        self._timer.stop()
