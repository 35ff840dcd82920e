"""What a map shows at one moment, as a value, so that it can be drawn again: larger, or in other colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.core import theme
from app.core.theme import Theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.overlay import Mark, draw_dot, draw_flags, draw_path, draw_ring
from app.maps.drawing.raster import Layer, Pixels, dot_radius, render
from app.widgets.categories.colours import palette
from app.widgets.colour_scale import ramp
from app.widgets.pictures.pixels import draw_pixels

_RIMMED = 5000  # bright points, among dimmed ones, up to which each has a rim ...
_RIM = 1.5  # ... as wide as this, in logical pixels

Sized = tuple[Layer, int, float]
"""A layer, the number of points that its dots are sized for, and by how many logical pixels they are larger."""


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a map and how they are coloured; arrays of (n,), which nobody changes.

    Attributes:
        x, y: where they are.
        finite: which of them have a place.
        t: their place on the ramp, 0 to 1; None for one colour.
        categories: whether `t` is instead the number of a category, each of which has a colour of its own.
        dimmed: which are grey; None for none.
        density: whether their number is shaded instead.
        accent: the colour of those without a `t`.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    finite: NDArray[np.bool_]
    t: NDArray[np.float32] | None
    dimmed: NDArray[np.bool_] | None
    density: bool
    accent: str
    categories: bool = False

    def layers(self, now: Theme) -> list[Sized]:
        """The points in the order of drawing, in the colours of a theme.

        While others are dimmed, the bright points are as large as if they were alone; few have a rim.
        """
        apart = self.categories and self.t is not None and not self.density
        table = palette(now) if apart else ramp(now.mode) if self.t is not None or self.density else None
        plain = QColor(now.readable(self.accent or now.accent))
        grey = np.zeros(len(self.x), np.bool_) if self.dimmed is None else self.dimmed
        if self.t is not None and not self.density:
            grey = grey | np.isnan(self.t)
        made: list[Sized] = []
        for mask, is_grey in ((self.finite & grey, True), (self.finite & ~grey, False)):
            if not mask.any():
                continue
            everything = bool(mask.all())
            colour = QColor(now.dimmed) if is_grey else plain
            t = None if is_grey or self.t is None or self.density else self.t if everything else self.t[mask]
            layer = Layer(
                x=self.x if everything else self.x[mask],
                y=self.y if everything else self.y[mask],
                colour=(colour.red(), colour.green(), colour.blue()),
                t=t,
                ramp=None if is_grey else table,
                opacity=0.75 if is_grey else 1.0,
                apart=apart and not is_grey,
                density=self.density and not is_grey,
            )
            lit = self.dimmed is not None and not is_grey
            crowd = len(layer.x) if lit else len(self.x)
            if lit and crowd <= _RIMMED:
                text = QColor(now.text)
                rim = Layer(layer.x, layer.y, (text.red(), text.green(), text.blue()))
                made.append((rim, crowd, _RIM))
            made.append((layer, crowd, 0.0))
        return made


@dataclass(frozen=True, eq=False)
class Scene:
    """A map without the pointer: its points, what is marked on it, and where it looks.

    Attributes:
        zoom: how much larger than the view that shows everything.
        selected: the clicked point, as (x, y); None for none.
        marks, dots: flags with a letter, and small numbered discs.
        path, position: the way over the map (k, 2) and the place on it that stands out; -1 for none.
        taken_in: the theme that the colours of the marks are of.
    """

    points: Points
    camera: Camera
    zoom: float = 1.0
    selected: tuple[float, float] | None = None
    marks: tuple[Mark, ...] = ()
    dots: tuple[Mark, ...] = ()
    path: NDArray[np.float64] | None = None
    position: int = -1
    taken_in: Theme = field(default_factory=theme.current)
    _drawn: dict[tuple[float, str], Pixels] = field(default_factory=dict, repr=False)

    def as_high_as(self, height: float) -> Scene:
        """The same with as many logical pixels of height, for which more is seen above and below."""
        return replace(self, camera=replace(self.camera, height=height), _drawn={})

    def prepare(self, ratio: float, now: Theme) -> None:
        """Have the points drawn with `ratio` pixels to one of the camera's, if they are not yet."""
        if len(self.points.x) and (ratio, now.map) not in self._drawn:
            self._drawn[ratio, now.map] = drawn(self.points.layers(now), self.camera.magnified(ratio), self.zoom, ratio)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it, as large as its camera sees it times what the area is wider."""
        now, grown = theme.current(), area.width() / self.camera.width
        painter.save()
        painter.setClipRect(area)
        painter.fillRect(area, QColor(now.map))
        self.prepare(ratio, now)
        pixels = self._drawn.get((ratio, now.map))
        if pixels is not None:
            draw_pixels(painter, area, _on_ground(pixels, now.map))
        camera, bounds = self.camera.magnified(grown), QRectF(0, 0, area.width(), area.height())
        painter.translate(area.topLeft())
        if self.path is not None:
            points = [QPointF(float(x), float(y)) for x, y in camera.pixels(self.path)]
            draw_path(painter, points, self.position, self.points.accent or now.accent)
        if self.selected is not None:
            draw_ring(painter, QPointF(*camera.to_pixel(*self.selected)), bounds, selected=True)
        for dot in reversed(self.dots):
            draw_dot(painter, self._dressed(dot), QPointF(*camera.to_pixel(*dot.place)), bounds)
        flags = [(self._dressed(mark), QPointF(*camera.to_pixel(*mark.place))) for mark in self.marks]
        draw_flags(painter, flags, bounds)
        painter.restore()
        painter.setPen(QPen(QColor(now.border), 1))
        painter.drawRect(area)

    def _dressed(self, mark: Mark) -> Mark:
        """A mark in the colour that has the same name in the theme of now."""
        names = (each.name for each in fields(Theme) if getattr(self.taken_in, each.name) == mark.colour)
        name = next(names, "")
        return replace(mark, colour=getattr(theme.current(), name)) if name else mark


def drawn(layers: Sequence[Sized], camera: Camera, zoom: float, ratio: float) -> Pixels:
    """Layers in one image.

    Args:
        camera: in device pixels, `ratio` of them to a logical one.
        zoom: how much larger than the view that shows everything.
    """
    pixels: Pixels | None = None
    for layer, crowd, rim in layers:
        pixels = render([layer], camera, (dot_radius(crowd, zoom) + rim) * ratio, pixels)
    return render([], camera, ratio) if pixels is None else pixels


def _on_ground(pixels: Pixels, ground: str) -> QImage:
    """The points on the ground of the map, as an image without transparency, which files hold in half the room."""
    height, width = pixels.shape
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor(ground))
    painter = QPainter(made)
    painter.drawImage(0, 0, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied))
    painter.end()
    return made
