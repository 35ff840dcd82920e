"""Regions of a map: where sentences crowd, with thinner places between, found on the density and not point by point.

Counts on a grid are smoothed with a Gaussian at several widths. Every cell is led uphill to a summit, and summits are
joined over the highest pass between them unless that is significantly lower than the lower summit (persistence-based
clustering, Chazal et al. 2013, ToMATo). A pass is significantly lower where chance alone hardly makes it so: counts are
taken for Poisson, whose square roots have the same spread everywhere (Anscombe 1948), and the valley has to be deep
as well. So a uniform or a Gaussian cloud has one region, at any number of points, and no structure is made up.

A few tens of milliseconds for any number of points, and the same for the same points. numpy and scipy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.maps.telling.grid import grid_over

WIDTHS = (10.0, 5.0, 2.5)
"""Standard deviations of the smoothing, in cells, from what is seen of a whole map to what is seen close by."""
SIGNIFICANT = 6.0
"""Standard deviations that a pass is lower than a summit at least."""
DEEP = 0.6
"""A pass has so much of the density of the lower summit at most."""
LEAST = 40
"""Sentences of a region at least."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Region:
    """A place where sentences crowd.

    Attributes:
        x, y: its summit, in the coordinates of the map.
        count: sentences in it.
        depth: 0 for what is seen of the whole map; one more for each halving of the smoothing that parts it.
        parent: the region that it is a part of, by its place in the list; -1 for none.
    """

    x: float
    y: float
    count: int
    depth: int
    parent: int = -1


@dataclass(frozen=True, eq=False)
class Found:
    """The regions of a map, larger ones of a depth first, and the sentences of each.

    Attributes:
        regions: none where the map is one cloud, or where no model of places is there.
        of_point: (depths, n) the region of each sentence at each depth, -1 where it is in none. A region that is not
            parted stands at greater depths too.
    """

    regions: tuple[Region, ...]
    of_point: NDArray[np.int32]


def find_regions(coords: NDArray[np.floating]) -> Found:
    """The regions of a map (n, 2); points that are not finite are in none.

    Returns:
        No region at all where the whole map is one, or has too few points to say.
    """
    none = Found((), np.full((len(WIDTHS), len(coords)), -1, np.int32))
    grid = grid_over(coords, least=2 * LEAST)
    if grid is None:
        return none
    cell = grid.cells(coords)
    inside = cell >= 0
    counts = np.bincount(cell[inside], minlength=grid.columns * grid.rows).astype(np.float64)
    counts = counts.reshape(grid.rows, grid.columns)
    regions: list[Region] = []
    of_point = none.of_point
    above = np.full(counts.size, -1, np.int64)  # the region of each cell one depth higher
    for depth, width in enumerate(WIDTHS):
        parts, summits = _parted(counts, width)
        size = np.bincount(parts[cell[inside]] + 1, minlength=len(summits) + 1)[1:]
        new = above.copy()
        for parent, own in _under(parts, summits, above, size):
            if len(own) < 2 and (parent >= 0 or not regions):
                continue  # the same as before, or the whole map
            for part in sorted(own, key=lambda each: (-size[each], each)):
                x, y = grid.middle(summits[part])
                new[(parts == part) & (above == parent)] = len(regions)
                regions.append(Region(x, y, int(size[part]), depth, parent))
            # What is in none of the parts any more stays with the whole.
        above = new
        of_point[depth][inside] = above[cell[inside]]
    if regions:
        seen = np.stack([np.bincount(row[row >= 0], minlength=len(regions)) for row in of_point])
        regions = [replace(each, count=int(seen[each.depth, at])) for at, each in enumerate(regions)]
    return Found(tuple(regions), of_point)


def _under(parts: Indices, summits: Sequence[int], above: Indices, size: Indices) -> list[tuple[int, list[int]]]:
    """The parts that are large enough, by the region of one depth higher in which their summits lie."""
    found: dict[int, list[int]] = {}
    for part, summit in enumerate(summits):
        if size[part] >= LEAST:
            found.setdefault(int(above[summit]), []).append(part)
    return sorted(found.items())


def _parted(counts: Floats, width: float) -> tuple[Indices, list[int]]:
    """The part of every cell (rows x columns,), -1 where there is as good as nothing, and the summit of each part."""
    from scipy.ndimage import gaussian_filter

    density = gaussian_filter(counts, width, mode="constant", truncate=3.0)
    # How many points the smoothing takes together: a sum with the variance of a Poisson count of so many.
    unit = 4.0 * np.pi * width * width
    density[density * unit < 1.0] = 0.0
    flat, summit = density.ravel(), _uphill(density)
    parent = {int(each): int(each) for each in np.unique(summit[flat > 0])}

    def top(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    def stands_out(summit: int, height: float) -> bool:
        """Whether a summit is above a pass, or above nothing, by more than chance."""
        fall = 2.0 * (np.sqrt(flat[summit] * unit) - np.sqrt(height * unit))
        return bool(fall >= SIGNIFICANT and height <= DEEP * flat[summit])

    for first, second, height in _passes(density, summit):
        one, other = top(first), top(second)
        lower, higher = sorted((one, other), key=lambda cell: (flat[cell], -cell))
        if one != other and not stands_out(lower, height):
            parent[lower] = higher
    tops = {cell: top(cell) for cell in parent}
    kept = sorted(
        (each for each in set(tops.values()) if stands_out(each, 1.0 / unit)), key=lambda cell: (-flat[cell], cell)
    )
    number = np.full(density.size, -1, np.int64)
    number[kept] = np.arange(len(kept))
    for cell, highest in tops.items():
        number[cell] = number[highest]
    parts = number[summit]
    parts[flat == 0] = -1
    return parts, kept


def _uphill(density: Floats) -> Indices:
    """(rows x columns,) the summit that every cell leads to, from neighbour to highest neighbour."""
    rows, columns = density.shape
    padded = np.pad(density, 1, constant_values=-1.0)
    own = np.arange(rows * columns).reshape(rows, columns)
    best, at = density.copy(), own.copy()
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            beside = padded[1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
            higher = beside > best
            best[higher], at[higher] = beside[higher], (own + dy * columns + dx)[higher]
    leads: Indices = at.ravel()
    while True:
        further = leads[leads]
        if (further == leads).all():
            return leads
        leads = further


def _passes(density: Floats, summit: Indices) -> list[tuple[int, int, float]]:
    """The highest pass between every two summits whose cells touch, the highest of all first."""
    rows, columns = density.shape
    tops = summit.reshape(rows, columns)
    firsts, seconds, heights = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, rows - dy), slice(max(0, -dx), columns - max(0, dx)))
        there = (slice(dy, rows), slice(max(0, dx), columns - max(0, -dx)))
        differ = (tops[here] != tops[there]) & (density[here] > 0) & (density[there] > 0)
        firsts.append(np.minimum(tops[here], tops[there])[differ])
        seconds.append(np.maximum(tops[here], tops[there])[differ])
        heights.append(np.minimum(density[here], density[there])[differ])
    first, second, height = (np.concatenate(each) for each in (firsts, seconds, heights))
    if not len(first):
        return []
    order = np.lexsort((-height, second, first))
    first, second, height = first[order], second[order], height[order]
    new = np.ones(len(first), np.bool_)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    first, second, height = first[new], second[new], height[new]
    order = np.lexsort((second, first, -height))
    return [(int(first[at]), int(second[at]), float(height[at])) for at in order]
