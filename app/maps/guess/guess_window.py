"""The window of a guess: what it is made from, what every variant says, and how much that varies around."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.core.values import Column
from app.maps.guess.words import TITLE
from app.widgets.parts import label
from app.widgets.sentences.column_heads import ColumnHeads
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Row

_WIDTH, _HEIGHT = 980, 380  # logical pixels


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
        self.resize(min(_WIDTH, parent.width() - 80), min(_HEIGHT, parent.height() - 80))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """A head for each of these variants."""
        self._heads.set_heads([(column.label, column.colour) for column in columns])

    def show_guess(self, about: str, rows: Sequence[Row]) -> None:
        """Say what it is made from, and what is decoded so far."""
        self._about.setText(about)
        self.grid.show_rows(rows)
