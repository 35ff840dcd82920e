"""Small marks and lines of text that every page uses."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QWidget

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
        with QPainter(self) as painter:
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
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            room = self.contentsRect()
            text = self.fontMetrics().elidedText(self.text(), self._cut, room.width())
            draw_text(painter, QRectF(room), self.alignment(), text, self.text())


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another look of the stylesheet, if it has not that one already."""
    if (widget.property("role") or "") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def show_job(
    bar: QProgressBar, said: QLabel, busy: bool, text: str, fraction: float | None, failed: bool = False
) -> None:
    """Show how far some work has come, None for nobody knows, and a word beside it, or why it failed."""
    bar.setVisible(busy)
    bar.setRange(0, 0 if fraction is None else 1000)
    bar.setValue(round(1000 * (fraction or 0.0)))
    said.setText(text)
    said.setVisible(bool(text))
    set_role(said, "danger" if failed else "muted")
