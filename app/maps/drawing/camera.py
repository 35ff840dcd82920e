"""Where a map looks: the affine way from data coordinates to pixels, as a value.

One scale serves both axes, because distances on a map only mean something when they are the same in all directions.
Data y points up, pixel y points down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1024
MARGIN = 0.06  # share of the view left free around the points when it is fitted to them


@dataclass(frozen=True)
class Camera:
    """The data point (x, y) in the middle of a view of width x height pixels, and pixels per unit of data."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    width: float = 1.0
    height: float = 1.0

    @staticmethod
    def fitted(bounds: tuple[float, float, float, float], width: float, height: float, margin: float = 0.0) -> Camera:
        """The camera that shows all of `bounds` = (x0, x1, y0, y1), with `margin` of the view free on each side."""
        x0, x1, y0, y1 = bounds
        width, height = max(width, 1.0), max(height, 1.0)
        room = 1.0 - 2.0 * margin
        across, up = max(x1 - x0, 0.0), max(y1 - y0, 0.0)
        if across == 0.0 and up == 0.0:
            across = up = 1.0  # a single point: any scale is right
        scale = min(width * room / across if across else np.inf, height * room / up if up else np.inf)
        return Camera((x0 + x1) / 2.0, (y0 + y1) / 2.0, float(scale), width, height)

    @property
    def range(self) -> tuple[float, float, float, float]:
        """(x0, x1, y0, y1) of the data that fall into the view."""
        half_x, half_y = self.width / self.scale / 2.0, self.height / self.scale / 2.0
        return self.x - half_x, self.x + half_x, self.y - half_y, self.y + half_y

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Pixels from the top left corner of the data point (x, y)."""
        return (x - self.x) * self.scale + self.width / 2.0, (self.y - y) * self.scale + self.height / 2.0

    def to_data(self, px: float, py: float) -> tuple[float, float]:
        """The data point under the pixel (px, py)."""
        return self.x + (px - self.width / 2.0) / self.scale, self.y - (py - self.height / 2.0) / self.scale

    def pixels(self, coords: NDArray[np.floating]) -> NDArray[np.float64]:
        """(k, 2) data points to (k, 2) pixels."""
        middle = np.array((self.width / 2.0, self.height / 2.0))
        return (np.asarray(coords, np.float64) - (self.x, self.y)) * (self.scale, -self.scale) + middle

    def places(self, pixels: NDArray[np.float64]) -> NDArray[np.float32]:
        """(k, 2) pixels to the data points under them."""
        middle = np.array((self.width / 2.0, self.height / 2.0))
        return ((pixels - middle) / (self.scale, -self.scale) + (self.x, self.y)).astype(np.float32)

    def panned(self, dx: float, dy: float) -> Camera:
        """What was under the pointer follows it by (dx, dy) pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def zoomed(self, factor: float, px: float, py: float) -> Camera:
        """`factor` times larger, with the data point under the pixel (px, py) staying there."""
        x, y = self.to_data(px, py)
        scale = self.scale * factor
        return replace(self, scale=scale, x=x - (px - self.width / 2.0) / scale, y=y + (py - self.height / 2.0) / scale)

    def resized(self, width: float, height: float) -> Camera:
        """The same middle in a view of another size, with the shorter side showing as much data as before."""
        width, height = max(width, 1.0), max(height, 1.0)
        ratio = min(width, height) / min(self.width, self.height)
        return replace(self, scale=self.scale * ratio, width=width, height=height)

    def magnified(self, ratio: float) -> Camera:
        """The same view counted in device pixels, `ratio` of them to a logical one."""
        return replace(self, scale=self.scale * ratio, width=self.width * ratio, height=self.height * ratio)


def bounds_of(points: NDArray[np.float32]) -> tuple[tuple[float, float, float, float], bool]:
    """(x0, x1, y0, y1) of (n, 2) points, -1 to 1 where none has a place, and whether all have one."""
    low, high = _ends(points)
    placed = bool(np.isfinite((low, high)).all())
    if not placed:
        low, high = _ends(points[np.isfinite(points).all(axis=1)])
    bounds = (float(low[0]), float(high[0]), float(low[1]), float(high[1])) if len(low) else (-1.0, 1.0, -1.0, 1.0)
    return bounds, placed


def _ends(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest (2,) of each coordinate, not a number where one is none; empty without points.

    A thousand points are compared at a time, which is ten times as fast as two numbers at a time.
    """
    whole = len(points) // _AT_ONCE * _AT_ONCE
    parts = [points[whole:]]
    if whole and points.flags.c_contiguous:
        lines = points[:whole].reshape(-1, 2 * _AT_ONCE)
        parts += [each.reshape(-1, 2) for each in (lines.min(axis=0), lines.max(axis=0))]
    elif whole:
        parts.append(points[:whole])
    some = np.concatenate(parts)
    return (some.min(axis=0), some.max(axis=0)) if len(some) else (some, some)
