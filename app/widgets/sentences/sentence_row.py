"""One row of sentences in the columns of the maps: what it says, how it is laid out, and how it is drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import overload

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout

from app.core import theme
from app.core.picks import Pick
from app.widgets.reading.direction import draw_text, text_option
from app.widgets.reading.marks import from_left
from app.widgets.sentences.rich_text import Span
from engine.right_to_left import reads_right_to_left

_LEFT, _RIGHT, _ABOVE = 10, 6, 2  # logical pixels around the text of a cell
_HEADING = 32  # height of a heading
BUTTON = 26  # side of its button
_GAP = 8
_NOTE = 0.5  # of the width of a heading is its note's, at least, where both are too long

_WIDE = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, slots=True)
class Cell:
    """One sentence. `edge` is the colour of its variant, for the emphasised row; `number` stands before it.

    `pick` is the sentence as it can be sent on, `room` the longest number of its column.
    """

    spans: tuple[Span, ...] = ()
    tooltip: str = ""
    edge: str = ""
    number: str = ""
    pick: Pick | None = None
    room: str = "10"

    @property
    def text(self) -> str:
        """The sentence without its marks."""
        return "".join(span.text for span in self.spans)

    @property
    def said(self) -> str:
        """The sentence alone, without what is noted about it."""
        return self.pick.text if self.pick is not None and not self.pick.is_point else self.text


@dataclass(frozen=True, slots=True)
class Heading:
    """A line across all columns: a text at the left, quiet if it only leads on, and a note at the right."""

    text: str
    note: str = ""
    tooltip: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, with a heading above them or without.

    `pick` is what the whole row can be sent on as: the points z of all its variants, or the sentence that it is about.
    """

    cells: tuple[Cell, ...]
    heading: Heading | None = None
    pick: Pick | None = None

    @property
    def text(self) -> str:
        """The heading and the sentences with tabs between them, as a spreadsheet takes them."""
        heading = [self.heading.text] if self.heading is not None else []
        return "\t".join([*heading, *(cell.said for cell in self.cells)])


class LazyRows(Sequence[Row], ABC):
    """Rows that are made when they come into sight: of a long list most never do."""

    @abstractmethod
    def row(self, index: int) -> Row:
        """The row at a place, counted from 0."""

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        places = range(len(self))
        return [self.row(i) for i in places[index]] if isinstance(index, slice) else self.row(places[index])


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns lie: their left edges and widths in logical pixels, and the right edge of a heading."""

    places: tuple[tuple[float, float], ...]
    right: float

    def at(self, x: float) -> int:
        """The column at `x`, or -1."""
        return next((i for i, (left, width) in enumerate(self.places) if left <= x < left + width), -1)


class LaidRow:
    """A row broken into lines for given columns, in the colours of the theme of now."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self.row = row
        self._columns = columns
        self.heading_height = _HEADING if row.heading is not None else 0
        pairs = zip(row.cells, columns.places, strict=True)
        self._texts = [_broken(cell, width) for cell, (_, width) in pairs]
        lines = max((text.lineCount() for text in self._texts if text is not None), default=1)
        self.height = self.heading_height + 2 * _ABOVE + max(1, lines) * _line_height()

    def button(self, y: float) -> QRectF:
        """Where the heading's button is, for a row drawn `y` pixels down; empty without a heading."""
        if self.row.heading is None:
            return QRectF()
        return QRectF(self._columns.right - BUTTON, y + _HEADING - BUTTON, BUTTON, BUTTON)

    def paint(self, painter: QPainter, y: float, emphasised: bool) -> None:
        """Draw the row `y` pixels down; its button is left to the list."""
        if self.row.heading is not None:
            self._paint_heading(painter, self.row.heading, y)
        now = theme.current()
        top, height = y + self.heading_height, self.height - self.heading_height
        for cell, text, (left, width) in zip(self.row.cells, self._texts, self._columns.places, strict=True):
            if emphasised and cell.edge:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(now.raised))
                painter.drawRoundedRect(QRectF(left, top, width, height), 4, 4)
                painter.setBrush(QColor(now.readable(cell.edge)))
                painter.drawRoundedRect(QRectF(left, top + 3, 3, height - 6), 1.5, 1.5)
            if cell.number:
                painter.setPen(QColor(now.muted))
                painter.setFont(theme.font())
                place = QRectF(left + _LEFT, top + _ABOVE, _number_width(cell), _line_height())
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, cell.number)
            if text is not None:
                text.draw(painter, QPointF(left + _indent(cell), top + _ABOVE))

    def _paint_heading(self, painter: QPainter, heading: Heading, y: float) -> None:
        now = theme.current()
        left = self._columns.places[0][0] + _LEFT if self._columns.places else 0.0
        right = self._columns.right - BUTTON - _GAP
        middle = Qt.AlignmentFlag.AlignVCenter
        font = theme.font(strong=not heading.quiet)
        if heading.note:
            small = theme.font(theme.SMALL_SIZE)
            metrics, whole = QFontMetricsF(small), right - left - _GAP
            room = max(_NOTE * whole, whole - QFontMetricsF(font).horizontalAdvance(heading.text))
            note = metrics.elidedText(heading.note, Qt.TextElideMode.ElideLeft, room)
            width = metrics.horizontalAdvance(note) + 2
            painter.setFont(small)
            painter.setPen(QColor(now.muted))
            painter.drawText(QRectF(right - width, y + 3, width, _HEADING), Qt.AlignmentFlag.AlignRight | middle, note)
            right -= width + _GAP
        painter.setFont(font)
        painter.setPen(QColor(now.muted if heading.quiet else now.text))
        text = QFontMetricsF(font).elidedText(heading.text, Qt.TextElideMode.ElideRight, right - left)
        draw_text(painter, QRectF(left, y + 3, right - left, _HEADING), middle, text, heading.text)


def _broken(cell: Cell, width: float) -> QTextLayout | None:
    """The sentence of a cell in lines; its second line begins where the first does, beside the number."""
    if not cell.spans:
        return None
    spans = _numbers_apart(cell)
    layout = QTextLayout("".join(span.text for span in spans), theme.font())
    layout.setTextOption(text_option(cell.said if cell.pick is not None else cell.text))
    layout.setFormats(ranges_of(spans))
    room, height = max(20.0, width - _indent(cell) - _RIGHT), _line_height()
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        # A sign from another font makes its line higher; the rows stay even all the same.
        line.setPosition(QPointF(0, (layout.lineCount() - 1) * height + (height - line.height()) / 2))
    layout.endLayout()
    return layout


def _numbers_apart(cell: Cell) -> tuple[Span, ...]:
    """The spans of a cell; numbers noted behind a sentence from the right keep their signs at their left."""
    if not reads_right_to_left(cell.text):
        return cell.spans
    return tuple(Span(from_left(span.text), span.role) if span.role == "muted" else span for span in cell.spans)


def ranges_of(spans: Sequence[Span]) -> list[QTextLayout.FormatRange]:
    """How the pieces of a text are drawn, in the colours of the theme of now."""
    ranges, start = [], 0
    for span in spans:
        one = QTextLayout.FormatRange()
        length = len(span.text.encode("utf-16-le", "surrogatepass")) // 2  # Qt counts in these
        one.start, one.length, one.format = start, length, _format(theme.current(), span.role)
        ranges.append(one)
        start += length
    return ranges


@cache
def _format(now: theme.Theme, role: str) -> QTextCharFormat:
    made = QTextCharFormat()
    colour = {"removed": now.changed, "shared": now.accent}.get(role) or getattr(now, role)
    made.setForeground(QColor(colour))
    if role in ("changed", "removed", "shared"):
        made.setFontWeight(600)
        made.setFontUnderline(role == "changed")
    return made


def _indent(cell: Cell) -> float:
    return _LEFT + (_number_width(cell) + _GAP if cell.number else 0)


def _line_height() -> int:
    return round(QFontMetricsF(theme.font()).height())


def _number_width(cell: Cell) -> float:
    metrics = QFontMetricsF(theme.font())  # in pictures figures are not of equal width
    return max(metrics.horizontalAdvance(text.translate(_WIDE)) for text in (cell.room, cell.number))
