"""The picture of a long list of sentences in the columns of the maps, with one scroll bar for all.

The rows are painted, and only those in sight are laid out; the heights of the others are guessed and measured a few
at a time when nothing else happens. So whatever changes costs the same with ten rows and with ten thousand. What hand
and keyboard do is the subject of `sentence_grid`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from app.core import theme
from app.widgets.parts import EDGE, SPACING
from app.widgets.sentences.row_heights import RowHeights
from app.widgets.sentences.sentence_row import Columns, LaidRow, Row

_END = 4  # logical pixels beneath the last row
_RAIL = 2  # logical pixels of a variant's colour at the left of its column
_SLICE = 0.006  # seconds of measuring between two turns of the event loop
_KEPT = 200  # rows that stay laid out


class SentenceList(QAbstractScrollArea):
    """Paints rows: a current one is emphasised, one may be under the keyboard, one under the pointer."""

    def __init__(self, name: str) -> None:
        """Args: name: what the rows are, for assistive technology."""
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._width = 0
        self._heights = RowHeights()
        self._laid: dict[int, LaidRow] = {}
        self._current = self._cursor = self._hot = -1
        self._measuring = QTimer(self)
        self._measuring.setInterval(0)
        self._measuring.timeout.connect(self._measure_some)
        self._name = name
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setSingleStep(24)
        self._show_handle()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, all of one width. They may be made when they are asked for; only those in sight are."""
        self._rows = rows
        self._width = len(rows[0].cells) if rows else 0
        self._cursor = min(self._cursor, len(rows) - 1)
        self.setAccessibleName(f"{self._name}, {len(rows)} row{'s' * (len(rows) != 1)}")
        self._lay_out_anew()
        if self._current >= 0:
            self._reveal(self._current)

    def set_current(self, row: int) -> None:
        """Emphasise a row and keep it in sight; -1 for none."""
        self._current, self._cursor = row, min(row, len(self._rows) - 1)  # the rows may come later
        self._reveal(row)
        self.viewport().update()

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are shown."""
        return self._rows

    @property
    def current(self) -> int:
        """The emphasised row, or -1."""
        return self._current

    @property
    def texts(self) -> list[list[str]]:
        """The text of every cell."""
        return [[cell.text for cell in row.cells] for row in self._rows]

    def row_rect(self, row: int) -> QRect:
        """Where a row is, in pixels of the viewport; it may lie outside."""
        top = self._heights.top(row)
        return QRect(0, top - self._offset, self.viewport().width(), self._heights.top(row + 1) - top)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is, without its row's heading above it, in pixels of the viewport."""
        rect, laid = self.row_rect(row), self._row(row)
        left, width = self._columns().places[column]
        return QRectF(left, rect.top() + laid.heading_height, width, laid.height - laid.heading_height)

    def button_rect(self, row: int) -> QRectF:
        """Where the button of a row's heading is, in pixels of the viewport."""
        return self._row(row).button(self.row_rect(row).top())

    # where things are

    @property
    def _offset(self) -> int:
        return self.verticalScrollBar().value()

    def _columns(self) -> Columns:
        """As the columns of the window, whose right edge lies beneath the scroll bar."""
        right = self.viewport().width() - max(0, EDGE - self.verticalScrollBar().width())
        pitch = (right - EDGE + SPACING) / max(1, self._width)
        return Columns(tuple((EDGE + i * pitch, pitch - SPACING) for i in range(self._width)), right)

    def _row(self, index: int) -> LaidRow:
        laid = self._laid.get(index)
        if laid is None:
            if len(self._laid) >= _KEPT:
                self._laid.clear()
            laid = self._laid[index] = LaidRow(self._rows[index], self._columns())
            self._heights.put(index, laid.height)
        return laid

    def _lay_out_anew(self) -> None:
        self._laid.clear()
        self._heights.reset(len(self._rows))
        self._settle()
        self.viewport().update()

    def _lay_out_in_view(self) -> None:
        if self.isVisible():
            for index in self._heights.between(self._offset, self.viewport().height()):
                self._row(index)

    def _settle(self, at_end: bool = False) -> None:
        """Measure what is in sight, and give the scroll bar its range; the row at the top, or the last, stays there."""
        if not self.isVisible():
            return  # a list that nobody sees costs nothing; it is laid out when it is shown
        heights, height = self._heights, self.viewport().height()
        while unknown := [i for i in heights.between(self._offset, height) if not heights.is_known(i)]:
            first = heights.row_at(self._offset)
            within = self._offset - heights.top(first) if first >= 0 else 0
            for index in unknown:
                self._row(index)
            self._set_range(heights.total if at_end else heights.top(first) + within if first >= 0 else 0)
        self._set_range(self._offset)
        if heights.first_unknown() >= 0:
            self._measuring.start()

    def _set_range(self, value: int) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        highest = max(0, self._heights.total + _END - height) if len(self._rows) else 0
        with QSignalBlocker(bar):
            bar.setRange(0, highest)
            bar.setPageStep(height)
            bar.setValue(min(value, highest))
        self._show_handle()

    def _measure_some(self) -> None:
        """Lay out rows that are not in sight, to know their heights, for a moment."""
        end = time.perf_counter() + _SLICE
        first = self._heights.row_at(self._offset)
        within = self._offset - self._heights.top(first) if first >= 0 else 0
        while (index := self._heights.first_unknown()) >= 0 and time.perf_counter() < end:
            self._heights.put(index, LaidRow(self._rows[index], self._columns()).height)
        if index < 0 or not self.isVisible():
            self._measuring.stop()
        self._set_range(self._heights.top(first) + within if first >= 0 else 0)

    def _show_handle(self) -> None:
        """The bar keeps its room, so that the columns stay in line, but shows its handle only if there is a use."""
        bar = self.verticalScrollBar()
        style = "" if bar.maximum() > 0 else "QScrollBar::handle { background: transparent; }"
        if bar.styleSheet() != style:
            bar.setStyleSheet(style)

    def _reveal(self, row: int) -> None:
        """Bring a row into sight with as little movement as that takes."""
        if not 0 <= row < len(self._rows) or not self.isVisible():
            return
        height, index = self.viewport().height(), row
        room = height
        while index >= 0 and room > 0:  # the rows that may stand above it must be known, to end where it ends
            room -= self._row(index).height
            index -= 1
        top, bottom = self._heights.top(row), self._heights.top(row + 1) + _END
        if top < self._offset:
            self._set_range(top)
        elif bottom > self._offset + height:
            self._set_range(min(top, bottom - height))
        self._settle()
        self.viewport().update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight."""
        now = theme.current()
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index in self._heights.between(self._offset, self.viewport().height()):
                rect = self.row_rect(index)
                if not rect.intersects(event.rect()):
                    continue
                laid = self._row(index)
                if laid.row.heading is None:
                    self._paint_rails(painter, laid.row, rect)
                laid.paint(painter, rect.top(), index == self._current)
                button = laid.button(rect.top())
                if button:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(now.hover) if index == self._hot else Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(button, 4, 4)
                    theme.icon("close").paint(painter, button.toRect().adjusted(5, 5, -5, -5))
                if index == self._cursor and self.hasFocus():
                    painter.setPen(QPen(QColor(now.accent), 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(QRectF(rect).adjusted(EDGE - 3.5, 0.5, -1.5, -0.5), 4, 4)
            if self._cursor < 0 and self.hasFocus():
                painter.setPen(QPen(QColor(now.accent), 1))
                painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(EDGE - 3.5, 0.5, -1.5, -0.5), 4, 4)

    def _paint_rails(self, painter: QPainter, row: Row, rect: QRect) -> None:
        """Whose each column is, by the colour at its left, as at a card: it need not lie beneath its map."""
        for cell, (left, _) in zip(row.cells, self._columns().places, strict=True):
            if cell.edge:
                painter.fillRect(
                    QRectF(left, rect.top(), _RAIL, rect.height()), QColor(theme.current().readable(cell.edge))
                )

    def sizeHint(self) -> QSize:
        """Modest: the list takes the room it is given."""
        return QSize(400, 120)

    # events

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The rows that come into sight are laid out now."""
        bar = self.verticalScrollBar()
        self._settle(at_end=0 < bar.maximum() == bar.value())
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks the sentences elsewhere."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out_anew()
        else:
            self._settle()
        if self._current >= 0:
            self._reveal(self._current)

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what was given meanwhile."""
        super().showEvent(event)
        self._settle()
        self._reveal(self._current)

    def changeEvent(self, event: QEvent) -> None:
        """Other colours; the lines stay as they are broken."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._laid.clear()
            self.viewport().update()
            QTimer.singleShot(0, self, self._lay_out_in_view)  # in a turn of its own, before the window is painted
