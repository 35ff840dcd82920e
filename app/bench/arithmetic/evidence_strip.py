"""Whether a direction means anything, a column a variant: two numbers with their intervals, and a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.bench.arithmetic.state import Evidence, Interval
from app.bench.arithmetic.words import length_fact, longest, separation_fact, verdict
from app.core import theme
from app.core.values import Column, Fact
from app.widgets.parts import EDGE, breakable, columns_layout, label
from app.widgets.pictures.columns import places
from app.widgets.pictures.text import Lines
from app.widgets.sentences.fact_bars import paint_ends

_ROW = 22  # logical pixels
_LEFT = 12  # before the bars of a figure
_GAP = 10
_BAND, _LINE = 6, 2  # thickness of an interval, and of the line that is its scale


class EvidenceBars(QWidget):
    """Two rows: how well the groups are told apart, beside chance at 50%; how long the direction is, beside the
    lengths between random groups.
    """

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self._evidence: Evidence | None = None
        self._longest = 0.0
        self.facts: tuple[Fact, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_evidence(self, evidence: Evidence | None, end: float) -> None:
        """Show this, lengths on a scale from 0 to `end`; None for nothing."""
        if (evidence, end) == (self._evidence, self._longest):
            return
        self._evidence, self._longest = evidence, end
        self.facts = (separation_fact(evidence), length_fact(evidence, end)) if evidence is not None else ()
        self.setToolTip("\n".join(f"{fact.name}: {fact.meaning}" for fact in self.facts))
        self.setAccessibleName(", ".join(f"{fact.name} {fact.value}" for fact in self.facts))
        self.setVisible(evidence is not None)
        self.update()

    @property
    def evidence(self) -> Evidence | None:
        """What is shown."""
        return self._evidence

    def sizeHint(self) -> QSize:
        """Two rows."""
        return QSize(200, 2 * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, intervals on their scale, value."""
        if self._evidence is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_evidence(painter, QRectF(self.rect()), self._evidence, self._longest, self._colour)


class EvidenceCell(QWidget):
    """One variant's bars and verdict."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.bars = EvidenceBars(column.colour)
        self.bars.hide()
        self.verdict = label(role="muted", wrap=True)
        self.verdict.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 0, 10, 0)
        box.setSpacing(2)
        box.addWidget(self.bars)
        box.addWidget(self.verdict)
        box.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_words(self, text: str, role: str, tooltip: str = "") -> None:
        """The verdict, or why there is none."""
        if self.verdict.property("role") != role:
            self.verdict.setProperty("role", role)
            self.verdict.style().unpolish(self.verdict)
            self.verdict.style().polish(self.verdict)
        self.verdict.setText(breakable(text))
        self.verdict.setToolTip(tooltip)


class EvidenceStrip(QWidget):
    """The evidence of all shown variants, in the columns of the maps."""

    def __init__(self) -> None:
        super().__init__()
        self._row = columns_layout(self)
        self._columns: tuple[Column, ...] = ()
        self.cells: dict[str, EvidenceCell] = {}
        self._end = 0.0

    @property
    def part(self) -> EvidencePart:
        """What is shown, for a figure."""
        cells = [(column, self.cells[column.name]) for column in self._columns]
        weighed = [Weighed(column.colour, cell.bars.evidence, cell.verdict.text()) for column, cell in cells]
        return EvidencePart(weighed, self._end)

    def set_bar(self, width: int) -> None:
        """A scroll bar of this width, in logical pixels, lies at the right of the columns."""
        self._row.setContentsMargins(EDGE, 0, max(0, EDGE - width), 0)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants, in this order."""
        if columns == self._columns:
            return
        self._columns = columns
        for cell in self.cells.values():
            self._row.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.cells = {column.name: EvidenceCell(column) for column in columns}
        for cell in self.cells.values():
            self._row.addWidget(cell, 1)

    def show_evidence(self, evidence: Mapping[str, Evidence], reasons: Mapping[str, str], measuring: bool) -> None:
        """Show what there is; `reasons` say why a variant has none, `measuring` that it is still to come."""
        end = self._end = longest(tuple(evidence.values()))
        for name, cell in self.cells.items():
            found = evidence.get(name)
            cell.bars.show_evidence(found, end)
            if found is not None:
                cell.show_words(*verdict(found), f"{found.words}\n{found.how}")
            elif name in reasons:
                cell.show_words(reasons[name], "muted")
            else:
                cell.show_words("Weighing the direction against random groups …" if measuring else "", "muted")


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is said of one variant's direction: bars, where there are any, and words."""

    colour: str
    evidence: Evidence | None
    words: str


class EvidencePart:
    """The evidence in the columns of a figure; lengths on a scale from 0 to `end`."""

    def __init__(self, weighed: Sequence[Weighed], end: float) -> None:
        self._weighed, self._end = tuple(weighed), end

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._weighed)

    def only(self, index: int) -> EvidencePart:
        """One of them."""
        return EvidencePart(self._weighed[index : index + 1], self._end)

    def height(self, width: float) -> float:
        """Two rows and the words."""
        rooms = [room for _, room in places(len(self._weighed), width)]
        pairs = zip(self._weighed, rooms, strict=True)
        return 2 * _ROW + max((_words(one, room).height for one, room in pairs), default=0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        for one, (left, width) in zip(self._weighed, places(len(self._weighed), area.width()), strict=True):
            place = QRectF(area.left() + left + _LEFT, area.top(), width - _LEFT, 2 * _ROW)
            if one.evidence is not None:
                paint_evidence(painter, place, one.evidence, self._end, one.colour)
            _words(one, width).draw(painter, place.left(), place.bottom() + 2)


def _words(one: Weighed, width: float) -> Lines:
    return Lines(one.words, theme.font(theme.SMALL_SIZE), width - _LEFT, "muted")


def paint_evidence(painter: QPainter, area: QRectF, evidence: Evidence, end: float, colour: str) -> None:
    """Draw name, intervals on their scale, and value in two rows; lengths on a scale from 0 to `end`."""
    now, facts = theme.current(), (separation_fact(evidence), length_fact(evidence, end))
    small, strong = theme.font(theme.SMALL_SIZE), theme.font(theme.SMALL_SIZE, strong=True)
    left = max(QFontMetricsF(small).horizontalAdvance(fact.name) for fact in facts) + _GAP
    right = max(QFontMetricsF(strong).horizontalAdvance(fact.value) for fact in facts) + _GAP
    own, chance = QColor(now.readable(colour)), QColor(now.border_strong)
    for i, fact in enumerate(facts):
        row = QRectF(area.left(), area.top() + i * _ROW, area.width(), _ROW)
        paint_ends(painter, row, fact.name, fact.value)
        scale = QRectF(row.left() + left, row.top(), row.width() - left - right, _ROW)
        if scale.width() < 24:
            continue
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.border))
        painter.drawRect(QRectF(scale.left(), scale.center().y() - _LINE / 2, scale.width(), _LINE))
        if i == 0:
            middle = scale.center()
            painter.setPen(QPen(chance, 1.5))
            painter.drawLine(QPointF(middle.x(), scale.top() + 3), QPointF(middle.x(), scale.bottom() - 3))
            _draw(painter, scale, evidence.separation, 1.0, own, 0.0)
        else:
            _draw(painter, scale, evidence.chance, end, chance, _BAND / 2 + 1)
            _draw(painter, scale, evidence.length, end, own, -_BAND / 2 - 1)


def _draw(painter: QPainter, scale: QRectF, interval: Interval, end: float, colour: QColor, shift: float) -> None:
    """An interval as a band, its value as a dot, `shift` pixels beneath the line of the scale from 0 to `end`."""
    if end <= 0:
        return
    low, value, high = (
        scale.left() + min(max(each / end, 0.0), 1.0) * scale.width()
        for each in (interval.low, interval.value, interval.high)
    )
    y = scale.center().y() + shift
    band = QColor(colour)
    band.setAlphaF(0.45)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(band)
    painter.drawRoundedRect(QRectF(low, y - _BAND / 2, max(high - low, 2.0), _BAND), 2, 2)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(value, y), _BAND / 2, _BAND / 2)
