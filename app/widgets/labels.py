"""Small marks and lines of text that every page uses."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.core import theme
from app.widgets.reading.direction import draw_text


class ColourChip(QWidget):
    """The dot of colour that stands for a variant wherever it appears."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = ""
        self.setFixedSize(QSize(10, 10))

    def set_colour(self, colour: str) -> None:
        """Take the variant's colour, `#rrggbb`."""
        self._colour = colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.readable(self._colour or colours.muted)))
        painter.drawRoundedRect(self.rect(), 3, 3)


class ElidedLabel(QLabel):
    """A one-line label that shortens its text to the room it has, so that narrow columns stay narrow."""

    def __init__(self, parent: QWidget | None = None, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        """Args: cut: where the text is shortened; in the middle where names differ at their ends."""
        super().__init__(parent)
        self._cut = cut
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._cut, room.width())
        draw_text(painter, QRectF(room), self.alignment(), text, self.text())
