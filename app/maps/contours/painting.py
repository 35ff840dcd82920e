"""How the contours of a map are painted: in its coordinates, so that they go along with every move and zoom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPolygonF, QTransform

from app.core import theme
from app.maps.contours.moving import Moving
from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import depth_at
from app.maps.drawing.overlay import draw_words
from app.maps.drawing.thin_lines import draw_thin

if TYPE_CHECKING:
    from engine.maps.telling.contours import Contour

_WIDTHS = (2.0, 1.0, 1.0)  # logical pixels of the lines, those of the smallest share first
_HALO = 1.0  # logical pixels around a line
_EDGE = 4.0  # logical pixels between the border of the map and what is written
_LARGE = 40.0  # logical pixels of a line that says its share, at least

SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Where on its line a share is written: at the bottom, at the right and at the top, so that they keep apart; elsewhere
where others are in the way."""


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A closed line, in the coordinates of the map."""

    points: NDArray[np.float64]
    polygon: QPolygonF
    bounds: QRectF


class ContourPainter:
    """Paints the contours between the points of a map and what is marked on it; finer ones closer by.

    It may be made in any thread, and is used in the window's.
    """

    def __init__(self, by_depth: Sequence[tuple[Contour, ...]]) -> None:
        """Args: by_depth: the contours for the whole map, the smallest share first, and those for closer looks."""
        self.by_depth = tuple(by_depth)
        self._lines = [[(each.share, [_line(points) for points in each.lines]) for each in one] for one in by_depth]
        self._moving = Moving(self._draw)

    def __call__(self, painter: QPainter, camera: Camera, zoom: float, _taken: list[QRectF]) -> None:
        """Paint the lines, as a `Beneath`."""
        if self._lines:
            self._moving(painter, camera, zoom)

    def shares(self, painter: QPainter, camera: Camera, zoom: float, taken: list[QRectF]) -> None:
        """Write once at a line of each share what it holds, where there is room, as a `Beneath`."""
        font = theme.font(theme.SMALL_SIZE, strong=True)
        metrics, room = QFontMetricsF(font), QRectF(0, 0, camera.width, camera.height)
        for (share, lines), first in zip(self._at(zoom), SIDES, strict=False):
            text = f"{share:.0%}"
            box = QRectF(0, 0, metrics.horizontalAdvance(text), metrics.height())
            margins = _EDGE + box.width() / 2, _EDGE + box.height() / 2
            for side in (first, *(each for each in SIDES if each != first)):
                at = _foremost(lines, camera, side, margins)
                if at is None:
                    break
                box.moveCenter(at)
                if room.contains(box) and not any(box.intersects(other) for other in taken):
                    taken.append(QRectF(box))
                    draw_words(painter, text, box, font)
                    break

    def _at(self, zoom: float) -> list[tuple[float, list[_Line]]]:
        """The shares and their lines at a zoom."""
        return self._lines[min(depth_at(zoom), len(self._lines) - 1)] if self._lines else []

    def _draw(self, painter: QPainter, camera: Camera, zoom: float) -> None:
        """The lines alone."""
        now, view, paths = theme.current(), _view(camera), []
        for _, lines in self._at(zoom):
            path = QPainterPath()
            for line in lines:
                if line.bounds.intersects(view):
                    path.addPolygon(line.polygon)
            paths.append(path)
        x, y = camera.to_pixel(0.0, 0.0)
        painter.save()
        painter.setTransform(QTransform(camera.scale, 0.0, 0.0, -camera.scale, x, y), combine=True)
        for path, width in zip(paths, _WIDTHS, strict=False):
            draw_thin(painter, path, QColor(now.map), (width + 2 * _HALO) / camera.scale, width / camera.scale)
        for path, width in zip(paths, _WIDTHS, strict=False):
            draw_thin(painter, path, QColor(now.text), width / camera.scale)
        painter.restore()


def _line(points: NDArray[np.float64]) -> _Line:
    polygon = QPolygonF([QPointF(x, y) for x, y in points.tolist()])
    return _Line(points, polygon, polygon.boundingRect())


def _view(camera: Camera) -> QRectF:
    left, right, low, high = camera.range
    return QRectF(left, low, right - left, high - low)


def _foremost(
    lines: Sequence[_Line], camera: Camera, side: tuple[int, int], margins: tuple[float, float]
) -> QPointF | None:
    """The place of the line of which most is seen that lies farthest to a side, in pixels; None where there is none.

    `margins` are what is left free at the borders of the view, at the sides and above.
    """
    view = _view(camera)
    seen = [line.bounds.intersected(view) for line in lines]
    sizes = [max(each.width(), each.height()) * camera.scale for each in seen]
    if not sizes or max(sizes) < _LARGE:
        return None
    pixels = camera.pixels(lines[sizes.index(max(sizes))].points)
    inside = (pixels >= margins) & (pixels <= np.subtract((camera.width, camera.height), margins))
    pixels = pixels[inside.all(axis=1)]
    if not len(pixels):
        return None
    x, y = pixels[np.argmax(pixels @ np.array(side))].tolist()
    return QPointF(x, y)
