"""The window of a guess: what it is made from, what every variant says, and how much that varies around."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.core.values import Column
from app.maps.guess.words import TITLE
from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.parts import columns_layout, label
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
        self._heads = QWidget()
        self._row = columns_layout(self._heads)
        self.grid = SentenceGrid("Sentences of the guess")
        column = QVBoxLayout(self)
        column.addWidget(self._about)
        column.addWidget(self._heads)
        column.addWidget(self.grid, 1)
        self.resize(min(_WIDTH, parent.width() - 80), min(_HEIGHT, parent.height() - 80))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """A head for each of these variants."""
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for column in columns:
            self._row.addWidget(_Head(column), 1)

    def show_guess(self, about: str, rows: Sequence[Row]) -> None:
        """Say what it is made from, and what is decoded so far."""
        self._about.setText(about)
        self.grid.show_rows(rows)


class _Head(QWidget):
    def __init__(self, column: Column) -> None:
        super().__init__()
        chip, name = ColourChip(), ElidedLabel()
        chip.set_colour(column.colour)
        name.setText(column.label)
        name.setProperty("role", "title")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.addWidget(chip)
        row.addWidget(name, 1)
