"""UMAP's layout, from neighbours that are given, by umap-learn's own functions.

umap-learn compiles two thirds of what a first map takes: pynndescent's search at each first import (20 s, kept on the
disk), which finds neighbours that we have already, and its own functions anew in every process (9 s). Here the search
is left uncompiled, the three functions that are needed are compiled once and kept on the disk, and the steps are
taken one by one, so that they can be counted and given up and two maps can be laid out at a time. The graph is that of
umap-learn up to rounding, and a graph is laid out as there bit for bit (both tested), but for the start: umap-learn
stretches it to a square; here it keeps its shape, onto which maps are turned afterwards.

McInnes, Healy and Melville, UMAP (2018), algorithms 1 to 5.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.maps.numba_cache import give_numba_a_folder

Floats = NDArray[np.float32]
Tell = Callable[[int, int], None]
"""Is told how many of how many steps are taken; what it raises ends the layout."""

_SIZE = 10.0  # of the start, as UMAP likes it
_SAMPLES = 5.0  # points that push a point away for each that draws it
_LOWEST, _HIGHEST = np.iinfo(np.int32).min + 1, np.iinfo(np.int32).max - 1
_LOADING = Lock()


class Compiled(NamedTuple):
    """umap-learn's functions of the same names, compiled."""

    smooth_knn_dist: Any
    compute_membership_strengths: Any
    layout_epoch: Any
    make_epochs_per_sample: Any
    find_ab_params: Any


def umap_layout(
    indices: NDArray[np.int64],
    distances: Floats,
    start: Floats,
    min_dist: float,
    epochs: int,
    seed: int,
    tell: Tell = lambda done, total: None,
) -> Floats:
    """Lay points out so that neighbours lie near each other.

    Args:
        indices: (n, k) neighbours of each point, itself first.
        distances: (n, k) their distances, the first 0.
        start: (n, 2) where the points begin; no two at one place.
        min_dist: how tightly points may pack.
        epochs: steps.
        seed: of the points that push each other away.
        tell: told of the steps.

    Returns:
        (n, 2).
    """
    with _LOADING:
        compiled = compiled_functions()
    return laid_out(compiled, graph_of(compiled, indices, distances), start, min_dist, epochs, seed, tell)


def laid_out(
    compiled: Compiled,
    graph: Any,
    start: Floats,
    min_dist: float,
    epochs: int,
    seed: int,
    tell: Tell = lambda done, total: None,
) -> Floats:
    """(n, 2) the layout of a graph of `graph_of`, which is changed; the rest as for `umap_layout`."""
    graph.data[graph.data < graph.data.max() / float(epochs)] = 0.0
    graph.eliminate_zeros()
    a, b = compiled.find_ab_params(1.0, min_dist)
    state = np.random.RandomState(seed).randint(_LOWEST, _HIGHEST, 3).astype(np.int64)
    each = compiled.make_epochs_per_sample(graph.data, epochs)
    each_other = each / _SAMPLES
    next_one, next_other = each.copy(), each_other.copy()
    least, most = start.min(axis=0), start.max(axis=0)
    layout = (_SIZE * (start - least) / (most - least).max()).astype(np.float32, order="C")
    states = np.full((len(layout), 3), state) + layout[:, 0].astype(np.float64).view(np.int64).reshape(-1, 1)
    unused = np.zeros(1, np.float32)  # of densMAP
    rate = 1.0
    for epoch in range(epochs):
        tell(epoch, epochs)
        compiled.layout_epoch(
            layout, layout, graph.row, graph.col, len(layout), each, a, b, states, 1.0, 2, True, rate, each_other,
            next_other, next_one, epoch, False, unused, unused, 0, 0, 0, 0, unused, unused, 0,
        )  # fmt: skip
        rate = 1.0 - epoch / epochs
    tell(epochs, epochs)
    return layout


def graph_of(compiled: Compiled, indices: NDArray[np.int64], distances: Floats) -> Any:
    """How strongly points belong together, as `umap.umap_.fuzzy_simplicial_set` finds it, a COO matrix (n, n)."""
    from scipy.sparse import coo_matrix

    n, k = indices.shape
    near = np.ascontiguousarray(distances, dtype=np.float32)
    sigmas, rhos = compiled.smooth_knn_dist(near, float(k), 64, 1.0, 1.0)
    rows, columns, strengths, _ = compiled.compute_membership_strengths(indices, near, sigmas, rhos, False)
    one_way = coo_matrix((strengths, (rows, columns)), shape=(n, n))
    one_way.eliminate_zeros()
    other_way = one_way.transpose()
    both = one_way.multiply(other_way)
    graph = (one_way + other_way - both).tocoo()
    graph.sum_duplicates()
    graph.eliminate_zeros()
    return graph


@cache
def compiled_functions() -> Compiled:
    """umap-learn's functions; compiled at the first use ever, and read from the disk afterwards."""
    give_numba_a_folder()
    import numba

    flags: Any = numba.config
    asked = flags.DISABLE_JIT
    flags.DISABLE_JIT = True  # what it compiles at its import is its search, which is not used here
    try:
        import pynndescent  # noqa: F401
    finally:
        flags.DISABLE_JIT = asked
    from umap import layouts, umap_

    def kept(function: Any, **options: Any) -> Any:
        plain = getattr(function, "py_func", function)
        return numba.njit(cache=True, nogil=True, locals=getattr(function, "locals", {}), **options)(plain)

    return Compiled(
        kept(umap_.smooth_knn_dist),
        kept(umap_.compute_membership_strengths),
        kept(layouts._optimize_layout_euclidean_single_epoch, fastmath=True),
        umap_.make_epochs_per_sample,
        umap_.find_ab_params,
    )
