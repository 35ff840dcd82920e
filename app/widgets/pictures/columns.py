"""The parts of a figure that stand in the columns of the variants: their names, notes, and rows of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app.core import theme
from app.core.values import Column
from app.widgets.parts import EDGE, SPACING
from app.widgets.pictures.figure import MARGIN, Figure, Part, wide
from app.widgets.pictures.text import Lines, dot
from app.widgets.sentences.rich_text import Role
from app.widgets.sentences.sentence_row import Columns, LaidRow, Row

MOST_ROWS = 200
"""Rows of a picture, at most; more are told of beneath them."""
_INDENT = 10.0  # logical pixels, where the sentences of a column begin
_HEAD = 20.0


def places(count: int, width: float) -> tuple[tuple[float, float], ...]:
    """Left edges and widths of columns in a width."""
    pitch = (width + SPACING) / max(1, count)
    return tuple((i * pitch, pitch - SPACING) for i in range(count))


class Heads:
    """The names of the variants."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._shown = tuple(columns)

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._shown)

    def only(self, index: int) -> Heads:
        """One of them."""
        return Heads(self._shown[index : index + 1])

    def height(self, width: float) -> float:
        """One line."""
        return _HEAD

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """A dot and a name for each, and a line beneath."""
        font = theme.font(strong=True)
        for column, (left, width) in zip(self._shown, places(len(self._shown), area.width()), strict=True):
            if column.colour:
                dot(painter, area.left() + left + 4, area.top() + _HEAD / 2, column.colour)
            painter.setFont(font)
            painter.setPen(QColor(theme.current().text))
            name = QFontMetricsF(font).elidedText(column.label, Qt.TextElideMode.ElideRight, width - 22)
            place = QRectF(area.left() + left + 20, area.top(), width - 20, _HEAD)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)


class Remarks:
    """A note of a few lines in each column; none takes no room."""

    def __init__(self, notes: Sequence[str], role: Role = "muted") -> None:
        self._notes, self._role = tuple(notes), role

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._notes)

    def only(self, index: int) -> Remarks:
        """One of them."""
        return Remarks(self._notes[index : index + 1], self._role)

    def height(self, width: float) -> float:
        """That of the longest."""
        return max((lines.height for _, lines in self._lines(width) if lines is not None), default=0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw them."""
        for left, lines in self._lines(area.width()):
            if lines is not None:
                lines.draw(painter, area.left() + left + _INDENT, area.top())

    def _lines(self, width: float) -> list[tuple[float, Lines | None]]:
        font = theme.font(theme.SMALL_SIZE)
        return [
            (left, Lines(note, font, room - _INDENT, self._role) if note else None)
            for note, (left, room) in zip(self._notes, places(len(self._notes), width), strict=True)
        ]


class Sentences:
    """Rows of sentences, as a list of the window paints them; `current` is the emphasised one, -1 for none."""

    def __init__(self, rows: Sequence[Row], current: int = -1, total: int | None = None) -> None:
        self._total = len(rows) if total is None else total
        self._rows, self._current = tuple(rows[:MOST_ROWS]), current
        self._laid: tuple[object, list[LaidRow]] = None, []

    @property
    def columns(self) -> int:
        """How many sentences stand in a row."""
        return len(self._rows[0].cells) if self._rows else 0

    def only(self, index: int) -> Sentences:
        """One column of them."""
        rows = [replace(row, cells=row.cells[index : index + 1]) for row in self._rows]
        return Sentences(rows, self._current, self._total)

    def height(self, width: float) -> float:
        """All rows, and a line where there are more."""
        return sum(row.height for row in self._lay_out(width)) + (_HEAD if self._more else 0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw them."""
        painter.save()
        painter.translate(area.topLeft())
        y = 0.0
        for i, laid in enumerate(self._lay_out(area.width())):
            laid.paint(painter, y, i == self._current)
            y += laid.height
        if self._more:
            painter.setFont(theme.font(theme.SMALL_SIZE))
            painter.setPen(QColor(theme.current().muted))
            place = QRectF(_INDENT, y, area.width(), _HEAD)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._more)
        painter.restore()

    @property
    def _more(self) -> str:
        left_out = self._total - len(self._rows)
        return f"The first {len(self._rows):,} of {self._total:,} rows." if left_out > 0 else ""

    def _lay_out(self, width: float) -> list[LaidRow]:
        stamp = width, theme.current()
        if self._laid[0] != stamp:
            columns = Columns(places(self.columns, width), width)
            self._laid = stamp, [LaidRow(row, columns) for row in self._rows]
        return self._laid[1]


def columns_figure(
    name: str, title: str, columns: Sequence[Column], parts: Sequence[Part], facts: Sequence[str], width: float
) -> Figure:
    """A figure in columns, with the names of the variants on top; `width` is that of the view."""
    said = tuple(fact for fact in facts if fact)
    return Figure(name, title, (Heads(columns), *parts), said, width=wide(width - 2 * EDGE + 2 * MARGIN))
