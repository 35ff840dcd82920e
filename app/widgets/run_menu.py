"""A menu of the runs that can be opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget


class RunMenu(QMenu):
    """Lists the names that it was told last, and asks for newer ones whenever it is about to be seen.

    Signals:
        asked: the names may have changed; `set_names` is to be called with them.
        chosen: a run, by its name.
    """

    asked = Signal()
    chosen = Signal(str)

    def __init__(
        self, title: str, parent: QWidget, current: Callable[[], str] | None = None, others: Sequence[str] = ()
    ) -> None:
        """Make a menu.

        Args:
            title: where it is part of another menu.
            parent: owns it.
            current: gives the name that is open, which is marked; None where none is.
            others: entries that stand beneath the runs; `other` has their actions.
        """
        super().__init__(title, parent)
        self._current, self._names = current, tuple[str, ...]()
        self._group = QActionGroup(self)
        self.aboutToShow.connect(self.ask)
        self._end = self.addSeparator()
        self._end.setVisible(bool(others))
        self.other = [self.addAction(text) for text in others]
        self._fill()

    def ask(self) -> None:
        """It is about to be seen."""
        self._fill()
        self.asked.emit()

    def set_names(self, names: Sequence[str]) -> None:
        """The runs that there are."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._fill()

    def _fill(self) -> None:
        current = self._current() if self._current is not None else ""
        for action in self._group.actions():
            self.removeAction(action)
            action.deleteLater()
        for name in self._names:
            entry = self._group.addAction(name)
            entry.setCheckable(self._current is not None)
            entry.setChecked(name == current)
            entry.triggered.connect(lambda _=False, name=name: self.chosen.emit(name))
            self.insertAction(self._end, entry)
        self.setEnabled(bool(self._names or self.other))
