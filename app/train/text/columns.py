"""Which column of a table holds the text, or which several do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.widgets.parts import let_wheel_pass

SEVERAL = "several …"
_ROWS = 6
"""Columns that are in sight at once."""


def choice_box(name: str, about: str) -> QComboBox:
    """A choice between a few values, as narrow as its place."""
    box = QComboBox()
    box.setToolTip(about)
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    let_wheel_pass(box)
    return box


class ColumnChoice(QWidget):
    """One column to choose from a box; its last entry opens a list in which several are ticked.

    Signals:
        chosen: the names of the columns that are to be read, in the order of the table; none to have it found out.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.one = choice_box("Column", "The column, or key of the records, that holds the text")
        self.several = QListWidget()
        self.several.setToolTip("Every text of these columns is read")
        self.several.setAccessibleName("Columns")
        self.several.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.several.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.several.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.one)
        column.addWidget(self.several)
        self._columns: tuple[str, ...] = ()
        self.one.activated.connect(self._picked)
        self.several.itemChanged.connect(lambda _: self.chosen.emit(self.ticked))

    @property
    def ticked(self) -> tuple[str, ...]:
        """The columns that are ticked in the list."""
        items = (self.several.item(row) for row in range(self.several.count()))
        return tuple(item.text() for item in items if item.checkState() == Qt.CheckState.Checked)

    def close_list(self) -> None:
        """One column is the rule: another text begins with the box alone."""
        self.several.hide()

    def show_columns(self, columns: Sequence[str], chosen: Sequence[str]) -> None:
        """The columns to choose from, and those that are read."""
        with QSignalBlocker(self.one), QSignalBlocker(self.several):
            if tuple(columns) != self._columns:
                self._fill(columns)
            read = [name for name in columns if name in chosen]
            if len(read) > 1:
                self.several.show()
            open_list = not self.several.isHidden()
            for row in range(self.several.count()):
                item = self.several.item(row)
                item.setCheckState(Qt.CheckState.Checked if item.text() in read else Qt.CheckState.Unchecked)
            place = len(columns) if open_list else columns.index(read[0]) if read else -1
            self.one.setCurrentIndex(place)

    def _fill(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self.one.clear()
        self.several.clear()
        self.several.hide()
        for name in columns:
            self.one.addItem(name, name)
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setToolTip(name)
            self.several.addItem(item)
        if len(columns) > 1:
            self.one.addItem(SEVERAL, None)
        height = self.several.sizeHintForRow(0) if columns else 0
        self.several.setFixedHeight(min(len(columns), _ROWS) * height + 2 * self.several.frameWidth() + 2)

    def _picked(self, place: int) -> None:
        """One column, or the list, which is read from only once something in it is ticked otherwise."""
        name = self.one.itemData(place)
        if name is None:
            self.several.show()
        else:
            self.several.hide()
            self.chosen.emit((name,))
