"""The legend of colours in a figure: of a scale, or of categories."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.widgets.categories.colours import Entry
from app.widgets.categories.legend import legend_height, paint_legend
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


class LegendPart:
    """`name  dot category count ...`, as in the window, in as many lines as it needs."""

    def __init__(self, name: str, entries: tuple[Entry, ...]) -> None:
        self._name, self._entries = name, entries

    def height(self, width: float) -> float:
        """As much as the entries need."""
        return legend_height(width, self._name, self._entries)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        paint_legend(painter, area, self._name, self._entries)
