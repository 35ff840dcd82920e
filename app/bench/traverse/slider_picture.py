"""The sliders of a traversal in a figure: name, line with the sentence's own mark, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.bench.traverse.state import Slider
from app.core import theme
from app.widgets.pictures.columns import places

_ROW, _INDENT, _GAP = 22.0, 10.0, 8.0  # logical pixels
_LINE, _MARK, _RADIUS = 4.0, 2.0, 5.5


class Sliders:
    """Those of every variant in its column; the chosen rank stands out."""

    def __init__(self, sliders: Sequence[Sequence[tuple[Slider, float]]], rank: int) -> None:
        """Args: sliders: and their positions in units, column by column."""
        self._sliders, self._rank = tuple(tuple(each) for each in sliders), rank

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self._sliders)

    def only(self, index: int) -> Sliders:
        """One column."""
        return Sliders(self._sliders[index : index + 1], self._rank)

    def height(self, width: float) -> float:
        """A row a slider."""
        return _ROW * max((len(column) for column in self._sliders), default=0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw them."""
        for column, (left, width) in zip(self._sliders, places(len(self._sliders), area.width()), strict=True):
            for i, (slider, position) in enumerate(column):
                row = QRectF(area.left() + left + _INDENT, area.top() + i * _ROW, width - _INDENT, _ROW)
                _paint(painter, row, slider, position, i == self._rank)


def _paint(painter: QPainter, row: QRectF, slider: Slider, position: float, chosen: bool) -> None:
    now, font, small = theme.current(), theme.font(strong=chosen), theme.font(theme.SMALL_SIZE)
    names = QFontMetricsF(theme.font(strong=True)).horizontalAdvance("z00 · KL 00.00 ")
    number = f"{position:+.2f}".replace("-", "\N{MINUS SIGN}")
    room = QFontMetricsF(small).horizontalAdvance("+00.00") + _GAP
    painter.setFont(font)
    painter.setPen(QColor(now.muted if slider.nothing else now.text))
    name = QFontMetricsF(font).elidedText(slider.label, Qt.TextElideMode.ElideRight, names)
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
    line = QRectF(row.left() + names, row.center().y() - _LINE / 2, row.width() - names - room, _LINE)
    own, at = (_x(line, slider, value) for value in (slider.own, position))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(now.border))
    painter.drawRoundedRect(line, 2, 2)
    painter.setBrush(QColor(now.accent))
    painter.drawRect(QRectF(min(own, at), line.top(), abs(at - own), _LINE))
    painter.setBrush(QColor(now.muted))
    painter.drawRect(QRectF(own - _MARK / 2, row.center().y() - 8, _MARK, 16))
    painter.setPen(QPen(QColor(now.panel), 1))
    painter.setBrush(QColor(now.text))
    painter.drawEllipse(QPointF(at, row.center().y()), _RADIUS, _RADIUS)
    painter.setFont(small)
    painter.setPen(QColor(now.muted))
    painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _x(line: QRectF, slider: Slider, value: float) -> float:
    share = (value - slider.low) / (slider.high - slider.low or 1.0)
    return line.left() + min(max(share, 0.0), 1.0) * line.width()
