"""Work that can wait a moment, done piece by piece between two turns of the event loop, so that no turn takes long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid


class Turns(QObject):
    """A queue of actions, one a turn. An owner has one place in it; asking again before its turn changes nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[QObject, Callable[[], object]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    def ask(self, owner: QObject, action: Callable[[], object]) -> None:
        """Do `action` soon, unless `owner` is gone by then."""
        if owner not in self._waiting:
            self._waiting[owner] = action
            self._timer.start()

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def _next(self) -> None:
        if self._waiting:
            owner = next(iter(self._waiting))
            action = self._waiting.pop(owner)
            if isValid(owner):
                action()
        if not self._waiting:
            self._timer.stop()
