"""Who draws a map: compiled loops as soon as they are there, numpy until then."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from app.core.theme import Theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.compiled import loading
from app.maps.drawing.lookup import PointGrid
from app.maps.drawing.raster import Pixels
from app.maps.drawing.scene import Points, Sized, drawn
from app.maps.drawing.sheet import MOST_POINTS, Sheet

FEW = 100_000
"""Points that are sorted within a few milliseconds, before they are drawn first."""


class Artist:
    """Draws one map, by the compiled loops as soon as they are there, else by numpy.

    Many points are drawn as they come until they are sorted, which takes longer than drawing them once.

    Attributes:
        grid: of its points; None until they are sorted.
    """

    def __init__(self) -> None:
        self.grid: PointGrid | None = None
        self._sheet: Sheet | None = None
        self._layers: tuple[Points, Theme, list[Sized]] | None = None
        self._one_at_a_time = Lock()

    def drawn(self, points: Points, now: Theme, camera: Camera, zoom: float, ratio: float) -> Pixels:
        """Points, the same ones always, as `scene.drawn` draws them. In any thread."""
        kernels = loading.kernels()
        with self._one_at_a_time:
            if kernels is None or len(points.x) > MOST_POINTS:
                return drawn(self._sorted_out(points, now), camera, zoom, ratio)
            if self._sheet is None:
                self._layers = None
                if len(points.x) <= FEW:
                    self.grid = PointGrid(points.x, points.y)
                self._sheet = Sheet(kernels, self.grid)
            return self._sheet.drawn(points, now, camera, zoom, ratio)

    @property
    def can_prepare(self) -> bool:
        """Whether the next pictures would be drawn faster after `prepare`."""
        return self._sheet is not None and self.grid is None

    def prepare(self, drawing: Drawing) -> None:
        """Sort the points, and have everything ready to draw them as they were drawn. In any thread."""
        kernels = loading.kernels()
        if kernels is None:
            return
        grid = PointGrid(drawing.points.x, drawing.points.y)
        sheet = Sheet(kernels, grid)
        sheet.drawn(drawing.points, drawing.theme, drawing.camera.magnified(drawing.ratio), drawing.zoom, drawing.ratio)
        with self._one_at_a_time:
            self.grid, self._sheet = grid, sheet

    def _sorted_out(self, points: Points, now: Theme) -> list[Sized]:
        if self._layers is None or self._layers[0] is not points or self._layers[1] is not now:
            self._layers = points, now, points.layers(now)
        return self._layers[2]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A map to be drawn as it is to be seen; `camera` counts logical pixels, `ratio` device pixels to each."""

    artist: Artist
    points: Points
    theme: Theme
    camera: Camera
    zoom: float
    ratio: float

    def __call__(self) -> Pixels:
        """Draw it; in any thread."""
        return self.artist.drawn(self.points, self.theme, self.camera.magnified(self.ratio), self.zoom, self.ratio)

    def same_as(self, other: Drawing) -> bool:
        """Whether both come to the same picture."""
        mine, its = ((one.artist, one.points, one.theme) for one in (self, other))
        alike = all(each is another for each, another in zip(mine, its, strict=True))
        return alike and (self.camera, self.ratio) == (other.camera, other.ratio)
