"""The cards of decoded sentences, in a figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.core import theme
from app.widgets.pictures.columns import places
from app.widgets.pictures.text import Lines
from app.widgets.sentences.fact_bars import ROW, paint_facts
from app.widgets.sentences.sentence_card import Said

_LEFT, _RIGHT, _ABOVE, _BETWEEN = 12.0, 10.0, 8.0, 5.0  # logical pixels around and within the text of a card


class Cards:
    """Sentence, bars and numbers of each variant, on cards of one height."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = tuple(said)

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._said)

    def only(self, index: int) -> Cards:
        """One of them."""
        return Cards(self._said[index : index + 1])

    def height(self, width: float) -> float:
        """That of the highest."""
        rooms = [room for _, room in places(len(self._said), width)]
        return max((self._needed(said, room) for said, room in zip(self._said, rooms, strict=True)), default=0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw them."""
        now = theme.current()
        for said, (left, width) in zip(self._said, places(len(self._said), area.width()), strict=True):
            card = QRectF(area.left() + left, area.top(), width, area.height())
            painter.setPen(QPen(QColor(now.border), 1))
            painter.setBrush(QColor(now.panel))
            painter.drawRoundedRect(card, theme.RADIUS, theme.RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.readable(said.column.colour)))
            painter.drawRoundedRect(QRectF(card.left(), card.top() + 8, 3, card.height() - 16), 1.5, 1.5)
            sentence, numbers = _texts(said, width - _LEFT - _RIGHT)
            sentence.draw(painter, card.left() + _LEFT, card.top() + _ABOVE)
            foot = card.bottom() - _ABOVE - numbers.height
            numbers.draw(painter, card.left() + _LEFT, foot)
            high = ROW * len(said.facts)
            bars = QRectF(card.left() + _LEFT, foot - _BETWEEN - high, width - _LEFT - _RIGHT, high)
            paint_facts(painter, bars, said.facts, said.column.colour)

    def _needed(self, said: Said, width: float) -> float:
        texts = _texts(said, width - _LEFT - _RIGHT)
        high = ROW * len(said.facts)
        return 2 * _ABOVE + sum(text.height for text in texts) + _BETWEEN + (high + _BETWEEN if high else 0.0)


def _texts(said: Said, width: float) -> tuple[Lines, Lines]:
    size = 17 if said.large else 14
    return Lines(said.spans, theme.font(size), width), Lines(said.numbers, theme.font(theme.SMALL_SIZE), width, "muted")
