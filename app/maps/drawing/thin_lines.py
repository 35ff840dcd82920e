"""Long lines drawn within a frame.

Qt draws a line of one pixel many times as fast as a wider one, whose outline it makes and fills: contours of a map take
a millisecond instead of thirty. So on a screen a wider line is drawn as several thin ones beside each other.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath, QPen


def draw_thin(painter: QPainter, path: QPainterPath, colour: QColor, width: float, within: float = 0.0) -> None:
    """Draw the lines of a path, `width` wide, in an opaque colour.

    Args:
        painter: whose transform only moves and scales.
        path: of straight lines.
        colour: of them.
        width: in the unit of the painter.
        within: what of this is drawn over by others, and may stay free.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:  # a file of lines, which should be one each
        painter.strokePath(path, QPen(colour, width, j=Qt.PenJoinStyle.RoundJoin))
        return
    pixels = painter.deviceTransform().m11()
    pen = QPen(colour, 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    for place in offsets(width * pixels, within * pixels):
        painter.translate(place / pixels)
        painter.drawPath(path)
        painter.translate(-place / pixels)


def on_screen(painter: QPainter) -> bool:
    """Whether pixels are painted as they are to be seen, and not a picture of another size or a file of lines."""
    return painter.paintEngine().type() == QPaintEngine.Type.Raster and not painter.transform().isScaling()


def offsets(width: float, within: float = 0.0) -> list[QPointF]:
    """Where lines of one pixel have to lie so that together they are one of `width` pixels, free within as many."""
    made: list[QPointF] = []
    radius, inner = (width - 1.0) / 2.0, max((within - 1.0) / 2.0, 0.0)
    while radius > inner:
        count = max(4, math.ceil(4.0 * radius))
        turns = [2.0 * math.pi * (at + 0.5) / count for at in range(count)]
        made += [QPointF(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]
        radius -= 1.0
    if not within and (not made or radius > -0.5):
        made.append(QPointF(0.0, 0.0))
    return made
