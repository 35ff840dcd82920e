"""Text in a figure, broken into lines, and the parts that are text alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout

from app.core import theme
from app.widgets.reading.direction import text_option
from app.widgets.reading.marks import shown
from app.widgets.sentences.rich_text import Role, Span
from app.widgets.sentences.sentence_row import ranges_of

_CELL = 14.0  # logical pixels between two columns of a grid


class Lines:
    """A text with marks, broken for a width in the colours of the theme of now."""

    def __init__(self, text: str | Sequence[Span], font: QFont, width: float, role: Role = "text") -> None:
        spans = (Span(shown(text), role),) if isinstance(text, str) else tuple(text)
        whole = "".join(span.text for span in spans)
        self._layout = QTextLayout(whole, font)
        self._layout.setTextOption(text_option(whole))
        self._layout.setFormats(ranges_of(spans))
        height = QFontMetricsF(font).height()
        self._layout.beginLayout()
        count = 0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(20.0, width))
            line.setPosition(QPointF(0, count * height + (height - line.height()) / 2))
            count += 1
        self._layout.endLayout()
        self.height = count * height

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Draw it with its upper left corner there."""
        self._layout.draw(painter, QPointF(x, y))


class Note:
    """A quiet line of its own."""

    def __init__(self, text: str, role: Role = "muted") -> None:
        self._text, self._role = text, role

    def height(self, width: float) -> float:
        """That of its lines; none without a text."""
        return self._lines(width).height if self._text else 0.0

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        self._lines(area.width()).draw(painter, area.left(), area.top())

    def _lines(self, width: float) -> Lines:
        return Lines(self._text, theme.font(theme.SMALL_SIZE), width, self._role)


class Grid:
    """Short texts in rows: names with a dot of colour at the left, values at the right of their columns."""

    _ROW = 19.0

    def __init__(self, header: Sequence[str], rows: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        """Args: header: names of the values; rows: colour, name and values of each."""
        self._header, self._rows = tuple(header), tuple(rows)

    def height(self, width: float) -> float:
        """A row each, and the header."""
        return (len(self._rows) + 1) * self._ROW if self._rows else 0.0

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it, no wider than it must be."""
        now, font = theme.current(), theme.font(12)
        metrics = QFontMetricsF(font)
        name = max(metrics.horizontalAdvance(each) for _, each, _ in self._rows) + 18
        columns = [[head, *(row[2][i] for row in self._rows)] for i, head in enumerate(self._header)]
        widths = [max(map(metrics.horizontalAdvance, column)) + _CELL for column in columns]
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font)
        for i, (colour, label, values) in enumerate([("", "", self._header), *self._rows]):
            y = area.top() + i * self._ROW
            if colour:
                dot(painter, area.left(), y + self._ROW / 2, colour)
            painter.setPen(QColor(now.text))
            if label:
                painter.drawText(QRectF(area.left() + 16, y, name, self._ROW), Qt.AlignmentFlag.AlignVCenter, label)
            painter.setPen(QColor(now.text if colour else now.muted))
            x = area.left() + name
            for text, width in zip(values, widths, strict=True):
                painter.drawText(QRectF(x, y, width, self._ROW), right, text)
                x += width


def dot(painter: QPainter, x: float, middle: float, colour: str) -> None:
    """The dot of colour of a variant, at the left of its name."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().readable(colour)))
    painter.drawRoundedRect(QRectF(x, middle - 5, 10, 10), 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
