"""One map drawn again and again by the compiled loops: what `raster` draws, from points that lie in an order.

The points of a part are kept sorted by the cells of the map's grid, so that only those in view are touched. Very many
are drawn from heaps: sums over the cells of a grid that is finer than the pixels, each laid into the pixel in which the
middle of its cell lies, so that a point is off by a quarter of a pixel at most before it is counted into one. Both are
made when they are needed first and kept until other points or values come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.theme import Theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.lookup import CELLS, PointGrid
from app.maps.drawing.raster import (
    PHASES,
    SEEN,
    STAMPED_PIXELS,
    STAMPED_SHARE,
    Floats,
    Pixels,
    density_level,
    density_opacity,
    density_unit,
    disc,
    dot_radius,
    gaussian,
    opacity,
    quadrant_of,
    softness,
)
from app.maps.drawing.scene import Dress, Part, Points

MOST_POINTS = (1 << 23) - 1
"""Points that a pixel can hold in the sums of the kernels."""
HEAPS = (1024, 2048)  # cells a side of the grids of heaps
HEAP = 0.5  # pixels that the side of a heap's cell has at most
WORTH = 2  # points to a cell from which on heaps are quicker
_NO_CODES = np.zeros(0, np.uint16)
_NO_STEPS = np.zeros(0, np.int32)
_NO_VALUES = np.zeros((0, 1), np.float32)

Sums = NDArray[np.int64]
View = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]


@dataclass(eq=False)
class SortedPart:
    """The points of a part, sorted by the cells of a grid.

    Attributes:
        x, y: (k,), in that order.
        own: which points they are; None where they are all, as they came.
        starts: where each cell begins; None where they are not sorted.
        code: their values, in 65535ths or as numbers of categories; empty for none.
        heaps: sums over finer cells, by the number of these a side; of categories two of them.
    """

    x: Floats
    y: Floats
    own: NDArray[np.integer] | None = None
    starts: Sums | None = None
    code: NDArray[np.uint16] = field(default_factory=lambda: _NO_CODES)
    heaps: dict[int, list[Sums]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture's pixels with a rim around them, and how places come to them."""

    camera: Camera
    height: int
    width: int
    rim: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns with the rim."""
        return self.height + 2 * self.rim, self.width + 2 * self.rim

    @property
    def view(self) -> View:
        """What the kernels compute places by."""
        at = self.camera
        numbers = (at.x, at.y, at.scale, at.width / 2.0 + self.rim, at.height / 2.0 + self.rim)
        return tuple(np.float32(number) for number in numbers)  # type: ignore[return-value]


class Sheet:
    """The points of a map, ready to be drawn. Used by one thread at a time."""

    def __init__(self, kernels: ModuleType, grid: PointGrid | None = None) -> None:
        """For points that lie in this grid; others need a sheet of their own. Without one, every point is touched."""
        self._kernels: Any = kernels
        self._grid = grid
        self._points: Points | None = None
        self._parts: list[tuple[Part, SortedPart]] = []
        self._theme: Theme | None = None
        self._rooms: dict[tuple[object, ...], NDArray[Any]] = {}

    def drawn(self, points: Points, now: Theme, camera: Camera, zoom: float, ratio: float) -> Pixels:
        """These points as (height, width) premultiplied ARGB; arguments as those of `scene.drawn`."""
        self._sort(points)
        if now is not self._theme:
            self._theme = now
            for _, held in self._parts:
                held.heaps.clear()  # those of categories are sums of colours
        packed = np.empty((max(1, round(camera.height)), max(1, round(camera.width))), np.uint32)
        fresh = True  # the first part that has points in view fills it
        for part, held in self._parts:
            radius = (dot_radius(part.crowd, zoom) + part.larger) * ratio
            dress = points.dress(part, now)
            if dress.density:
                laid = self._lay_density(packed, held, dress, camera, radius, fresh)
            else:
                laid = self._lay_dots(packed, held, dress, camera, radius, fresh)
            fresh = fresh and not laid
        if fresh:
            packed[:] = 0
        return packed

    # the order of the points

    def _sort(self, points: Points) -> None:
        """Sort the parts, unless they are still the same."""
        before = self._points
        if before is points:
            return
        same = before is not None and before.dimmed is points.dimmed and before.density == points.density
        same = same and before is not None and before.values is points.values
        if same and before is not None and (before.low, before.high) == (points.low, points.high):
            same = before.categories == points.categories
        else:
            same = False
        self._points = points
        if same:
            return
        by_mask: dict[int, SortedPart] = {}
        self._parts = []
        for part in points.parts():
            held = by_mask.get(id(part.mask)) or self._picked(points, part.mask)
            by_mask[id(part.mask)] = held
            if part.kind == "bright" and points.values is not None and not points.density:
                held = SortedPart(held.x, held.y, held.own, held.starts, _codes(points, held.own))
            self._parts.append((part, held))

    def _picked(self, points: Points, mask: NDArray[np.bool_] | None) -> SortedPart:
        """The points of a mask, or all that have a place."""
        grid = self._grid
        if grid is None:
            own = None if mask is None else np.flatnonzero(mask)
            x, y = (points.x, points.y) if own is None else (points.x[own], points.y[own])
            return SortedPart(np.ascontiguousarray(x), np.ascontiguousarray(y), own)
        if mask is None:
            return SortedPart(grid.x, grid.y, grid.index, grid.starts)
        kept = mask[grid.index]
        places = np.flatnonzero(kept)
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)))
        return SortedPart(grid.x[places], grid.y[places], grid.index[places], before[grid.starts])

    def _spans(self, held: SortedPart, frame: Frame) -> tuple[Sums, Sums]:
        """Where the points of all cells in view begin and end, in the order; a row of cells is one span."""
        if held.starts is None or self._grid is None:
            return np.zeros(1, np.int64), np.full(1, len(held.x), np.int64)
        at = frame.camera
        reach = (at.width / 2 + frame.rim + 1) / at.scale, (at.height / 2 + frame.rim + 1) / at.scale
        ends = []
        for middle, far, (low, per_unit) in zip((at.x, at.y), reach, self._grid.axes, strict=True):
            first, last = ((middle + way * far - low) * per_unit + way for way in (-1, 1))
            ends.append([int(min(max(edge, 0), CELLS - 1)) for edge in (first, last)])
        (c0, c1), (r0, r1) = ends
        if c0 == 0 and c1 == CELLS - 1:
            begin, end = held.starts[[r0 * CELLS]], held.starts[[(r1 + 1) * CELLS]]
        else:
            rows = np.arange(r0, r1 + 1) * CELLS
            begin, end = held.starts[rows + c0], held.starts[rows + c1 + 1]
        some = end > begin
        return begin[some], end[some]

    # dots

    def _lay_dots(
        self, packed: Pixels, held: SortedPart, dress: Dress, camera: Camera, radius: float, fresh: bool
    ) -> bool:
        """Lay the dots of a part over a picture, or in the place of a fresh one; whether any are in view."""
        frame = Frame(camera, packed.shape[0], packed.shape[1], int(np.ceil(radius + 0.5)) + 1)
        fields = self._coverage(held, dress, frame, radius)
        if fields is None:
            return False
        typical = self._kernels.mean_above(fields[0], frame.rim, np.float32(SEEN))
        if typical <= 0:
            return False
        first, amounts = _amounts()
        alphas = opacity(amounts, typical) * np.float32(dress.opacity)
        colours = np.array([dress.colour], np.float32) if len(fields) == 1 else _numbers(dress)
        planes, bits = np.ascontiguousarray(colours.T), fields[0].view(np.int32)
        self._kernels.lay(fields, bits, frame.rim, np.float32(SEEN), first, alphas, _NO_STEPS, planes, packed, fresh)
        return True

    def _coverage(self, held: SortedPart, dress: Dress, frame: Frame, radius: float) -> Floats | None:
        """How much of every pixel dots cover, and what they show by it; None where there are none in view."""
        taps, weights = disc(radius)
        begins, ends = self._spans(held, frame)
        rows, columns = frame.shape
        kinds = 0 if not dress.valued else 3 if dress.apart else 1
        fields = self._room("fields", (1 + kinds, rows, columns), np.float32)
        most = min(int(rows * columns * STAMPED_SHARE), STAMPED_PIXELS // len(taps))
        found = self._room("found", (most,), np.int64)
        n = self._kernels.inside(held.x, held.y, begins, ends, frame.view, rows, columns, found)
        if n == 0:
            return None
        if n > 0:
            fields[:] = 0
            values = _numbers(dress) if dress.apart else _NO_VALUES
            discs = taps[:, 0] * columns + taps[:, 1], weights, PHASES
            self._kernels.stamp(held.x, held.y, held.code, values, found[:n], frame.view, rows, columns, *discs, fields)
            return fields
        self._take_apart(self._sums(held, dress, frame, begins, ends), fields)
        quadrant = quadrant_of(radius)
        spread = self._room("spread", fields.shape, np.float32)
        spread[:] = 0
        for kind in range(1 + kinds):
            self._kernels.spread(fields[kind], quadrant, spread[kind])
        return spread

    def _take_apart(self, sums: list[Sums], fields: Floats) -> None:
        if len(sums) == 1:
            self._kernels.taken_apart(sums[0], fields)
        else:
            self._kernels.colours_taken_apart(*sums, fields)

    # sums over pixels

    def _sums(self, held: SortedPart, dress: Dress, frame: Frame, begins: Sums, ends: Sums) -> list[Sums]:
        """What the points in view come to in every pixel, of categories two sums."""
        rows, columns = frame.shape
        parts = 2 if dress.apart else 1
        sums = [self._room(f"sums {part}", (rows * columns,), np.int64) for part in range(parts)]
        for each in sums:
            each[:] = 0
        cells = self._cells(frame, int((ends - begins).sum())) if held.starts is not None else 0
        if not cells:
            self._count(held, dress, begins, ends, frame.view, rows, columns, sums)
            return sums
        for heap, total in zip(self._heaps(held, dress, cells), sums, strict=True):
            self._kernels.count_heaps(heap, *self._heap_pixels(frame, cells), np.int32(columns), total)
        return sums

    def _count(
        self,
        held: SortedPart,
        dress: Dress,
        begins: Sums,
        ends: Sums,
        view: View,
        rows: int,
        columns: int,
        sums: list[Sums],
    ) -> None:
        if dress.apart:
            adds = _adds(dress)
            self._kernels.count_colours(held.x, held.y, held.code, begins, ends, view, rows, columns, *adds, *sums)
        else:
            code = held.code if dress.valued else _NO_CODES
            self._kernels.count(held.x, held.y, code, begins, ends, view, rows, columns, sums[0])

    @property
    def _square(self) -> tuple[float, float, float]:
        """Left, upper edge and side of the square that the heaps divide."""
        assert self._grid is not None
        (left, per_x), (low, per_y) = self._grid.axes
        side = max(CELLS / per_x, CELLS / per_y)
        return left, low + CELLS / per_y, side

    def _cells(self, frame: Frame, points: int) -> int:
        """How many heaps a side there are, for so many points in view; 0 where points are better counted singly."""
        scale, side = frame.camera.scale, self._square[2]
        for cells in HEAPS:
            size = scale * side / cells  # in pixels
            in_view = min(cells, frame.width / size) * min(cells, frame.height / size)
            if size <= HEAP:
                return cells if points > WORTH * in_view else 0
        return 0

    def _heaps(self, held: SortedPart, dress: Dress, cells: int) -> list[Sums]:
        """Sums over so many cells a side, made from the finest ones."""
        finest = HEAPS[-1]
        if finest not in held.heaps:
            left, top, side = self._square
            scale, nought = np.float32(finest / side), np.float32(0)
            sums = [np.zeros(finest * finest, np.int64) for _ in range(2 if dress.apart else 1)]
            everything = np.zeros(1, np.int64), np.full(1, len(held.x), np.int64)
            view = np.float32(left), np.float32(top), scale, nought, nought
            self._count(held, dress, *everything, view, finest, finest, sums)
            held.heaps[finest] = [each.reshape(finest, finest) for each in sums]
        while cells not in held.heaps:
            smallest = min(held.heaps)
            held.heaps[smallest // 2] = [_halved(each) for each in held.heaps[smallest]]
        return held.heaps[cells]

    def _heap_pixels(self, frame: Frame, cells: int) -> tuple[NDArray[np.int32], NDArray[np.int32], int, int, int]:
        """Pixels of the rows of heaps in view and of all columns; the first row; the columns in view."""
        left, top, side = self._square
        middles, at, (rows, columns) = (np.arange(cells) + 0.5) * side / cells, frame.camera, frame.shape
        across = (left + middles - at.x) * at.scale + at.width / 2.0 + frame.rim
        down = (at.y - top + middles) * at.scale + at.height / 2.0 + frame.rim
        seen = [np.flatnonzero((place > -1) & (place < most + 1)) for place, most in ((down, rows), (across, columns))]
        if not len(seen[0]) or not len(seen[1]):
            return np.zeros(0, np.int32), np.zeros(cells, np.int32), 0, 0, 0
        (first, last), (begin, end) = ((int(each[0]), int(each[-1]) + 1) for each in seen)
        row_of = np.clip(np.floor(down[first:last]), 0, rows - 1).astype(np.int32)
        column_of = np.clip(np.floor(across), 0, columns - 1).astype(np.int32)
        return row_of, column_of, first, begin, end

    # density

    def _lay_density(
        self, packed: Pixels, held: SortedPart, dress: Dress, camera: Camera, radius: float, fresh: bool
    ) -> bool:
        """Shade by how many points there are, otherwise as `_lay_dots`."""
        if dress.ramp is None:
            return False
        sigma, reach = softness(radius)
        frame = Frame(camera, packed.shape[0], packed.shape[1], reach + 1)
        fields = self._room("fields", (1, *frame.shape), np.float32)
        self._take_apart(self._sums(held, dress, frame, *self._spans(held, frame)), fields)
        field = self._room("density", (1, *packed.shape), np.float32)
        field[:] = 0
        self._kernels.blur(np.ascontiguousarray(fields[0, 1:-1, 1:-1]), gaussian(sigma, reach), field[0])
        peak = float(field.max())
        if peak <= 0:
            return False
        unit, (first, amounts) = density_unit(sigma, peak), _amounts()
        level = density_level(np.minimum(amounts, peak), unit, peak)
        steps = (level * (len(dress.ramp) - 1) + 0.5).astype(np.int32)
        alphas, bits = density_opacity(level) * np.float32(dress.opacity), field[0].view(np.int32)
        planes = np.ascontiguousarray(_numbers(dress).T)
        self._kernels.lay(field, bits, 0, np.float32(unit / 4), first, alphas, steps, planes, packed, fresh)
        return True

    def _room(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Memory for something that is made for every picture, of any content; kept, as asking for it takes time."""
        kept = self._rooms.get((name, shape))
        if kept is None:
            for key in [key for key in self._rooms if key[0] == name]:
                del self._rooms[key]
            kept = self._rooms[name, shape] = np.empty(shape, dtype)
        return kept


def _codes(points: Points, own: NDArray[np.integer] | None) -> NDArray[np.uint16]:
    """Values of points as whole numbers."""
    t = points.t
    assert t is not None
    t = t if own is None else t[own]
    if points.categories:
        return t.astype(np.uint16)
    t = t * np.float32(65535)
    t += np.float32(0.5)
    return t.astype(np.uint16)


def _halved(sums: Sums) -> Sums:
    """Four neighbours as one."""
    rows = sums[0::2] + sums[1::2]
    return np.ascontiguousarray(rows[:, 0::2] + rows[:, 1::2])


_LEAST, _BINARY, _PARTS = -14, 40, 256  # amounts are told apart from 2^-14 on, over 40 powers of two, by 256ths of each


@cache
def _amounts() -> tuple[int, Floats]:
    """Amounts that stand for all numbers whose highest 17 bits are the same, and the first of these bits."""
    first = int(np.array(2.0**_LEAST, np.float32).view(np.int32)) >> 15
    bits = (np.arange(first, first + _BINARY * _PARTS, dtype=np.int64) << 15) + (1 << 14)
    return first, bits.astype(np.int32).view(np.float32)


def _numbers(dress: Dress) -> Floats:
    return np.zeros((1, 3), np.float32) if dress.ramp is None else dress.ramp.astype(np.float32)


def _adds(dress: Dress) -> tuple[Sums, Sums]:
    """What a point of each category adds to the two sums of its pixel: one and red; green and blue."""
    assert dress.ramp is not None
    red, green, blue = dress.ramp.astype(np.int64).T
    return (np.int64(1) << 40) + red, (green << 32) + blue
