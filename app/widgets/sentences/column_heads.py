"""The heads of columns that stand in a window of their own, above a grid of sentences."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.parts import columns_layout


class ColumnHeads(QWidget):
    """A name over each column, with the colour of its variant where it is one's."""

    def __init__(self) -> None:
        super().__init__()
        self._row = columns_layout(self)
        self._heads: tuple[tuple[str, str], ...] = ()

    def set_heads(self, heads: Sequence[tuple[str, str]]) -> None:
        """Args: heads: name and colour of each column, "" for none."""
        if tuple(heads) == self._heads:
            return
        self._heads = tuple(heads)
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for name, colour in heads:
            self._row.addWidget(_Head(name, colour), 1)


class _Head(QWidget):
    def __init__(self, text: str, colour: str) -> None:
        super().__init__()
        name = ElidedLabel()
        name.setText(text)
        name.setProperty("role", "title")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        if colour:
            chip = ColourChip()
            chip.set_colour(colour)
            row.addWidget(chip)
        row.addWidget(name, 1)
