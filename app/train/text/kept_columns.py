"""Which columns of a table stay beside its sentences."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy

_ABOUT = "Columns that stay beside their sentences: maps can be coloured by them, sentences found and chosen by them"
FOUND_OUT = "As found out"


class KeptColumns(QPushButton):
    """A button that names what is kept; its menu has a tick for every column that could be.

    Signals:
        chosen: the names of the columns that are to be kept, in the order of the table; None to have it found out.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(_ABOUT)
        self.setAccessibleName("Kept beside")
        self.setProperty("role", "field")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._columns: tuple[str, ...] = ()
        self._kept: tuple[str, ...] = ()
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self._found_out = True

    @property
    def said(self) -> str:
        """What the button names."""
        return self.text()

    def show_columns(self, columns: Sequence[str], kept: Sequence[str], found_out: bool) -> None:
        """The columns to choose from, those that are kept, and whether that was found out."""
        self._columns, self._found_out = tuple(columns), found_out
        self._kept = tuple(name for name in columns if name in kept)
        named = self._kept[0] if len(self._kept) == 1 else f"{len(self._kept)} of {len(self._columns)} columns"
        self.setText((named if self._kept else "nothing").replace("&", "&&"))

    def _fill(self) -> None:
        self._menu.clear()
        free = self._menu.addAction(FOUND_OUT)
        free.setCheckable(True)
        free.setChecked(self._found_out)
        free.triggered.connect(lambda _: self.chosen.emit(None))
        self._menu.addSeparator()
        for name in self._columns:
            entry = self._menu.addAction(name.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(name in self._kept)
            entry.toggled.connect(lambda on, name=name: self._tick(name, on))

    def _tick(self, name: str, on: bool) -> None:
        ticked = {*self._kept, name} if on else {*self._kept} - {name}
        self.chosen.emit(tuple(each for each in self._columns if each in ticked))
