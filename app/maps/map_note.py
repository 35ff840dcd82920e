"""A few words on a map, in a corner of it, that stand in nobody's way."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core import theme

_ACROSS, _UP, _EDGE = 6, 2, 4  # logical pixels around the words, and from the edges of the map
_LINES = 2
_SMALL = 220  # logical pixels of height, below which a map has room for one line

Tone = Literal["muted", "warning"]


class MapNote(QWidget):
    """Words of at most two lines; away while there are none. The mouse goes through it to the map."""

    def __init__(self, map_view: QWidget) -> None:
        """Args: map_view: on which it lies, which says how much room there is."""
        super().__init__()
        self._map = map_view
        self._text = self._short = ""
        self._tone: Tone = "muted"
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(theme.SMALL_SIZE))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.setVisible(False)
        map_view.installEventFilter(self)

    def set_text(self, text: str, tone: Tone = "muted", short: str = "") -> None:
        """Say this; "" for nothing. `short` says it where the map is too small for two lines."""
        if (text, tone, short) != (self._text, self._tone, self._short):
            self._text, self._tone, self._short = text, tone, short
            self.setAccessibleName(text)
            self.setVisible(bool(text))
            self.updateGeometry()
            self.update()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    @property
    def shown(self) -> str:
        """What stands there: all of it, or the short form on a small map."""
        wraps = QFontMetrics(self.font()).horizontalAdvance(self._text) > self._room
        return self._short if self._short and wraps and self._map.height() < _SMALL else self._text

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        most = QSize(self._room, _LINES * metrics.lineSpacing())
        needed = metrics.boundingRect(QRect(0, 0, most.width(), 1000), Qt.TextFlag.TextWordWrap, self.shown).size()
        return needed.boundedTo(most) + QSize(2 * _ACROSS + 2 * _EDGE, 2 * _UP + 2 * _EDGE)

    def minimumSizeHint(self) -> QSize:
        """It never asks the map for room."""
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground = QColor(now.map)
            ground.setAlphaF(0.85)
            card = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(card, 3, 3)
            painter.setPen(QColor(getattr(now, self._tone)))
            painter.drawText(card.adjusted(_ACROSS, _UP, -_ACROSS, -_UP), int(Qt.TextFlag.TextWordWrap), self.shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._text:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    @property
    def _room(self) -> int:
        return max(60, self._map.width() - 2 * (_ACROSS + _EDGE))
