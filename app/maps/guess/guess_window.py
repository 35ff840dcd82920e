"""The window of a guess: what it is made from, what every variant says, and how much that varies around."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.core.values import Column
from app.maps.guess.words import TITLE
from app.widgets.parts import label
from app.widgets.sentences.column_heads import ColumnHeads
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Row

_WIDTH, _HEIGHT, _LEAST, _GAP = 980, 380, 300, 8  # logical pixels


class GuessWindow(QDialog):
    """It lies beside the maps and blocks nothing. Closing it, or Escape, rejects the guess."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self._about = label(role="warning", wrap=True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._heads = ColumnHeads()
        self.grid = SentenceGrid("Sentences of the guess")
        column = QVBoxLayout(self)
        column.addWidget(self._about)
        column.addWidget(self._heads)
        column.addWidget(self.grid, 1)

    def stand_beneath(self, maps: QWidget, mark: QPoint) -> None:
        """Stand where the maps can be seen, beneath them; where that leaves no room, where a mark on them can.

        Args:
            maps: in the window that it belongs to.
            mark: on the screen.
        """
        around = QRect(maps.window().mapToGlobal(QPoint()), maps.window().size())
        top = maps.mapToGlobal(QPoint(0, maps.height())).y() + _GAP
        room = around.bottom() - top - _GAP
        height = min(_HEIGHT, max(room, _LEAST), around.height() - 2 * _GAP)
        if room < height:
            top = around.bottom() - _GAP - height
            if mark.y() >= top - _GAP:
                top = around.top() + _GAP
        self.resize(min(_WIDTH, around.width() - 80), height)
        self.move(around.left() + (around.width() - self.width()) // 2, top)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """A head for each of these variants."""
        self._heads.set_heads([(column.label, column.colour) for column in columns])

    def show_guess(self, about: str, rows: Sequence[Row]) -> None:
        """Say what it is made from, and what is decoded so far."""
        self._about.setText(about)
        self.grid.show_rows(rows)
