"""A quiet line in each column, with more in its tooltip."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from app.core.values import Column
from app.widgets.labels import ElidedLabel
from app.widgets.parts import columns_layout, keep_room

_INDENT = 10  # logical pixels, where the sentences of the columns begin


class ColumnNotes(QWidget):
    """Notes on what stands beneath them in the columns of the maps."""

    def __init__(self) -> None:
        super().__init__()
        keep_room(self)
        self._row = columns_layout(self)
        self._labels: dict[str, ElidedLabel] = {}
        self._columns: tuple[Column, ...] = ()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns == self._columns:
            return
        self._columns = columns
        for label in self._labels.values():
            self._row.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._labels = {}
        for column in columns:
            label = ElidedLabel()
            label.setProperty("role", "label")
            label.setContentsMargins(_INDENT, 0, 0, 0)
            self._labels[column.name] = label
            self._row.addWidget(label, 1)

    def show_notes(self, notes: Mapping[str, tuple[str, str]]) -> None:
        """Text and tooltip by variant."""
        self.setVisible(bool(notes))
        for column in self._columns:
            text, tooltip = notes.get(column.name, ("", ""))
            label = self._labels[column.name]
            label.setText(text)
            label.setToolTip(tooltip)
            label.setAccessibleName(f"{column.label}: {text}" if text else "")

    @property
    def texts(self) -> list[str]:
        """What the columns say."""
        return [self._labels[column.name].text() for column in self._columns]
