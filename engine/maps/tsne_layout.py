"""t-SNE's layout, from neighbours that are given, by openTSNE.

Of the kept libraries it keeps most neighbours; docs/architecture.md has the numbers that it was chosen by. Nothing of
it is compiled at its first use.

van der Maaten and Hinton, Visualizing data using t-SNE (2008); the repulsion by interpolation on a grid: Linderman et
al., Fast interpolation-based t-SNE (2019); the rates: Belkina et al., Automated optimized parameters for t-SNE (2019).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Tell = Callable[[int, int], None]

NEIGHBOURS_PER_PERPLEXITY = 3
"""Farther ones weigh next to nothing."""
_EXAGGERATION = 12.0
_EARLY = 0.4  # share of the steps in which neighbours attract each other so many times as much
_START = 1e-4  # standard deviation of the start's first axis, as the method likes it
_FEW = 3_000  # points below which an exact tree is quicker than the grid
_AT_ONCE = 10


def tsne_layout(
    indices: NDArray[np.int64],
    distances: Floats,
    start: Floats,
    perplexity: float,
    steps: int,
    tell: Tell = lambda done, total: None,
) -> Floats:
    """Lay points out so that neighbours lie near each other.

    Args:
        indices: (n, k) neighbours of each point, itself first; k about three times the perplexity, and one.
        distances: (n, k) their distances, the first 0.
        start: (n, 2) where the points begin; no two at one place.
        perplexity: neighbours of a point that count, as it were; at most a third of those that are given.
        steps: of the descent, the early ones included.
        tell: told of the steps; what it raises ends the layout.

    Returns:
        (n, 2), centred, of a root mean square distance of 10 from the middle.
    """
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    n, k = indices.shape
    known = PrecomputedNeighbors(indices[:, 1:], distances[:, 1:].astype(np.float64))
    most = (k - 1) / NEIGHBOURS_PER_PERPLEXITY
    affinities = PerplexityBasedNN(knn_index=known, perplexity=min(perplexity, most), n_jobs=1)
    centred = start.astype(np.float64) - start.mean(axis=0, dtype=np.float64)
    begin = centred * (_START / centred.std(axis=0).max())
    gradient = "bh" if n < _FEW else "fft"
    # One thread: with several the sums are added in another order, and the same seed gives another map.
    layout = TSNEEmbedding(begin, affinities, negative_gradient_method=gradient, n_jobs=1, random_state=0)
    early = round(_EARLY * steps)
    done = 0
    while done < steps:
        tell(done, steps)
        is_early = done < early
        count = min(_AT_ONCE, (early if is_early else steps) - done)
        layout = layout.optimize(
            count,
            exaggeration=_EXAGGERATION if is_early else 1.0,
            learning_rate=n / (_EXAGGERATION if is_early else 1.0),
            momentum=0.8,
            inplace=True,
        )
        done += count
    tell(steps, steps)
    found = np.asarray(layout, dtype=np.float64)
    found -= found.mean(axis=0)
    size = np.sqrt(np.square(found).sum(axis=1).mean())
    scaled: Floats = (found * (10.0 / size if size > 0 else 0.0)).astype(np.float32)
    return scaled
