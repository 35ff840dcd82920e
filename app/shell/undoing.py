"""Undo and redo: what the menu and the keys do, and what is told and shown of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.bench.tabs import KINDS
from app.core.history import History
from app.core.state import ExplorerState
from app.shell.actions import Actions

_LONGEST = 48  # signs of a step in the menu


class Undoing(QObject):
    """Keeps the two entries of the menu true to the history, and opens the tab in which something went back.

    Signals:
        told: what was undone or done again, in words.
    """

    told = Signal(str)

    def __init__(self, history: History, actions: Actions, state: ExplorerState) -> None:
        super().__init__()
        self._history, self._actions, self._state = history, actions, state
        actions.undo.triggered.connect(history.undo)
        actions.redo.triggered.connect(history.redo)
        history.changed.connect(self._show)
        history.went.connect(self._went)
        state.events.page.connect(self._show, check_nargs=False, max_args=0)
        self._show()

    def _show(self) -> None:
        """What can be undone is on the Explore page; out of its sight nothing of it changes."""
        exploring = self._state.page == "Explore"
        for action, name, words in (
            (self._actions.undo, "Undo", self._history.undoes),
            (self._actions.redo, "Redo", self._history.redoes),
        ):
            short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
            action.setText(f"{name}: {short}".replace("&", "&&") if words else name)
            action.setEnabled(bool(words) and exploring)

    def _went(self, words: str, how: str, features: Sequence[str]) -> None:
        """Rows come and go out of sight, as they are gathered; everything else is shown."""
        tabs = [kind.name for kind in KINDS if kind.name in features]
        if tabs and tabs != ["Table"] and "Maps" not in features and self._state.tab not in tabs:
            self._state.tab = tabs[0]
        self.told.emit(f"{how}: {words}")
