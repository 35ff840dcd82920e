"""Points into pixels with numpy: what a map shows below its rings and flags.

Each layer of points becomes two fields over the pixels: coverage (how many dots lie there) and the mean of their
values. A few thousand points are stamped as anti-aliased discs at quarter-pixel positions; many are counted into
pixels, 8 ms for a million, and the counts are spread by the same disc. Opacity grows with the logarithm of coverage,
so sparse dots stay crisp and dense regions keep their shape, and no point hides another by the order of drawing.
All pixels here are device pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.maps.drawing.camera import Camera

PHASES = 4  # sub-pixel positions on each axis at which discs are prepared
STAMPED_SHARE = 1 / 12  # points per pixel up to which stamping them one by one is the faster way (measured) ...
STAMPED_PIXELS = 1_500_000  # ... and the pixels it may write
SEEN = 0.004  # coverage of a pixel from which on it is drawn
STAMPED_AT_ONCE = 2048  # points; more at once only means larger arrays to find memory for

Floats = NDArray[np.float32]
Field = NDArray[np.float32]
Pixels = NDArray[np.uint32]  # premultiplied ARGB


@dataclass(frozen=True)
class Layer:
    """Points drawn alike. `t` is (n,) in 0..1 along `ramp` (k, 3); without it every dot has `colour`.

    With `apart`, `t` is the place in `ramp` of each dot's own colour, and where dots overlap their colours are mixed.
    """

    x: Floats
    y: Floats
    colour: tuple[int, int, int]
    t: Floats | None = None
    ramp: NDArray[np.uint8] | None = None
    opacity: float = 1.0
    apart: bool = False
    density: bool = False  # shade by the logarithm of the number of points, along `ramp`


def dot_radius(points: int, zoom: float) -> float:
    """Radius of a dot in logical pixels: smaller where there are more points, growing slowly as one zooms in."""
    base = np.clip(3.4 * (max(points, 1) / 500.0) ** -0.2, 0.8, 3.4)
    return float(np.clip(base * max(zoom, 1.0) ** 0.3, 0.8, 6.0))


def render(layers: Sequence[Layer], camera: Camera, radius: float, onto: Pixels | None = None) -> Pixels:
    """Draw `layers`, the first at the bottom, as (height, width) premultiplied ARGB.

    Args:
        camera: in device pixels.
        radius: of a dot, in device pixels.
        onto: what was drawn before for the same camera; it is drawn over.
    """
    width, height = max(1, round(camera.width)), max(1, round(camera.height))
    packed = np.zeros(height * width, np.uint32) if onto is None else onto.reshape(-1)
    for layer in layers:
        if layer.density:
            _paint_density(packed, layer, camera, radius, (height, width))
        else:
            _paint_dots(packed, layer, camera, radius, (height, width))
    return packed.reshape(height, width)


def coverage(layer: Layer, camera: Camera, radius: float, shape: tuple[int, int]) -> tuple[Field, Field | None]:
    """How much of every pixel dots cover, counted as often as they overlap, and the same weighted by `t`.

    Returns:
        two (height, width) fields; the second is None where the layer has no `t`.
    """
    reach = int(np.ceil(radius + 0.5))
    rim = reach + 1  # discs half outside the view lie on the rim and need no care
    rows, columns = shape[0] + 2 * rim, shape[1] + 2 * rim
    px, py, kept = _pixels(layer, camera, rim, rows, columns)
    t = layer.t if layer.t is None or kept is None else layer.t[kept]
    taps, weights = disc(radius)
    if len(px) <= rows * columns * STAMPED_SHARE and len(px) * len(taps) <= STAMPED_PIXELS:
        covered, valued = _stamped(px, py, t, taps, weights, rows, columns)
    else:
        covered, valued = _spread(px, py, t, quadrant_of(radius), rows, columns)
    window = (slice(rim, -rim), slice(rim, -rim))
    return covered[window], None if valued is None else valued[window]


def counts(layer: Layer, camera: Camera, shape: tuple[int, int], rim: int = 0) -> Field:
    """Number of points in each pixel, with `rim` more pixels on every side: (height + 2 rim, width + 2 rim)."""
    rows, columns = shape[0] + 2 * (rim + 1), shape[1] + 2 * (rim + 1)
    px, py, _ = _pixels(layer, camera, rim + 1, rows, columns)
    found = np.bincount(_cells(px, py, columns), minlength=rows * columns)
    return found.reshape(rows, columns)[1:-1, 1:-1].astype(np.float32)


def _pixels(
    layer: Layer, camera: Camera, rim: int, rows: int, columns: int
) -> tuple[Floats, Floats, NDArray[np.int64] | None]:
    """Pixel positions, and which points they belong to (None: all of them).

    Points outside are left out where they are many, and otherwise put on the outermost ring of pixels, which nobody
    sees: picking from a million points costs more than counting them. The middle of the view is subtracted before
    scaling, which keeps 32-bit numbers exact enough at any zoom.
    """
    px = layer.x - np.float32(camera.x)
    px *= np.float32(camera.scale)
    px += np.float32(camera.width / 2.0 + rim)
    py = np.float32(camera.y) - layer.y
    py *= np.float32(camera.scale)
    py += np.float32(camera.height / 2.0 + rim)
    inside = (px >= 0) & (px < columns) & (py >= 0) & (py < rows)
    found = np.count_nonzero(inside)
    if found < len(px) // 4 or found < 50_000:
        kept = np.flatnonzero(inside)
        return px[kept], py[kept], kept
    np.clip(px, 0, columns - 1, out=px)
    np.clip(py, 0, rows - 1, out=py)
    return px, py, None


def _cells(px: Floats, py: Floats, columns: int) -> NDArray[np.intp]:
    cell = py.astype(np.intp)
    cell *= columns
    cell += px.astype(np.int32)
    return cell


@lru_cache(maxsize=16)
def disc(radius: float) -> tuple[NDArray[np.int64], Floats]:
    """Offsets (k, 2) as (row, column) of the pixels a dot may touch, and its coverage there.

    Returns:
        the offsets and (1 + PHASES * PHASES, k) weights: first for a dot in the middle of a pixel, then for a dot at
        each sub-pixel position, row-wise.
    """
    reach = int(np.ceil(radius + 0.5))
    steps = np.arange(-reach, reach + 1)
    rows, columns = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    middles = (np.arange(PHASES) + 0.5) / PHASES - 0.5
    places = [(0.0, 0.0)] + [(dy, dx) for dy in middles for dx in middles]
    weights = np.stack([np.clip(radius + 0.5 - np.hypot(rows - dy, columns - dx), 0, 1) for dy, dx in places])
    touched = weights.max(axis=0) > 0.02
    offsets = np.stack((rows[touched], columns[touched]), axis=1)
    return offsets, np.ascontiguousarray(weights[:, touched], np.float32)


def _stamped(
    px: Floats, py: Floats, t: Floats | None, taps: NDArray[np.int64], weights: Floats, rows: int, columns: int
) -> tuple[Field, Field | None]:
    covered = np.zeros(rows * columns, np.float32)
    valued = None if t is None else np.zeros(rows * columns, np.float32)
    offsets = taps[:, 0] * columns + taps[:, 1]
    for start in range(0, len(px), STAMPED_AT_ONCE):
        part = slice(start, start + STAMPED_AT_ONCE)
        column, row = px[part].astype(np.int64), py[part].astype(np.int64)
        phase_x = ((px[part] - column) * PHASES).astype(np.int64)
        phase_y = ((py[part] - row) * PHASES).astype(np.int64)
        weight = weights[1 + phase_y * PHASES + phase_x]
        cell = (row * columns + column)[:, None] + offsets
        np.clip(cell, 0, rows * columns - 1, out=cell)  # parts of discs on the rim, which nobody sees
        np.add.at(covered, cell.ravel(), weight.ravel())
        if t is not None and valued is not None:
            weight *= t[part, None]
            np.add.at(valued, cell.ravel(), weight.ravel())
    return covered.reshape(rows, columns), None if valued is None else valued.reshape(rows, columns)


def _spread(
    px: Floats, py: Floats, t: Floats | None, quadrant: Floats, rows: int, columns: int
) -> tuple[Field, Field | None]:
    cell, size = _cells(px, py, columns), rows * columns
    covered = _convolved(np.bincount(cell, minlength=size).reshape(rows, columns), quadrant)
    if t is None:
        return covered, None
    return covered, _convolved(np.bincount(cell, weights=t, minlength=size).reshape(rows, columns), quadrant)


@lru_cache(maxsize=16)
def quadrant_of(radius: float) -> Floats:
    """Coverage (reach + 1, reach + 1) of a dot in the middle of pixel (0, 0), for rows and columns from there on."""
    steps = np.arange(int(np.ceil(radius + 0.5)) + 1)
    return np.clip(radius + 0.5 - np.hypot(steps[:, None], steps[None, :]), 0, 1).astype(np.float32)


def _convolved(numbers: NDArray[np.generic], quadrant: Floats) -> Field:
    """Spread each pixel's number by a dot given as a quadrant; mirrored neighbours are added before they are weighted.

    The rim of reach + 1 pixels is left at 0.
    """
    field = numbers.astype(np.float32)
    rim = len(quadrant)
    rows, columns = field.shape
    result = np.zeros_like(field)
    inner = result[rim:-rim, rim:-rim]
    for dy, weights in enumerate(quadrant):
        band = field[rim + dy : rows - rim + dy]
        if dy:
            band = band + field[rim - dy : rows - rim - dy]
        for dx in np.flatnonzero(weights):
            taken = band[:, rim + dx : columns - rim + dx]
            if dx:
                taken = taken + band[:, rim - dx : columns - rim - dx]
            inner += taken * weights[dx]
    return result


def _paint_dots(packed: Pixels, layer: Layer, camera: Camera, radius: float, shape: tuple[int, int]) -> None:
    if layer.apart:
        _paint_apart(packed, layer, camera, radius, shape)
        return
    covered, valued = coverage(layer, camera, radius, shape)
    flat = covered.ravel()
    touched = np.flatnonzero(flat > SEEN)
    if not len(touched):
        return
    amount = flat[touched]
    alpha = opacity(amount, float(amount.mean())) * np.float32(layer.opacity)
    if valued is None or layer.ramp is None:
        _over(packed, touched, np.array(layer.colour, np.float32), alpha)
        return
    steps = (valued.ravel()[touched] / amount * (len(layer.ramp) - 1) + 0.5).astype(np.int64)
    np.clip(steps, 0, len(layer.ramp) - 1, out=steps)
    _over(packed, touched, layer.ramp.astype(np.float32)[steps], alpha)


def _paint_apart(packed: Pixels, layer: Layer, camera: Camera, radius: float, shape: tuple[int, int]) -> None:
    """Dots whose colours lie on no ramp, so that red, green and blue have each a mean of their own."""
    if layer.t is None or layer.ramp is None:
        return
    colours = layer.ramp.astype(np.float32)[layer.t.astype(np.int64)]
    fields = [coverage(replace(layer, t=colours[:, part]), camera, radius, shape) for part in range(3)]
    flat = fields[0][0].ravel()
    touched = np.flatnonzero(flat > SEEN)
    if not len(touched):
        return
    amount = flat[touched]
    parts = [valued.ravel()[touched] / amount for _, valued in fields if valued is not None]
    mixed = np.clip(np.stack(parts, axis=1), 0, 255).astype(np.float32)
    _over(packed, touched, mixed, opacity(amount, float(amount.mean())) * np.float32(layer.opacity))


def opacity(amount: Floats, typical: float) -> Floats:
    """Opacity 0..1 of pixels covered `amount` times.

    One dot alone has a fixed opacity, lower where dots crowd; from there it rises with log(amount) to 1 at some
    times the mean coverage, `typical`, of the pixels that are covered at all.
    """
    single = max(0.95 / (1.0 + 0.03 * typical), 0.2)
    full = np.log(max(4.0, 6.0 * typical))
    risen = single + (1.0 - single) * np.log(np.maximum(amount, 1.0)) / full
    return np.minimum(np.minimum(amount, 1.0) * risen, 1.0).astype(np.float32)


def _paint_density(packed: Pixels, layer: Layer, camera: Camera, radius: float, shape: tuple[int, int]) -> None:
    sigma, reach = softness(radius)
    field = _blurred(counts(layer, camera, shape, reach), gaussian(sigma, reach)).ravel()
    peak = float(field.max())
    if peak <= 0 or layer.ramp is None:
        return
    unit = density_unit(sigma, peak)
    touched = np.flatnonzero(field > unit / 4)
    level = density_level(field[touched], unit, peak)
    steps = (level * (len(layer.ramp) - 1) + 0.5).astype(np.int64)
    _over(packed, touched, layer.ramp.astype(np.float32)[steps], density_opacity(level) * np.float32(layer.opacity))


def softness(radius: float) -> tuple[float, int]:
    """The standard deviation, in pixels, by which the density of dots is smoothed, and how far that reaches."""
    sigma = float(np.clip(1.6 * radius, 1.2, 8.0))
    return sigma, int(np.ceil(2.5 * sigma))


def gaussian(sigma: float, reach: int) -> Floats:
    """Weights (2 reach + 1,) of a Gaussian, 1 in sum."""
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return (kernel / kernel.sum()).astype(np.float32)


def density_unit(sigma: float, peak: float) -> float:
    """The density at which shading begins: half of what one point alone gives at its middle."""
    return min(0.5 / (2 * np.pi * sigma * sigma), peak / 4)


def density_level(field: Floats, unit: float, peak: float) -> Floats:
    """How far up the ramp a density is, from 0 to 1 at the peak: by its logarithm."""
    return (np.log1p(field / unit) / np.float32(np.log1p(peak / unit))).astype(np.float32)


def density_opacity(level: Floats) -> Floats:
    """Opacity 0..1 of a level: the thinnest fade into the ground."""
    return np.clip((level - 0.03) / 0.22, 0, 1).astype(np.float32)


def _blurred(field: Field, kernel: Floats) -> Field:
    """Weighted along both axes; the result is smaller by the reach of the kernel on every side."""
    reach = len(kernel) // 2
    rows, columns = field.shape[0] - 2 * reach, field.shape[1] - 2 * reach
    across = np.zeros((field.shape[0], columns), np.float32)
    for shift, weight in enumerate(kernel):
        across += weight * field[:, shift : shift + columns]
    result = np.zeros((rows, columns), np.float32)
    for shift, weight in enumerate(kernel):
        result += weight * across[shift : shift + rows]
    return result


def _over(packed: Pixels, where: NDArray[np.int64], colour: Floats, alpha: Floats) -> None:
    """Lay `colour` (3,) or (k, 3) with `alpha` (k,) over the pixels `where`."""
    below = packed[where]
    covers = None if not below.any() else 1.0 - alpha
    result = np.zeros(len(where), np.uint32)
    for shift, part in ((24, np.float32(255.0)), (16, colour[..., 0]), (8, colour[..., 1]), (0, colour[..., 2])):
        level = part * alpha
        if covers is not None:
            level += ((below >> shift) & 255) * covers
        level += np.float32(0.5)
        result |= level.astype(np.uint32) << shift
    packed[where] = result
