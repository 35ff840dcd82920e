"""A few numbers as names, bars and values, so that columns can be compared at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core import theme
from app.core.values import Fact

ROW = 20  # logical pixels
_BAR = 6
_GAP = 10


class FactBars(QWidget):
    """Facts below each other. Gives way where there is no room: it needs none, and paints whole rows only.

    Signals:
        room_changed: another number of rows fits.
    """

    room_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._colour = ""
        self._facts: tuple[Fact, ...] = ()
        self._limit = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(0)

    def set_colour(self, colour: str) -> None:
        """Take the variant's colour, `#rrggbb`."""
        self._colour = colour
        self.update()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts; none to show nothing."""
        if tuple(facts) != self._facts:
            self._facts = tuple(facts)
            self.setToolTip("\n".join(f"{one.name}: {one.meaning}" for one in facts))
            self.setAccessibleName(", ".join(f"{one.name} {one.value}" for one in facts))
            self.setMaximumHeight(ROW * len(self._facts))
            self.update()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    @property
    def room(self) -> int | None:
        """How many rows fit; None while there is nothing to show."""
        return self.height() // ROW if self._facts else None

    def set_limit(self, rows: int) -> None:
        """Paint no more rows than this, as in the columns beside."""
        if rows != self._limit:
            self._limit = rows
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is more or less room."""
        super().resizeEvent(event)
        self.room_changed.emit()

    def sizeHint(self) -> QSize:
        """None is asked for, or a list around it would scroll to the bars; they take what the sentence leaves."""
        return QSize(200, 0)

    def minimumSizeHint(self) -> QSize:
        """None: the sentence above is what matters."""
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As many rows as fit, at the lower edge: name, bar, value."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            facts = self._facts[: min(self._limit, self.height() // ROW)]
            high = ROW * len(facts)
            area = QRectF(0, self.height() - high, self.width(), high)
            paint_facts(painter, area, facts, self._colour, self._facts)


def paint_facts(
    painter: QPainter, area: QRectF, facts: Sequence[Fact], colour: str, measured: Sequence[Fact] = ()
) -> None:
    """Draw name, bar and value of each, from the top of an area on.

    Args:
        colour: of the variant, for the bars.
        measured: facts that names and values have room for; those that are drawn, if none are given.
    """
    now = theme.current()
    small, strong = theme.font(theme.SMALL_SIZE), theme.font(theme.SMALL_SIZE, strong=True)
    all_of_them = measured or facts
    name_width = max((QFontMetricsF(small).horizontalAdvance(one.name) for one in all_of_them), default=0.0)
    value_width = max((QFontMetricsF(strong).horizontalAdvance(one.value) for one in all_of_them), default=0.0)
    left, right = name_width + _GAP, area.width() - max(value_width, 64.0) - _GAP
    for i, fact in enumerate(facts):
        row = QRectF(area.left(), area.top() + i * ROW, area.width(), ROW)
        paint_ends(painter, row, fact.name, fact.value)
        bar = QRectF(area.left() + left, row.center().y() - _BAR / 2, right - left, _BAR)
        if bar.width() > 2 * _BAR:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.border))
            painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
            if fact.share <= 0.0:
                continue
            bar.setWidth(max(_BAR, bar.width() * min(fact.share, 1.0)))
            painter.setBrush(QColor(now.readable(colour)))
            painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)


def paint_ends(painter: QPainter, row: QRectF, name: str, value: str) -> None:
    """A name at the left end of a row and its value at the right; what stands between them is the caller's."""
    now = theme.current()
    painter.setFont(theme.font(theme.SMALL_SIZE))
    painter.setPen(QColor(now.muted))
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
    painter.setFont(theme.font(theme.SMALL_SIZE, strong=True))
    painter.setPen(QColor(now.text))
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)
