"""Rows of sentences in the columns of the maps, with one scroll bar for all: steps, samples, the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from app import theme
from app.views.parts import EDGE, SPACING


@dataclass(frozen=True, slots=True)
class Cell:
    """One sentence of the grid, as rich text. `edge` is the colour of its variant, for the emphasised row."""

    html: str = ""
    tooltip: str = ""
    edge: str = ""


class CellLabel(QLabel):
    """Draws the background of the emphasised row itself, as a style sheet for every cell would be slow."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setContentsMargins(10, 2, 6, 2)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._emphasised = False
        self._cell = Cell()

    def show_cell(self, cell: Cell) -> None:
        """Show a sentence; unchanged ones are not laid out again."""
        if cell != self._cell:
            self._cell = cell
            self.setText(cell.html)
            self.setToolTip(cell.tooltip)
            self.update()

    def set_emphasised(self, emphasised: bool) -> None:
        """Whether this cell belongs to the current row."""
        if emphasised != self._emphasised:
            self._emphasised = emphasised
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click makes the row the current one."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The background of the current row, then the text."""
        if self._emphasised and self._cell.edge:
            now = theme.current()
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.raised))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
            painter.setBrush(QColor(now.readable(self._cell.edge)))
            painter.drawRoundedRect(QRectF(0, 3, 3, self.height() - 6), 1.5, 1.5)
            painter.end()
        super().paintEvent(event)


class SentenceGrid(QScrollArea):
    """Cells in rows; a row may have one widget over its whole width above it (a heading)."""

    row_pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        right = max(0, EDGE - self.verticalScrollBar().sizeHint().width())
        self._grid.setContentsMargins(EDGE, 0, right, 4)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(0)
        self.setWidget(self._body)
        self._cells: list[list[CellLabel]] = []
        self._headings: list[QWidget] = []
        self._current = -1
        self.verticalScrollBar().rangeChanged.connect(self._show_handle)
        self._show_handle(0, 0)

    def show_rows(self, rows: Sequence[Sequence[Cell]], headings: Sequence[QWidget] = ()) -> None:
        """Show these rows (all of one width). Labels are used again, so that a stream of answers does not flicker.

        Args:
            rows: their cells.
            headings: none, or one widget a row. Those that were given before come first, in the same order; they stay
                where they are, as laying out hundreds of them anew would hold up the window.
        """
        width = len(rows[0]) if rows else 0
        if self._cells and len(self._cells[0]) != width:
            self._drop_headings(0)  # they span another number of columns
        self._drop_headings(len(headings))
        self._fit(len(rows), width)
        for i in range(len(self._headings), len(headings)):
            self._grid.addWidget(headings[i], 2 * i, 0, 1, max(1, width))
            headings[i].show()
        self._headings = list(headings)
        for row, labels in zip(rows, self._cells, strict=True):
            for cell, cell_label in zip(row, labels, strict=True):
                cell_label.show_cell(cell)
        self._emphasise()

    def set_current(self, row: int) -> None:
        """Emphasise a row and keep it in sight; -1 for none."""
        self._current = row
        self._emphasise()
        self._reveal()

    @property
    def texts(self) -> list[list[str]]:
        """The rich text of every cell."""
        return [[cell.text() for cell in row] for row in self._cells]

    def _show_handle(self, low: int, high: int) -> None:
        """The bar keeps its room, so that the columns stay in line, but shows its handle only if there is a use."""
        self._reveal()
        bar = self.verticalScrollBar()
        style = "" if high > low else "QScrollBar::handle { background: transparent; }"
        if bar.styleSheet() != style:
            bar.setStyleSheet(style)

    def _reveal(self) -> None:
        if 0 <= self._current < len(self._cells) and self._cells[self._current]:
            self.ensureWidgetVisible(self._cells[self._current][0], 0, 24)

    def _emphasise(self) -> None:
        for i, row in enumerate(self._cells):
            for cell_label in row:
                cell_label.set_emphasised(i == self._current)

    def _fit(self, rows: int, width: int) -> None:
        """Have `rows` x `width` labels in place."""
        if self._cells and len(self._cells[0]) != width:
            self._drop(0)
        self._drop(rows)
        while len(self._cells) < rows:
            i = len(self._cells)
            row = [CellLabel() for _ in range(width)]
            for column, cell_label in enumerate(row):
                cell_label.pressed.connect(lambda i=i: self.row_pressed.emit(i))
                self._grid.addWidget(cell_label, 2 * i + 1, column)
            self._cells.append(row)
        for column in range(max(width, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < width else 0)
        for row_index in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(row_index, 0)
        self._grid.setRowStretch(2 * rows + 1, 1)

    def _drop_headings(self, keep: int) -> None:
        for heading in self._headings[keep:]:
            self._grid.removeWidget(heading)
            heading.hide()
        del self._headings[keep:]

    def _drop(self, keep: int) -> None:
        for row in self._cells[keep:]:
            for cell_label in row:
                self._grid.removeWidget(cell_label)
                cell_label.hide()
                cell_label.deleteLater()
        del self._cells[keep:]
