"""What is kept as a picture looks as if it were painted anew, and is painted anew when it has to be."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPicture
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.maps.contours.moving import Moving
from app.maps.drawing.camera import Camera

HOME = Camera.fitted((0, 10, 0, 10), 200, 100)


class Strokes:
    """Paints some lines of the map, and counts how often."""

    def __init__(self) -> None:
        self.painted = 0

    def __call__(self, painter: QPainter, camera: Camera, zoom: float) -> None:
        self.painted += 1
        painter.setPen(QPen(QColor(theme.current().text), 2.0))
        for x in range(-20, 30, 3):
            painter.drawLine(QPointF(*camera.to_pixel(x, -20)), QPointF(*camera.to_pixel(x + 4, 20)))


def seen(paint, camera: Camera, zoom: float = 1.0, ratio: float = 1.0, grown: float = 1.0) -> np.ndarray:
    """The lightness of every pixel."""
    picture = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor("#404040"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(grown, grown)
    paint(painter, camera, zoom)
    painter.end()
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.asarray(grey.constBits(), np.uint8).reshape(grey.height(), -1)
    return rows[:, : grey.width()].astype(int).copy()


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_it_is_moved_while_it_reaches_and_looks_as_if_painted_anew(qapp: QApplication, ratio):
    theme.apply(qapp, "dark")
    strokes = Strokes()
    moving = Moving(strokes)
    camera = HOME
    for dx, dy in ((0, 0), (7, 3), (-30, 11), (40, -20), (-3, -9)):
        camera = camera.panned(dx, dy)
        difference = np.abs(seen(moving, camera, ratio=ratio) - seen(Strokes(), camera, ratio=ratio))
        assert difference.max() <= 12  # by rounding where lines are half over a pixel
    assert strokes.painted == 1
    far = camera.panned(90, 0)
    assert np.abs(seen(moving, far, ratio=ratio) - seen(Strokes(), far, ratio=ratio)).max() <= 12
    assert strokes.painted == 2


def test_it_is_painted_anew_for_another_zoom_size_or_theme(qapp: QApplication):
    theme.apply(qapp, "dark")
    strokes = Strokes()
    moving = Moving(strokes)
    seen(moving, HOME)
    closer = HOME.zoomed(1.1, 100, 50)
    assert np.abs(seen(moving, closer, 1.1) - seen(Strokes(), closer)).max() <= 12
    seen(moving, HOME.resized(190, 100))
    seen(moving, HOME.resized(190, 100), ratio=2.0)
    assert strokes.painted == 4
    theme.apply(qapp, "light")
    seen(moving, HOME.resized(190, 100), ratio=2.0)
    assert strokes.painted == 5
    theme.apply(qapp, "dark")


def test_a_picture_of_another_size_or_a_file_of_lines_has_the_lines_themselves(qapp: QApplication):
    theme.apply(qapp, "dark")
    strokes = Strokes()
    moving = Moving(strokes)
    assert (seen(moving, HOME, grown=2.0) == seen(Strokes(), HOME, grown=2.0)).all()
    lines = QPicture()
    painter = QPainter(lines)
    moving(painter, HOME, 1.0)
    painter.end()
    assert strokes.painted == 2
    assert lines.size() < 20_000  # a picture would be 80,000 bytes at least
