"""A slider along a direction of the latent space, with a mark where the sentence itself stands."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy

from app.bench.traverse.state import place_words
from app.core import theme

_FINE = 100  # steps of a slider in one unit
_RADIUS = 6.5  # of the handle, in logical pixels
_LINE, _MARK, _HEIGHT = 4.0, 2.0, 22
_NUMBER = 46  # beside the line, for the position


class DirectionSlider(QAbstractSlider):
    """Positions in units. A press on the line goes there at once, a double click back to the mark.

    The line is filled from the mark to the handle: what is seen is how far the sentence was moved. The position in z
    stands beside it, painted with it: a label would be laid out anew with every move.

    Signals:
        moved: the position that a person moved it to.
        reset: it is to go back to the mark.
        taken: it has the hand or the keyboard now.
    """

    moved = Signal(float)
    reset = Signal()
    taken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._own = 0
        self._unit, self._position = 1.0, 0.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSingleStep(_FINE // 10)
        self.setPageStep(_FINE // 2)
        self.valueChanged.connect(self._moved)

    def set_way(self, low: float, high: float, own: float, unit: float = 1.0) -> None:
        """Its ends, and the sentence's own position; how long one of these units is in z."""
        self._unit = unit
        with QSignalBlocker(self):
            self.setRange(round(low * _FINE), round(high * _FINE))
        self._own = round(own * _FINE)
        self.update()

    def set_position(self, position: float) -> None:
        """Stand there; tells nobody."""
        with QSignalBlocker(self):
            self.setValue(round(position * _FINE))
        self._position = position
        self.update()

    @property
    def number(self) -> str:
        """The position in z, as it is written; the very number that a moved sentence says of itself."""
        return place_words(self._position * self._unit)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120 + _NUMBER, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Enough to be used."""
        return QSize(60 + _NUMBER, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The mark stands above and below the line, so that the handle does not hide it."""
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            middle, own, at = self.height() / 2, self._x(self._own), self._x(self.value())
            painter.setBrush(QColor(now.border))
            painter.drawRoundedRect(QRectF(0, middle - _LINE / 2, self.width() - _NUMBER, _LINE), 2, 2)
            painter.setBrush(QColor(now.accent))
            painter.drawRect(QRectF(min(own, at), middle - _LINE / 2, abs(at - own), _LINE))
            painter.setBrush(QColor(now.muted))
            painter.drawRect(QRectF(own - _MARK / 2, middle - 9, _MARK, 18))
            painter.setPen(QColor(now.muted))
            painter.setFont(theme.font(theme.SMALL_SIZE))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(self.width() - _NUMBER, 0, _NUMBER, self.height()), right, self.number)
            under = self.underMouse() or self.isSliderDown()
            painter.setPen(QPen(QColor(now.accent), 2) if self.hasFocus() else QPen(QColor(now.panel), 1))
            painter.setBrush(QColor(now.accent if under else now.text))
            painter.drawEllipse(QPointF(at, middle), _RADIUS, _RADIUS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where the line was pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.taken.emit()
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        if self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The hand lets go."""
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the mark."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever reaches it with the keys has chosen it."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.taken.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the sliders, and moves none by accident."""
        event.ignore()

    def _moved(self, value: int) -> None:
        self._position = value / _FINE
        self.moved.emit(self._position)

    def _go(self, event: QMouseEvent) -> None:
        share = (event.position().x() - _RADIUS - 1) / max(1.0, self._way)
        self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))

    def _x(self, value: int) -> float:
        share = (value - self.minimum()) / max(1, self.maximum() - self.minimum())
        return _RADIUS + 1 + share * self._way

    @property
    def _way(self) -> float:
        """How far the handle can go, in logical pixels."""
        return self.width() - _NUMBER - 2 * _RADIUS - 2
