"""The window of a path: how it is read, its steps, and what every variant says at each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.maps.tracing.state import FEWEST, MOST, Way
from app.maps.tracing.words import TITLE, WAYS
from app.widgets.parts import Segmented, label, put_number, spin_box
from app.widgets.sentences.column_heads import ColumnHeads
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Row

_WIDTH, _HEIGHT = 1100, 380  # logical pixels
_MARGIN = 40  # between its edges and those of the main window


class TraceWindow(QDialog):
    """It lies over the lower part of the window, so that the maps stay in sight, and blocks nothing.

    Closing it, or Escape, rejects the path.

    Signals:
        way_chosen: "drawn" or "sentences".
        places_changed: at how many places a line is to be read.
        step_chosen: the number of a step, counted from 0, that was clicked or reached by keys.
        sentence_chosen: the number of a step whose test sentence was clicked.
        undo_wanted: what was done last is to be undone, or done again where that is False.
    """

    way_chosen = Signal(str)
    places_changed = Signal(int)
    step_chosen = Signal(int)
    sentence_chosen = Signal(int)
    undo_wanted = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.way = Segmented(WAYS)
        self.way.chosen.connect(self.way_chosen)
        self.places = spin_box(FEWEST, MOST, "Places of the line that are read")
        self.places.valueChanged.connect(self.places_changed)
        self._places = label("places", role="muted")
        self._about = label(role="muted", wrap=True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._heads = ColumnHeads()
        self.grid = SentenceGrid("Steps of the path")
        self.grid.row_pressed.connect(self.step_chosen)
        self.grid.cell_chosen.connect(lambda row, column: self.sentence_chosen.emit(row) if not column else None)
        for keys, undo in ((QKeySequence.StandardKey.Undo, True), (QKeySequence.StandardKey.Redo, False)):
            QShortcut(keys, self).activated.connect(lambda undo=undo: self.undo_wanted.emit(undo))
        top = QHBoxLayout()
        top.setSpacing(8)
        for part in (self.way, self._places, self.places):
            top.addWidget(part)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._about)
        column.addWidget(self._heads)
        column.addWidget(self.grid, 1)
        self.grid.setFocus()
        self._over, self._laid = parent, QRect()

    def showEvent(self, event: QShowEvent) -> None:
        """It keeps to where it was put, unless the main window is elsewhere by now."""
        if self._laid != self._over.geometry():
            self._laid = self._over.geometry()
            self._lay_over(self._over)
        super().showEvent(event)

    def _lay_over(self, parent: QWidget) -> None:
        width = min(_WIDTH, parent.width() - 2 * _MARGIN)
        height = min(_HEIGHT, parent.height() // 2 - _MARGIN)
        at = parent.mapToGlobal(parent.rect().bottomLeft())
        self.setGeometry(at.x() + (parent.width() - width) // 2, at.y() - _MARGIN // 2 - height, width, height)

    def set_way(self, way: Way, places: int) -> None:
        """How the line is read."""
        self.setWindowTitle(TITLE[way])
        self.way.set_value(way)
        put_number(self.places, places)
        for part in (self._places, self.places):
            part.setVisible(way == "drawn")

    def show_steps(self, about: str, warns: bool, heads: Sequence[tuple[str, str]], rows: Sequence[Row]) -> None:
        """Show the steps, or without any in words why.

        Args:
            about: what they are.
            warns: whether that is something to beware of.
            heads: name and colour of each column.
            rows: the steps.
        """
        role = "warning" if warns else "muted"
        if self._about.property("role") != role:
            self._about.setProperty("role", role)
            self._about.style().unpolish(self._about)
            self._about.style().polish(self._about)
        self._about.setText(about)
        self._heads.set_heads(heads)
        self._heads.setVisible(bool(rows))
        self.grid.show_rows(rows)

    def set_at(self, at: int) -> None:
        """Emphasise a step; -1 for none."""
        if self.grid.current != at:
            self.grid.set_current(at)
