"""The legend of a scale of colours, in a figure."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.widgets.colour_scale import paint_scale

_HEIGHT = 22.0  # logical pixels


class ScalePart:
    """`label  low [gradient] high`, as in the window; nothing without a label."""

    def __init__(self, label: str, low: str, high: str, above: str = "") -> None:
        self._label, self._low, self._high, self._above = label, low, high, above

    def height(self, width: float) -> float:
        """One line, if the colours mean anything."""
        return _HEIGHT if self._label else 0.0

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        paint_scale(painter, area, self._label, self._low, self._high, self._above)
