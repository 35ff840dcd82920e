"""The picture of a map: points in an image, rings and flags over it, and where it looks.

The points are drawn into an image (`scene`, `sheet`), rings and flags over it (`overlay`). Moving the pointer only
repaints the overlay. Maps that share a window are drawn by its studio, in other threads; where a new image takes
longer, the last one is shifted and stretched meanwhile, so that the hand is followed at any number of points. A map
alone is drawn while it is painted. What the hand does is the subject of `view`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core import theme
from app.maps.drawing.artist import Artist, Drawing
from app.maps.drawing.camera import MARGIN, Camera, bounds_of
from app.maps.drawing.finder import PointFinder
from app.maps.drawing.layers import Layers
from app.maps.drawing.overlay import Mark, draw_caption, draw_dot, draw_flags, draw_path, draw_ring
from app.maps.drawing.raster import Pixels
from app.maps.drawing.scene import Points, Scene
from app.maps.drawing.studio import Studio

_Scalar = TypeVar("_Scalar", bound=np.generic)

REACH = 12.0  # logical pixels within which a point counts as under the pointer
STEP = 4.0  # logical pixels that the next point in a direction is away at least: a nearer one looks like the same
ZOOM_IN, ZOOM_OUT = 4000.0, 0.25  # limits, relative to the view that shows everything
_EMPTY = (-1.0, 1.0, -1.0, 1.0)  # what a map without points looks at


class MapCanvas(QWidget):
    """A picture of (n, 2) points. Indices are rows of those points.

    Attributes:
        finder: tells which point is meant.
        beneath: what is painted between the points and what is marked on them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._x = self._y = np.zeros(0, np.float32)
        self._points = Points(self._x, self._y)
        self._hover = self._selection = self._path_position = -1
        self._caption = ""
        self._marks: tuple[Mark, ...] = ()
        self._dots: tuple[Mark, ...] = ()
        self._path: NDArray[np.float64] | None = None

        self._bounds = _EMPTY
        self._home = Camera()
        self._camera = Camera()
        self.finder = PointFinder(self)
        self.beneath = Layers()
        self._artist = Artist()
        self._studio: Studio | None = None
        self._image: QImage | None = None
        self._image_buffer: Pixels | None = None
        self._image_camera = Camera()
        self._outdated = True

        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Map of sentences")

    def sit_for(self, studio: Studio) -> None:
        """Have the image drawn beside those of the other maps of the window, and not while painting."""
        self._studio = studio

    # what is shown

    def set_points(self, coords: NDArray[np.floating] | None) -> None:
        """Show (n, 2) points and all of them; None for an empty map. Colours, dimming, rings and the path are cleared.

        Points with a coordinate that is not finite are left out of the drawing and cannot be hit.

        Raises:
            ValueError: `coords` is not (n, 2).
        """
        points = np.zeros((0, 2), np.float32) if coords is None else np.asarray(coords, np.float32)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"a map needs (n, 2) coordinates, not {points.shape}")
        self._x, self._y = points[:, 0], points[:, 1]
        self._bounds, placed = bounds_of(points)
        self._points = Points(self._x, self._y, accent=self._points.accent, placed=placed)
        self._artist = Artist()
        self._path = None
        self._marks = self._dots = ()
        self._hover = self._selection = self._path_position = -1
        self._caption = ""
        self.finder.set_points(self._x, self._y)
        self._home = self._fitted()
        self._camera = self._home
        self._image = None
        self._points_changed()

    def lay(self, coords: NDArray[np.float32]) -> None:
        """Show the same points at other places (n, 2), from where one looks now; all else stays as it is."""
        self._x, self._y = coords[:, 0], coords[:, 1]
        self._points = replace(self._points, x=self._x, y=self._y, placed=False)
        self._artist = Artist()
        self.finder.set_points(self._x, self._y)
        self.finder.set_dimmed(self._points.dimmed)
        self._points_changed()

    def set_colours(self, values: NDArray[np.floating] | None, vmin: float = 0.0, vmax: float = 1.0) -> None:
        """Colour the points by (n,) values along the ramp from `vmin` to `vmax`; None for one colour.

        Values outside are drawn as the nearest end; points whose value is not a number are drawn as dimmed.

        Raises:
            ValueError: there are not as many values as points.
        """
        kept = None if values is None else self._checked(values, np.float32, "values")
        self._show(values=kept, low=vmin, high=vmax, categories=False)

    def set_categories(self, numbers: NDArray[np.floating]) -> None:
        """Colour the points by (n,) numbers of categories, each a place in `categories.colours.palette`.

        Points whose number is NaN are drawn as dimmed.

        Raises:
            ValueError: there are not as many numbers as points.
        """
        self._show(values=self._checked(numbers, np.float32, "numbers"), categories=True)

    def set_density(self, on: bool) -> None:
        """Shade by the logarithm of the number of points instead of drawing dots."""
        if on != self._points.density:
            self._show(density=on)

    def set_dimmed(self, mask: NDArray[np.bool_] | None) -> None:
        """Draw points where the (n,) `mask` is true in grey below the others; None for no dimming.

        Raises:
            ValueError: the mask is not as long as the points.
        """
        dimmed = None if mask is None else self._checked(mask, np.bool_, "mask entries")
        self.finder.set_dimmed(dimmed)
        self._show(dimmed=dimmed)

    def set_accent(self, colour: str) -> None:
        """The colour of uncoloured points and of the path: the variant's."""
        if colour != self._points.accent:
            self._show(accent=colour)

    def set_hover(self, index: int, caption: str = "") -> None:
        """Ring the point `index` (-1 for none), with an optional `caption` on a card beside it."""
        if (index, caption) != (self._hover, self._caption):
            self._hover, self._caption = index, caption
            self.update()

    def set_selection(self, index: int) -> None:
        """Ring the point `index` strongly; -1 for none."""
        self._selection = index
        self.update()

    def set_marks(self, marks: Sequence[tuple[str, tuple[float, float], str]]) -> None:
        """Flags as (label, (x, y) in data coordinates, colour), replacing those before."""
        self._marks = tuple(Mark(label, (float(x), float(y)), colour) for label, (x, y), colour in marks)
        self.update()

    def set_dots(self, dots: Sequence[tuple[str, tuple[float, float], str]]) -> None:
        """Small numbered dots, otherwise as `set_marks`."""
        self._dots = tuple(Mark(number, (float(x), float(y)), colour) for number, (x, y), colour in dots)
        self.update()

    def set_path(self, points: NDArray[np.floating] | None) -> None:
        """A line with dots through (k, 2) data points; None for none."""
        self._path = None if points is None or len(points) == 0 else np.array(points, np.float64).reshape(-1, 2)
        self.update()

    def set_beneath(self, **layers: Any) -> None:
        """Paint other layers between the points and what is marked on them, by the fields of `Layers`."""
        self.beneath = replace(self.beneath, **layers)
        self.update()

    def set_path_position(self, index: int) -> None:
        """Emphasise the path's point `index`; -1 for none."""
        self._path_position = index
        self.update()

    # where it looks

    @property
    def at_home(self) -> bool:
        """True while the view shows everything, as after `reset_view`."""
        return self._camera == self._home

    def reset_view(self) -> None:
        """Show all points."""
        self._move_to(self._home)

    def view_range(self) -> tuple[float, float, float, float]:
        """(x0, x1, y0, y1) of the data in view."""
        return self._camera.range

    def set_view_range(self, x0: float, x1: float, y0: float, y1: float) -> None:
        """Show at least this range; on a map of the same size as its origin, exactly this."""
        self._move_to(self._limited(Camera.fitted((x0, x1, y0, y1), self.width(), self.height())))

    def position_of(self, index: int) -> QPointF:
        """Where the point `index` is drawn, in logical pixels (may lie outside the widget)."""
        return QPointF(*self._camera.to_pixel(float(self._x[index]), float(self._y[index])))

    def index_at(self, at: QPointF) -> int:
        """The point nearest to `at` within `REACH` pixels, or -1. Points that are not dimmed come first."""
        return self.finder.near(*self._camera.to_data(at.x(), at.y()), REACH / self._camera.scale)

    def index_toward(self, index: int, way: tuple[int, int]) -> int:
        """The point that comes next after the point `index` in a direction, or -1.

        The nearest within 45 degrees that is drawn more than `STEP` pixels away and is not dimmed.

        Args:
            way: (1, 0) to the right, (0, 1) up.
        """
        return self.finder.toward(index, way, STEP / self._camera.scale) if self._shows(index) else -1

    def index_in_middle(self) -> int:
        """The point nearest to the middle of the view that is not dimmed, or -1."""
        x, y, (x0, x1, y0, y1) = self._camera.x, self._camera.y, self._bounds
        farthest = abs(x - x0) + abs(x1 - x) + abs(y - y0) + abs(y1 - y)
        return self.finder.nearest(x, y, REACH / self._camera.scale, farthest)

    # painting

    def render_now(self) -> None:
        """Draw the image of the points for the view as it is now, and repaint."""
        if len(self._x):
            self._draw_image()
        self.update()

    def drawing(self) -> Drawing:
        """What draws the image for the view as it is now, in any thread."""
        zoom = self._camera.scale / self._home.scale
        return Drawing(self._artist, self._points, theme.current(), self._camera, zoom, self.devicePixelRatioF())

    def take(self, drawing: Drawing, pixels: Pixels) -> None:
        """Show the image that a drawing came to, unless it is of other points."""
        if drawing.artist is not self._artist:
            return
        self.take_grid(drawing)
        height, width = pixels.shape
        self._image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        self._image_buffer = pixels  # the image only borrows it; the one before is let go after its image
        self._image_camera = drawing.camera
        same = drawing.points is self._points and drawing.theme is theme.current()
        self._outdated = not (same and drawing.ratio == self.devicePixelRatioF())
        self.update()

    def take_grid(self, drawing: Drawing) -> None:
        """Find points by the order in which they are drawn, as soon as there is one."""
        if drawing.artist is self._artist and self._artist.grid is not None:
            self.finder.take(self._artist.grid)

    def _draw_image(self) -> None:
        drawing = self.drawing()
        self.take(drawing, drawing())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(colours.map))
            if len(self._x):
                self._paint_points(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_overlay(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_points(self, painter: QPainter) -> None:
        if self._outdated or self._image_camera != self._camera:
            if self._studio is None:
                self._draw_image()
            else:
                self._studio.ask(self)
        if self._image is None:
            return
        now, then = self._camera, self._image_camera
        if now != then:
            left, top = now.to_pixel(*then.to_data(0, 0))
            right, bottom = now.to_pixel(*then.to_data(then.width, then.height))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(left, top, right - left, bottom - top), self._image)
        else:
            painter.drawImage(QRectF(self.rect()), self._image)

    def _paint_overlay(self, painter: QPainter) -> None:
        bounds = QRectF(self.rect())
        self.beneath(painter, self._camera, self._camera.scale / self._home.scale)
        if self._path is not None:
            points = [QPointF(float(x), float(y)) for x, y in self._camera.pixels(self._path)]
            draw_path(painter, points, self._path_position, self._points.accent or theme.current().accent)
        for index, selected in ((self._selection, True), (self._hover, False)):
            if self._shows(index):
                draw_ring(painter, self.position_of(index), bounds, selected=selected)
        for dot in reversed(self._dots):  # the first of a list lies on top
            draw_dot(painter, dot, QPointF(*self._camera.to_pixel(*dot.place)), bounds)
        draw_flags(painter, [(mark, QPointF(*self._camera.to_pixel(*mark.place))) for mark in self._marks], bounds)
        if self._caption and self._shows(self._hover):
            at = self.position_of(self._hover)
            if bounds.contains(at):
                draw_caption(painter, self._caption, at, bounds)

    def _shows(self, index: int) -> bool:
        return 0 <= index < len(self._x) and math.isfinite(self._x[index]) and math.isfinite(self._y[index])

    def scene(self) -> Scene:
        """What is shown now without what belongs to the pointer, to be drawn elsewhere."""
        at = self._selection
        return Scene(
            self._points,
            self._camera,
            self._camera.scale / self._home.scale,
            (float(self._x[at]), float(self._y[at])) if self._shows(at) else None,
            self._marks,
            self._dots,
            self._path,
            self._path_position,
            beneath=self.beneath,
        )

    # helpers

    @property
    def _dimmed(self) -> NDArray[np.bool_] | None:
        return self._points.dimmed

    def _fitted(self) -> Camera:
        return Camera.fitted(self._bounds, self.width(), self.height(), MARGIN)

    def _limited(self, camera: Camera) -> Camera:
        ratio = camera.scale / self._home.scale
        allowed = min(max(ratio, ZOOM_OUT), ZOOM_IN)
        return camera if allowed == ratio else camera.zoomed(allowed / ratio, camera.width / 2, camera.height / 2)

    def _move_to(self, camera: Camera) -> bool:
        """Look elsewhere; whether that is a change."""
        if camera == self._camera:
            return False
        self._camera = camera
        if self._studio is not None and self._image is not None and self.isVisible():
            self._studio.ask(self)  # which has it painted with the new image, or soon
        else:
            self.update()
        return True

    def _checked(self, values: NDArray[Any], dtype: type[_Scalar], what: str) -> NDArray[_Scalar]:
        result = np.asarray(values, dtype)
        if result.shape != (len(self._x),):
            raise ValueError(f"{len(self._x)} points need as many {what}, not {result.shape}")
        return result

    def _show(self, **changed: Any) -> None:
        """Show the points in another way, by the fields of `Points`."""
        self._points = replace(self._points, **changed)
        self._points_changed()

    def _points_changed(self) -> None:
        self._outdated = True
        self.update()

    # events

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 100)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was_home = self.at_home
        self._home = self._fitted()
        self._camera = self._home if was_home else self._camera.resized(self.width(), self.height())
        self._outdated = True
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._points_changed()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._outdated = True
            self.update()
        return super().event(event)
