"""How Qt lays out and draws a text the way it reads: from the right it begins at the right edge and is cut at the left.

Everything that paints a sentence by itself asks here; labels of `parts.label` go by `marks.py`.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter, QTextOption
from PySide6.QtWidgets import QLabel, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.reading.marks import shown
from engine.right_to_left import reads_right_to_left


def direction_of(text: str) -> Qt.LayoutDirection:
    """The way a text reads."""
    return Qt.LayoutDirection.RightToLeft if reads_right_to_left(text) else Qt.LayoutDirection.LeftToRight


def text_option(text: str) -> QTextOption:
    """How a text is broken into lines: at words, from the edge where it begins."""
    from_right = reads_right_to_left(text)
    option = QTextOption(Qt.AlignmentFlag.AlignRight if from_right else Qt.AlignmentFlag.AlignLeft)
    option.setTextDirection(direction_of(text))
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def draw_text(painter: QPainter, place: QRectF, flags: Qt.AlignmentFlag, text: str, whole: str = "") -> None:
    """Draw a line in a place; `AlignLeft` is where it begins. `whole` is the text that it is a line of."""
    before = painter.layoutDirection()
    painter.setLayoutDirection(direction_of(whole or text))
    painter.drawText(place, flags, shown(text) if not whole else text)
    painter.setLayoutDirection(before)


class ReadingLabel(QLabel):
    """A label whose texts read their own way, whatever the letter they begin with."""

    def setText(self, text: str) -> None:
        """Show a text, or HTML."""
        super().setText(shown(text))


class ReadingDelegate(QStyledItemDelegate):
    """Draws each row of a list the way its text reads."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """As Qt has it, but for the direction."""
        super().initStyleOption(option, index)
        option.direction = direction_of(option.text)
