"""Contours of density of a map: the smallest areas that hold a given share of its sentences.

These are highest-density regions (Hyndman 1996, "Computing and Graphing Highest Density Regions"): all places where the
density is above a level, which is the quantile of the density at the points themselves. So what a contour says of its
share holds for these points however the density was smoothed; the smoothing decides how fine its line is. Counts on
a grid are smoothed with a Gaussian at several widths, and contourpy follows the levels.

A fifth of a second for a million points, and the same for the same points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.maps.telling.grid import Grid, grid_over

WIDTHS = (7.0, 4.5, 3.0)
"""Standard deviations of the smoothing, in cells, from what is seen of a whole map to what is seen close by."""
SHARES = (0.5, 0.8, 0.95)
"""Of the sentences, that the contours of a map hold."""
LEAST = 80
"""Points of a map that has contours, at least."""
_LOOKED_AT = 200_000
"""Points by whose density a level is found, evenly among all: their share is then off by a tenth of a percent."""
_REACH = 3.0
"""Standard deviations after which the smoothing ends."""
_STEP = 2.5
"""Steps to a standard deviation of the smoothing in which a level is followed: a line in fewer steps is as smooth."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contour:
    """The border of the densest area that holds a share of the points, as closed lines.

    Attributes:
        share: of the points, 0 to 1.
        lines: each (k, 2) in the coordinates of the map, its last point the first; a line within another is a hole, or
            lies in one. None where so many points coincide that the area has no extent.
    """

    share: float
    lines: tuple[Floats, ...]


def density_contours(coords: NDArray[np.floating]) -> Iterator[tuple[Contour, ...]]:
    """The contours of a map (n, 2) by `SHARES`, the smallest share first, once for each of `WIDTHS`.

    Points that are not finite are in none, and count for no share. Nothing at all of a map with few points, or of one
    on which all coincide.
    """
    finite = coords[np.isfinite(coords).all(axis=1)]
    grid = grid_over(finite, least=LEAST)
    if grid is None:
        return
    counts, some = grid.counts(finite), finite[:: -(-len(finite) // _LOOKED_AT)].astype(np.float64)
    for width in WIDTHS:
        yield _contours(grid, counts, some, width)


def _contours(grid: Grid, counts: Floats, points: Floats, width: float) -> tuple[Contour, ...]:
    """The contours of counts smoothed by so many cells, by the density at some of the points (m, 2)."""
    from contourpy import LineType, contour_generator
    from scipy.ndimage import gaussian_filter, map_coordinates

    step = max(1, round(width / _STEP))
    around = int(np.ceil(_REACH * width)) + step  # cells of nothing, so that every line closes
    density = gaussian_filter(np.pad(counts, around), width, mode="constant", truncate=_REACH)[::step, ::step]
    x, y = (
        start + (np.arange(-around, cells + around, step) + 0.5) * grid.side
        for start, cells in ((grid.x, grid.columns), (grid.y, grid.rows))
    )
    at = ((points[:, 1] - y[0]) / (step * grid.side), (points[:, 0] - x[0]) / (step * grid.side))
    own = map_coordinates(density, at, order=1, mode="constant", cval=0.0)
    lines = contour_generator(x, y, density, line_type=LineType.Separate)
    levels = np.quantile(own, [1.0 - share for share in SHARES])
    found = [cast("list[Floats]", lines.lines(float(level))) for level in levels]
    return tuple(Contour(share, tuple(closed)) for share, closed in zip(SHARES, found, strict=True))
