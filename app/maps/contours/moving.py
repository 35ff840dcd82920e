"""What takes a while to paint over a map, kept as a picture that moves along while the map does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from app.core import theme
from app.core.theme import Theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.thin_lines import on_screen

_AROUND = 0.25  # of a view's width and height, that the picture reaches beyond it on each side


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A picture, and what it was painted for."""

    image: QImage
    camera: Camera
    zoom: float
    ratio: float
    now: Theme


Lines = Callable[[QPainter, Camera, float], None]
"""Paints what has no words, with a camera, in its pixels, and how much larger it sees than the whole map."""


class Moving:
    """Paints something only where it cannot move its picture: after a zoom, or a long way."""

    def __init__(self, paint: Lines) -> None:
        self._paint = paint
        self._kept: _Kept | None = None

    def __call__(self, painter: QPainter, camera: Camera, zoom: float) -> None:
        """Paint it, as `Lines`."""
        if not on_screen(painter):  # for a file
            self._paint(painter, camera, zoom)
            return
        ratio, kept = painter.deviceTransform().m11(), self._kept
        if kept is None or not _serves(kept, camera, zoom, ratio):
            kept = self._kept = _painted(self._paint, camera, zoom, ratio)
        left, top = kept.camera.to_pixel(*camera.to_data(0.0, 0.0))
        place = QPointF(round(-left * ratio), round(-top * ratio)) / ratio  # on whole pixels it stays sharp
        painter.drawImage(place - QPointF(*_margins(camera, ratio)), kept.image)


def _margins(camera: Camera, ratio: float) -> tuple[float, float]:
    """What a picture shows around the view, at the sides and above, in logical pixels that are whole device pixels."""
    return round(_AROUND * camera.width * ratio) / ratio, round(_AROUND * camera.height * ratio) / ratio


def _serves(kept: _Kept, camera: Camera, zoom: float, ratio: float) -> bool:
    """Whether the picture, moved, shows all of a view."""
    if (kept.zoom, kept.ratio, kept.now) != (zoom, ratio, theme.current()):
        return False
    if replace(kept.camera, x=camera.x, y=camera.y) != camera:
        return False
    across, up = _margins(camera, ratio)
    return abs(camera.x - kept.camera.x) * camera.scale <= across and abs(camera.y - kept.camera.y) * camera.scale <= up


def _painted(paint: Lines, camera: Camera, zoom: float, ratio: float) -> _Kept:
    across, up = _margins(camera, ratio)
    wide = replace(camera, width=camera.width + 2 * across, height=camera.height + 2 * up)
    image = QImage(round(wide.width * ratio), round(wide.height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, wide, zoom)
    return _Kept(image, camera, zoom, ratio, theme.current())
