"""From state to views: what changed is shown once a turn of the event loop, however many answers came in meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer

Render = Callable[[], None]


class Refresh(QObject):
    """Calls the renders of what changed, in their order, at the next turn of the event loop.

    Args:
        renders: what shows something, with the names of the state's fields that concern it. A name belongs to the
            first of the states that has it.
        states: observable states, each with a group of signals `events`.
        one_a_turn: whether the window has its turn between two renders, which suits dear ones.
        in_view: whether anything is shown yet; see `show`.
    """

    def __init__(
        self,
        renders: Mapping[Render, Sequence[str]],
        states: Sequence[Any],
        one_a_turn: bool = False,
        in_view: bool = True,
    ) -> None:
        super().__init__()
        self._renders = renders
        self._one_a_turn, self._in_view = one_a_turn, in_view
        self._dirty: set[Render] = set(renders)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)
        for name in {name for names in renders.values() for name in names}:
            owner = next(state for state in states if hasattr(type(state), name) or hasattr(state, name))
            getattr(owner.events, name).connect(self._changed_callback(name))
        self._start()

    def everything(self) -> None:
        """Show all of the state anew, as after a change of theme."""
        self._dirty = set(self._renders)
        self._start()

    def mark(self, render: Render) -> None:
        """Something that is no field of a state has changed for this render."""
        self._dirty.add(render)
        self._start()

    @property
    def pending(self) -> bool:
        """Whether something is in view that is still to be shown."""
        return bool(self._dirty) and self._in_view

    def show(self, in_view: bool) -> None:
        """What changes while the views are out of sight is shown when they are in sight again."""
        self._in_view = in_view
        if in_view:
            self._start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Show nothing any more: the window is closed."""
        self.show(False)

    def flush(self) -> None:
        """Show what changed, now."""
        self._timer.stop()
        while self._dirty and self._in_view:
            self._next()

    def _turn(self) -> None:
        if not self._one_a_turn:
            self.flush()
        elif self._dirty and self._in_view:
            self._next()
            self._start()

    def _next(self) -> None:
        render = next(each for each in self._renders if each in self._dirty)
        self._dirty.discard(render)
        render()

    def _start(self) -> None:
        if self._dirty and self._in_view:
            self._timer.start()

    def _changed_callback(self, name: str) -> Callable[[], None]:
        concerned = [render for render, names in self._renders.items() if name in names]

        def changed() -> None:
            self._dirty.update(concerned)
            self._start()

        return changed
