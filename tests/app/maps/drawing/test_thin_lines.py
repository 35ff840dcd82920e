"""Lines that are drawn as several thin ones look as one of their width."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPicture

from app.maps.drawing.thin_lines import draw_thin, offsets


def bend() -> QPainterPath:
    path = QPainterPath(QPointF(20, 20))
    for place in ((90, 25), (120, 110), (30, 160), (25, 60)):
        path.lineTo(*place)
    path.closeSubpath()
    return path


def covered(draw, scale: float) -> np.ndarray:
    """How much of each pixel is covered, 0 to 1."""
    picture = QImage(round(160 * scale), round(200 * scale), QImage.Format.Format_Grayscale8)
    picture.fill(0)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    draw(painter)
    painter.end()
    rows = np.asarray(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    return rows[:, : picture.width()] / 255.0


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("width", [1.0, 2.0, 3.0, 5.0])
def test_it_covers_about_what_one_line_of_that_width_covers(qapp, width, scale):
    white = QColor("white")
    mine = covered(lambda painter: draw_thin(painter, bend(), white, width), scale)
    pen = QPen(white, width, j=Qt.PenJoinStyle.RoundJoin)
    its = covered(lambda painter: painter.strokePath(bend(), pen), scale)
    assert mine.sum() == pytest.approx(its.sum(), rel=0.35)
    assert mine[its > 0.99].min(initial=1.0) > 0.55  # no gap within
    assert (mine[its == 0] > 0.6).mean() < 0.004  # and next to nothing beside it


def test_what_is_drawn_over_may_stay_free():
    assert len(offsets(9.0, within=5.0)) < len(offsets(9.0))
    assert min(np.hypot(each.x(), each.y()) for each in offsets(9.0, within=5.0)) > 2.0
    assert offsets(1.0) == [QPointF(0, 0)]


def test_the_painter_is_left_as_it_was_and_a_file_of_lines_has_each_once(qapp):
    picture = QPicture()
    painter = QPainter(picture)
    painter.translate(3, 4)
    before = painter.transform()
    draw_thin(painter, bend(), QColor("white"), 3.0)
    assert painter.transform() == before
    painter.end()
    many = QPicture()
    painter = QPainter(many)
    for _ in range(4):
        painter.drawPath(bend())
    painter.end()
    assert picture.size() < many.size()
    assert QRectF(picture.boundingRect()).width() > 90
