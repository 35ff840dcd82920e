"""Nearest neighbours among latent points, and where points lie given those of their neighbours.

Exact Euclidean neighbours by brute force in blocks. scikit-learn does the search for maps: on CPUs it is 3 to 5
times as fast as a matrix product with torch.topk, needs little memory whatever the number of points, and spares the
import of torch. `SquaredDistances` and `smallest` are for whoever looks at single points between other work, with
numpy alone. `interpolated` works on whatever was found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Floats = NDArray[np.float32]
Distances = NDArray[Any]

_MOST_IN_DOUBLE = 100_000


def nearest(points: Floats, reference: Floats, k: int) -> tuple[Indices, Floats]:
    """The k nearest reference points of every point, nearest first.

    Args:
        points: (m, d).
        reference: (n, d), n >= k.
        k: neighbours.

    Returns:
        (m, k) rows of `reference` and (m, k) Euclidean distances.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(reference)
    distances, indices = search.kneighbors(points)
    return indices.astype(np.int64, copy=False), distances.astype(np.float32, copy=False)


def neighbours_within(points: Floats, k: int) -> tuple[Indices, Floats]:
    """The k nearest neighbours of every point among the points themselves, each one's own row first.

    A point comes first even where others lie at exactly the same place, as UMAP expects.

    Args:
        points: (n, d), n >= k.
        k: neighbours, the point itself counted.

    Returns:
        (n, k) rows and (n, k) Euclidean distances; the first column is 0..n-1 and 0.
    """
    n = len(points)
    indices, distances = nearest(points, points, min(k + 1, n))
    own = np.arange(n)
    others = indices != own[:, None]
    # Among many equal points a point may be missing from its own list: then it has one other too many.
    others &= np.cumsum(others, axis=1) < k
    rows = np.column_stack([own, indices[others].reshape(n, k - 1)])
    return rows, np.column_stack([np.zeros(n, np.float32), distances[others].reshape(n, k - 1)])


def distinct(points: Floats, same: float) -> tuple[Indices, Indices]:
    """Which points stand for all, where copies of a sentence have the same point but for rounding.

    Maps would pull many copies apart into an island: each finds its nearest neighbours among other copies only.

    Args:
        points: (n, latent).
        same: difference in a coordinate up to which two points are one.

    Returns:
        (m,) the points that stand for others, and (n,) which of these stands for each point.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # Equal in one of two grids, as what differs by rounding may lie on either side of the edge of a cell.
    n = len(points)
    scaled = points.astype(np.float64) / same
    cells = [np.unique(np.floor(scaled + shift), axis=0, return_inverse=True)[1].ravel() for shift in (0.0, 0.5)]
    ends = n + np.concatenate([cells[0], cells[1] + n])
    links = coo_array((np.ones(2 * n, np.bool_), (np.tile(np.arange(n), 2), ends)), shape=(3 * n, 3 * n))
    group = connected_components(links, directed=False)[1][:n]
    _, first, of_first = np.unique(group, return_index=True, return_inverse=True)
    return first, of_first


class SquaredDistances:
    """Squared distances of single points to all, from one product; those of a point to itself are infinite.

    Args:
        points: (n, d).
        same: distance up to which points count as one: it counts as 0.
    """

    def __init__(self, points: NDArray[Any], same: float = 0.0) -> None:
        # Of very many points half the digits do: what they leave open are ranks far behind the k nearest.
        kind = np.float64 if len(points) <= _MOST_IN_DOUBLE else np.float32
        self._points: NDArray[Any] = (points - np.mean(points, axis=0, dtype=np.float64)).astype(kind)
        self._squares = np.square(self._points).sum(axis=1)
        # The product loses digits in proportion to the squares: what is below that is no distance either.
        self._least = max(same**2, 500 * float(np.finfo(kind).eps * self._squares.max(initial=0.0)))

    def rows(self, rows: Indices) -> Distances:
        """(b, n) of the points in some rows (b,)."""
        found: Distances = self._points[rows] @ self._points.T
        found *= -2
        found += self._squares
        found += self._squares[rows, None]
        found[found < self._least] = 0.0
        found[np.arange(len(rows)), rows] = np.inf
        return found


def smallest(distances: Distances, k: int) -> Indices:
    """(b, k) columns of the smallest of distances (b, n), in any order."""
    nearest = np.empty((len(distances), k), np.int64)
    step = max(1, distances.shape[1] // (50 * k))
    for row, all_of_row in enumerate(distances):
        # At least k of a part lie within this, so those of all that do so hold the k nearest.
        bound = np.partition(all_of_row[::step], k - 1)[k - 1]
        within = np.flatnonzero(all_of_row <= bound)
        nearest[row] = within[np.argpartition(all_of_row[within], k - 1)[:k]]
    return nearest


def nearest_plain(points: Floats, reference: Floats, k: int) -> tuple[Indices, Floats]:
    """Like `nearest` for a few points, with numpy only, so that nothing heavy is imported for a live answer."""
    candidates = np.empty((len(points), min(k, len(reference))), dtype=np.int64)
    distances = np.empty(candidates.shape, dtype=np.float32)
    for row, point in enumerate(points):
        squared = np.square(reference - point).sum(axis=1)
        found = np.argpartition(squared, candidates.shape[1] - 1)[: candidates.shape[1]]
        candidates[row] = found[np.argsort(squared[found], kind="stable")]
        distances[row] = np.sqrt(squared[candidates[row]])
    return candidates, distances


def interpolated(coordinates: Floats, indices: Indices, distances: Floats) -> Floats:
    """Mean of the neighbours' coordinates, weighted by inverse squared distance (Shepard's method).

    A point that coincides with a neighbour lands on it.

    Args:
        coordinates: (n, 2) of the reference points.
        indices: (m, k) rows of `coordinates`.
        distances: (m, k), not negative.

    Returns:
        (m, 2).
    """
    scale = distances.max(axis=1, keepdims=True).astype(np.float64)
    # Distances in units of the farthest neighbour; the floor keeps the weights finite.
    relative = np.divide(distances, scale, out=np.ones_like(distances, dtype=np.float64), where=scale > 0)
    weights = 1.0 / np.square(np.maximum(relative, 1e-6))
    weights /= weights.sum(axis=1, keepdims=True)
    means: Floats = np.einsum("mk,mkd->md", weights, coordinates[indices]).astype(np.float32)
    return means
