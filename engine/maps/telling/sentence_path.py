"""A way from sentence to sentence that follows a line over a map: the shortest in the graph of neighbours in z.

The graph has an edge between two sentences where one is among the k nearest of the other, by the Euclidean distance of
their mu. An edge costs

    |mu_i - mu_j| * (1 + a_ij / s)

where a_ij is how far the straight step from i to j on the map lies from the line, on average along the step (by
Simpson's rule, from its ends and its middle), and s a twentieth of the line's length: beside the line by that much, a
step costs twice as much as on it. The way is the cheapest from the sentence nearest to the line's beginning to the one
nearest to its end (Dijkstra, A note on two problems in connexion with graphs, 1959). It goes by those nearest to the
bends in between, in their order, as a line that comes back to where it began would be no way else. That it goes through
neighbours is what Isomap takes for the distance within a curved space (Tenenbaum et al., 2000).

Of many sentences only a corridor is looked at: those nearest to the line, as many of each of its pieces as there are.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.maps.neighbours import SquaredDistances, distinct, smallest
from engine.maps.points import COLLAPSED
from engine.maps.telling.polyline import bends, evenly, length_of, nearest_piece
from engine.storage.latent_cache import LatentCache, blocks

NEIGHBOURS = 15
"""Neighbours of a sentence in the graph, as many as a UMAP has."""
MOST = 12_000
"""Sentences among which a way is sought, at most."""
PIECES = 48
"""Straight pieces of equal length that stand for a drawn line."""
ASIDE = 0.05
"""Share of the line's length by which a sentence may lie beside it until a step there costs twice as much."""
BEND = 0.12
"""Share of the line's length by which it has to leave a straight one for a bend that the way goes by."""
_SAME = 1e-4  # of the spread of the points, below which two of them are one, as for maps
_AT_ONCE = 1 << 22  # distances

Indices = NDArray[np.int64]
Doubles = NDArray[np.float64]
_Edges = tuple[Indices, Indices, Doubles]
Resting = Generator[None, None, "_Corridor"]


@dataclass(frozen=True, eq=False)
class SentencePath:
    """A way from sentence to sentence.

    Attributes:
        indices: (k,) sentences of the cache, in the order of the way.
        distances: (k-1,) |mu_i - mu_j| between each and the next.
        among: sentences that were looked at.
    """

    indices: Indices
    distances: Doubles
    among: int


@dataclass(frozen=True, eq=False)
class _Corridor:
    """Sentences (m,) about a line, the nearest to it first, how far they are from it, and those that the way goes by:

    the nearest to its beginning, to each bend and to its end, none of them twice in a row.
    """

    indices: Indices
    aside: Doubles
    stops: tuple[int, ...]


def path_along(
    cache: LatentCache,
    variant: str,
    coords: NDArray[np.floating],
    corners: NDArray[np.floating],
    k: int = NEIGHBOURS,
    most: int = MOST,
) -> Iterator[SentencePath | None]:
    """The way that follows a line over a map; None after every moment's work before it.

    Args:
        cache, variant: whose latents decide what is a neighbour.
        coords: (n, 2) of the sentences on the map; those without a finite place are left out.
        corners: (c, 2) of the line, in the same coordinates.
        k: neighbours of a sentence.
        most: sentences that are looked at.

    Raises:
        LoomError: the line has no length, its ends and bends are nearest to one sentence, the sentences about it
            have all the same z, or no way leads from end to end.
    """
    line = evenly(corners, PIECES + 1)
    corridor = yield from _about(coords, line, most)
    if len(corridor.stops) < 2:
        raise LoomError("Both ends of this line are nearest to the same sentence.", "Draw a longer one.")
    mu = np.empty((len(corridor.indices), cache.latent), np.float32)
    for rows in blocks(cache.n):
        within = (corridor.indices >= rows.start) & (corridor.indices < rows.stop)
        if within.any():
            mu[within] = cache.mu(variant, rows)[corridor.indices[within] - rows.start]
        yield None
    spread = float(np.sqrt(np.var(mu, axis=0, dtype=np.float64).sum()))
    if spread < COLLAPSED:
        raise LoomError("All sentences about this line have the same z, so no way leads from one to the next.")
    # Copies of a sentence would have none but each other as neighbours; the one nearest to the line stands for them.
    first, of_first = distinct(mu, _SAME * spread)
    yield None
    stops = [int(np.flatnonzero(corridor.indices == stop)[0]) for stop in corridor.stops]
    aside, places = corridor.aside[first], np.asarray(coords[corridor.indices[first]], np.float64)
    parts: list[_Edges] = []
    for heads, tails, lengths in _edges(mu[first], min(k, len(first) - 1)):
        _, middle = nearest_piece((places[heads] + places[tails]) / 2, line)
        off = (aside[heads] + 4 * middle + aside[tails]) / 6
        # An edge without length is still one, which a sparse matrix would leave out.
        parts.append((heads, tails, np.maximum(lengths, 1e-12) * (1 + off / (ASIDE * length_of(line)))))
        yield None
    legs = _cheapest(parts, len(first), [int(of_first[stop]) for stop in stops])
    # The stops themselves, not what stands for them.
    way = np.concatenate([stops[:1], *([*first[leg[1:-1]], stop] for leg, stop in zip(legs, stops[1:], strict=True))])
    distances = np.linalg.norm(np.diff(mu[way].astype(np.float64), axis=0), axis=1)
    yield SentencePath(corridor.indices[way], distances, len(corridor.indices))


def _about(coords: NDArray[np.floating], line: Doubles, most: int) -> Resting:
    """The sentences about a line; all, where these are no more than `most`."""
    n = len(coords)
    pieces, aside = np.empty(n, np.int16), np.empty(n)
    stops = line[[0, *bends(line, BEND * length_of(line)), -1]]
    nearest, found = [np.inf] * len(stops), [-1] * len(stops)
    for rows in blocks(n):
        places = np.asarray(coords[rows], np.float64)
        places = np.where(np.isfinite(places).all(axis=1, keepdims=True), places, np.inf)
        with np.errstate(invalid="ignore"):
            pieces[rows], aside[rows] = nearest_piece(places, line)
            for stop, place in enumerate(stops):
                far = np.hypot(*(places - place).T)
                if (at := int(far.argmin())) >= 0 and far[at] < nearest[stop]:
                    nearest[stop], found[stop] = float(far[at]), at + rows.start
        yield None
    there = np.flatnonzero(np.isfinite(aside))
    if len(there) < 2:
        raise LoomError("This map has places for fewer than two sentences.", "Choose another map.")
    if len(there) > most:
        there = _evenly_about(there, pieces, aside, most)
        there = np.union1d(there, found)
    there = there[np.argsort(aside[there], kind="stable")]
    return _Corridor(there, aside[there], tuple(stop for stop, _ in groupby(found)))


def _evenly_about(there: Indices, pieces: NDArray[np.int16], aside: Doubles, most: int) -> Indices:
    """The nearest of each piece, the same number of each, and the rest from all pieces together."""
    by_piece = there[np.argsort(pieces[there], kind="stable")]
    bounds = np.searchsorted(pieces[by_piece], np.arange(PIECES + 1))
    left, taken = np.zeros(len(aside), np.bool_), []
    left[there] = True
    for start, stop in pairwise(bounds.tolist()):
        taken.append(_nearest(by_piece[start:stop], aside, most // PIECES))
        left[taken[-1]] = False
    return np.concatenate([*taken, _nearest(np.flatnonzero(left), aside, int(left.sum()) - len(there) + most)])


def _nearest(which: Indices, aside: Doubles, count: int) -> Indices:
    return which if len(which) <= count else which[np.argpartition(aside[which], count)[:count]]


def _edges(points: NDArray[np.float32], k: int) -> Iterator[_Edges]:
    """From each point (m, latent) to its k nearest others, with how far they are; a part of them at a time."""
    distances, m = SquaredDistances(points), len(points)
    at_once = max(1, _AT_ONCE // m)
    for start in range(0, m, at_once):
        rows = np.arange(start, min(start + at_once, m))
        found = distances.rows(rows)
        near = smallest(found, k)
        yield np.repeat(rows, k), near.ravel(), np.sqrt(np.take_along_axis(found, near, axis=1).ravel().astype(float))


def _cheapest(edges: Sequence[_Edges], count: int, stops: Sequence[int]) -> list[Indices]:
    """The nodes of the cheapest ways from each stop to the next, both included.

    Args:
        edges: their two ends and costs, in parts; each may be gone either way.
        count: nodes.
        stops: nodes, two or more.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    heads, tails, costs = (np.concatenate(each) for each in zip(*edges, strict=True))
    graph = csr_array((costs, (heads, tails)), shape=(count, count))
    ways: list[Indices] = []
    for start, end in pairwise(stops):
        reached, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
        if not np.isfinite(reached[end]):
            raise LoomError(
                "No chain of neighbours leads along this line to its end: what lies there is apart in z.",
                "Draw another line, or read it as it is drawn.",
            )
        way = [end]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
        ways.append(np.array(way[::-1], np.int64))
    return ways
