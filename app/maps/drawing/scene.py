"""What a map shows at one moment, as a value, so that it can be drawn again: larger, or in other colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.core import theme
from app.core.theme import Theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import Layers
from app.maps.drawing.overlay import Mark, draw_dot, draw_flags, draw_path, draw_ring
from app.maps.drawing.raster import Layer, Pixels, dot_radius, render
from app.widgets.categories.colours import palette
from app.widgets.colour_scale import density_ramp, ramp
from app.widgets.pictures.pixels import draw_pixels

_RIMMED = 5000  # bright points, among dimmed ones, up to which each has a rim ...
_RIM = 1.5  # ... as wide as this, in logical pixels

Sized = tuple[Layer, int, float]
"""A layer, the number of points that its dots are sized for, and by how many logical pixels they are larger."""


@dataclass(frozen=True, slots=True)
class Dress:
    """How the dots of a part are drawn; the fields are those of a `Layer`."""

    colour: tuple[int, int, int]
    ramp: NDArray[np.uint8] | None = None
    opacity: float = 1.0
    apart: bool = False
    density: bool = False
    valued: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Points of a map that are drawn alike.

    Attributes:
        mask: which they are, (n,); None for all.
        crowd: the number of points that their dots are sized for.
        kind: dots in grey, dots as they are coloured, or the rim beneath these.
    """

    mask: NDArray[np.bool_] | None
    crowd: int
    kind: Literal["grey", "bright", "rim"]

    @property
    def larger(self) -> float:
        """By how many logical pixels the radius of its dots is larger."""
        return _RIM if self.kind == "rim" else 0.0


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a map and how they are coloured; arrays of (n,), which nobody changes.

    Attributes:
        x, y: where they are.
        values: what colours them, from `low` to `high`; None for one colour.
        categories: whether `values` are instead numbers of categories, each of which has a colour of its own.
        dimmed: which are grey; None for none.
        density: whether their number is shaded instead.
        accent: the colour of those without a value.
        placed: whether it is known that all of them have a place.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    values: NDArray[np.float32] | None = None
    low: float = 0.0
    high: float = 1.0
    dimmed: NDArray[np.bool_] | None = None
    density: bool = False
    accent: str = ""
    categories: bool = False
    placed: bool = False

    @property
    def t(self) -> NDArray[np.float32] | None:
        """Their place on the ramp, 0 to 1, or the number of their category; None for one colour."""
        if self.values is None or self.categories:
            return self.values
        t = self.values - np.float32(self.low)
        t /= np.float32(self.high - self.low) if self.high > self.low else np.float32(1)
        return np.clip(t, 0, 1, out=t)

    def parts(self) -> list[Part]:
        """The points in the order of drawing.

        While others are dimmed, the bright points are as large as if they were alone; few have a rim.
        """
        finite = None if self.placed else np.isfinite(self.x) & np.isfinite(self.y)
        grey = self.dimmed
        if self.values is not None and not self.density and (missing := np.isnan(self.values)).any():
            grey = missing if grey is None else grey | missing
        made: list[Part] = []
        for kind in ("grey", "bright"):
            if grey is None and kind == "grey":
                continue
            mask = finite if grey is None else grey if kind == "grey" else ~grey
            if mask is not None and finite is not None:
                mask = mask & finite
            count = len(self.x) if mask is None else int(np.count_nonzero(mask))
            if not count:
                continue
            kept = None if count == len(self.x) else mask
            lit = self.dimmed is not None and kind == "bright"
            crowd = count if lit else len(self.x)
            if lit and crowd <= _RIMMED:
                made.append(Part(kept, crowd, "rim"))
            made.append(Part(kept, crowd, "grey" if kind == "grey" else "bright"))
        return made

    def dress(self, part: Part, now: Theme) -> Dress:
        """How a part looks in a theme."""
        if part.kind == "rim":
            return Dress(_rgb(now.text))
        if part.kind == "grey":
            return Dress(_rgb(now.dimmed), opacity=0.75)
        valued = self.values is not None and not self.density
        apart = self.categories and valued
        table = ramp(now.mode) if valued else density_ramp(now.mode) if self.density else None
        table = palette(now) if apart else table
        plain = _rgb(now.readable(self.accent or now.accent))
        return Dress(plain, table, apart=apart, density=self.density, valued=valued)

    def layers(self, now: Theme) -> list[Sized]:
        """The parts with their points, in the colours of a theme."""
        made: list[Sized] = []
        for part in self.parts():
            dress, kept = self.dress(part, now), slice(None) if part.mask is None else part.mask
            own = self.t if dress.valued else None
            t = None if own is None else own[kept]
            layer = Layer(
                self.x[kept], self.y[kept], dress.colour, t, dress.ramp, dress.opacity, dress.apart, dress.density
            )
            made.append((layer, part.crowd, part.larger))
        return made


def _rgb(name: str) -> tuple[int, int, int]:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()


@dataclass(frozen=True, eq=False)
class Scene:
    """A map without the pointer: its points, what is marked on it, and where it looks.

    Attributes:
        zoom: how much larger than the view that shows everything.
        selected: the clicked point, as (x, y); None for none.
        marks, dots: flags with a letter, and small numbered discs.
        path, position: the way over the map (k, 2) and the place on it that stands out; -1 for none.
        taken_in: the theme that the colours of the marks are of.
        beneath: what is painted between the points and what is marked on them.
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
    beneath: Layers = field(default_factory=Layers)
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
        painter.save()
        painter.scale(grown, grown)  # as it is on the screen
        self.beneath(painter, self.camera, self.zoom)
        painter.restore()
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
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    with QPainter(made) as painter:
        painter.drawImage(0, 0, image)
    return made
