"""A line over a map, as it is drawn and after it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.core import theme


def draw_line(painter: QPainter, points: Sequence[QPointF], colour: str, dashed: bool = False) -> None:
    """A line through points, in pixels, with a halo; dashed where it only shows what was meant."""
    halo = QColor(theme.current().map)
    halo.setAlphaF(0.85)
    line, shape = QPolygonF(list(points)), Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(halo, 4.5), QPen(QColor(theme.current().readable(colour)), 1.25 if dashed else 2.0, shape)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(line)
