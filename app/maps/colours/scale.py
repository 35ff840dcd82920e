"""The scale of the colours under the hand: dragged over, it says which values keep their colour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip

from app.core import theme
from app.widgets.colour_scale import ColourScale, number_text

if TYPE_CHECKING:
    from app.maps.state import Span

_DRAG = 4.0  # logical pixels of movement that turn a click into a drag
_STEP = 0.05  # of the scale, that a key moves an end by
_HOW = "Drag over the scale to keep the colour of these values only; a click or Escape takes all again."


class ColourRange(ColourScale):
    """A scale of which a part can be chosen, with the mouse or with the arrow keys (Shift: the upper end).

    Signals:
        span_chosen: (low, high), which may be infinite at the ends of the scale, where the colours mean all that lies
            beyond as well; None for all values.
    """

    span_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._vmin, self._vmax = 0.0, 1.0
        self._span: Span = None
        self._pressed: float | None = None
        self._dragging = False

    def set_scale(self, label: str, vmin: float, vmax: float, tooltip: str = "") -> None:
        super().set_scale(label, vmin, vmax, tooltip)
        self._vmin, self._vmax = vmin, max(vmax, vmin)
        self._may(vmax > vmin)

    def set_density(self) -> None:
        super().set_density()
        self._span = None
        self._may(False)

    def set_span(self, span: Span) -> None:
        """Show which values keep their colour; None for all."""
        self._span = span
        if self._usable:
            self.setToolTip(self._said())
            self.setAccessibleDescription(self._said())
        self.update()

    @property
    def span(self) -> Span:
        """The values that keep their colour."""
        return self._span

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        now, bar = theme.current(), self.bar()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._span is not None and self._usable:
                low, high = self._ends(bar)
                cover = QColor(now.panel)
                cover.setAlphaF(0.86)
                painter.fillRect(QRectF(bar.left() - 1, bar.top() - 1, low - bar.left() + 1, bar.height() + 2), cover)
                painter.fillRect(QRectF(high, bar.top() - 1, bar.right() - high + 1, bar.height() + 2), cover)
                painter.setPen(QPen(QColor(now.text), 2))
                for x in (low, high):
                    painter.drawLine(QPointF(x, bar.top() - 4), QPointF(x, bar.bottom() + 4))
            if self.hasFocus():
                painter.setPen(QPen(QColor(now.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(bar.adjusted(-5, -6, 5, 6), 4, 4)  # about no word: those have no room for it

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._usable:
            self._pressed, self._dragging = event.position().x(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        x = event.position().x()
        self._dragging = self._dragging or abs(x - self._pressed) >= _DRAG
        if self._dragging:
            low, high = sorted((self._value(self._pressed), self._value(x)))
            if low < high:
                self._choose((low, high))
                QToolTip.showText(event.globalPosition().toPoint(), self._words(), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if not self._dragging and self._span is not None:
            self._choose(None)
        self._pressed, self._dragging = None, False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is not None and self._usable:
            self._move_end(way, upper=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._span is not None:
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._dragging:
            return True  # the hand's own words stand there
        return super().event(event)

    def _may(self, chosen: bool) -> None:
        """Whether a part of it can be chosen."""
        self._usable = chosen
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.NoFocus)
        if chosen:
            self.setCursor(Qt.CursorShape.SplitHCursor)
            self.setToolTip(self._said())
        else:
            self.unsetCursor()

    _usable = False

    def _move_end(self, way: int, upper: bool) -> None:
        reach = self._vmax - self._vmin
        low, high = self._span or (-math.inf, math.inf)
        low, high = max(low, self._vmin), min(high, self._vmax)
        if upper:
            high = min(max(high + way * _STEP * reach, low + _STEP * reach), self._vmax)
        else:
            low = max(min(low + way * _STEP * reach, high - _STEP * reach), self._vmin)
        span = self._open(low), self._open(high)
        self._choose(None if span == (-math.inf, math.inf) else span)

    def _choose(self, span: Span) -> None:
        self.set_span(span)
        self.span_chosen.emit(span)

    def _value(self, x: float) -> float:
        bar = self.bar()
        share = min(max((x - bar.left()) / bar.width(), 0.0), 1.0)
        return self._open(self._vmin + share * (self._vmax - self._vmin))

    def _open(self, value: float) -> float:
        """An end of the scale stands for all beyond it."""
        slack = 1e-6 * (self._vmax - self._vmin)
        return -math.inf if value <= self._vmin + slack else math.inf if value >= self._vmax - slack else value

    def _ends(self, bar: QRectF) -> tuple[float, float]:
        low, high = self._span or (-math.inf, math.inf)
        reach = self._vmax - self._vmin
        shares = [(min(max(end, self._vmin), self._vmax) - self._vmin) / reach for end in (low, high)]
        return bar.left() + shares[0] * bar.width(), bar.left() + shares[1] * bar.width()

    def _words(self) -> str:
        return span_words(self.texts()[0], self._span, self._vmax - self._vmin)

    def _said(self) -> str:
        return f"Coloured: {self._words()}. {_HOW}" if self._span is not None else _HOW


def span_words(label: str, span: Span, reach: float) -> str:
    """Which values keep their colour, as in "KL, nats: 3.1 to 8.0"; all of them without a span."""
    if span is None:
        return f"{label}: all"
    low, high = span
    if math.isinf(low):
        return f"{label}: up to {number_text(high, reach)}"
    if math.isinf(high):
        return f"{label}: from {number_text(low, reach)}"
    return f"{label}: {number_text(low, reach)} to {number_text(high, reach)}"
