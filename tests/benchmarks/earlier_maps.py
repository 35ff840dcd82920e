"""The maps as they were drawn before there were frames: by numpy, one after the other, in the window's thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.scene import Points, drawn


class EarlierMap(QWidget):
    """A map that draws all its points anew for every view."""

    def __init__(self, points: Points, size: int) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        x, y = np.ascontiguousarray(points.x), np.ascontiguousarray(points.y)
        held = Points(x, y, points.values, points.low, points.high, accent=points.accent)
        self._layers = held.layers(theme.current())
        self._image: QImage | None = None

    def look(self, camera: Camera, zoom: float) -> None:
        """Draw the points for a view, and show them."""
        self._pixels = drawn(self._layers, camera, zoom, 1.0)
        height, width = self._pixels.shape
        form = QImage.Format.Format_ARGB32_Premultiplied
        self._image = QImage(self._pixels.data, width, height, 4 * width, form)
        self.repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().map))
        if self._image is not None:
            painter.drawImage(QRectF(self.rect()), self._image)


def look(maps: Sequence[EarlierMap], views: Sequence[tuple[Camera, float]]) -> None:
    """Have every map show a view: a camera, and how much larger that shows things than one that shows everything."""
    for one, (camera, zoom) in zip(maps, views, strict=True):
        one.look(camera, zoom)
