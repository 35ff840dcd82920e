"""How far a point of z lies from every sentence, beside how far sentences lie from each other.

A decoder answers from any z, also where no sentence was ever encoded. The distance of a point to the nearest mu means
nothing by itself; here it is compared with the distances of test sentences to their own nearest other one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.storage.latent_cache import LatentCache

REFERENCE = 50_000
"""Sentences that points, and sentences themselves, are compared with at most, spread evenly over all."""
SAMPLE = 1_000
"""Sentences whose own nearest other one is looked for at most, spread evenly."""
SEED = 0
"""Of the draws."""
_BLOCK = 64

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Far:
    """How far some points (m,) are.

    Attributes:
        distances: to the nearest mu, Euclidean, in standard deviations of the prior.
        shares: of the sampled sentences, how many are nearer to their nearest other one, 0 to 1; of drawn points, how
            many have a draw that is nearer to a sentence.
    """

    distances: Floats
    shares: Floats


class Spacing:
    """The distances between the sentences of a variant. Reads its mu once.

    Attributes:
        between: (k,) distances of sampled sentences to their nearest other one, ascending.
        drawn: (k,) distances of one z ~ q(z|x) of each of them to the nearest mu, ascending. In many dimensions a draw
            lies far from its own mu, so a draw from the prior is compared with these.

    Raises:
        LoomError: no such variant, or a damaged file.
    """

    def __init__(self, cache: LatentCache, variant: str) -> None:
        step = max(1, -(-cache.n // REFERENCE))
        self._mu = cache.mu(variant, slice(0, cache.n, step)).astype(np.float64)
        # From the mean, so that squares of large numbers do not swallow small differences.
        self._mean = self._mu.mean(axis=0) if len(self._mu) else np.zeros(cache.latent)
        self._mu -= self._mean
        self._squares = np.square(self._mu).sum(axis=1)
        n = len(self._mu)
        own = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64)) if n > 1 else np.zeros(0, np.int64)
        self.between = np.sort(self._nearest(self._mu[own], own))
        noise = np.random.default_rng(SEED).standard_normal((len(own), cache.latent))
        spread = [np.exp(0.5 * cache.logvar(variant, slice(row, row + 1))[0]) for row in (own * step).tolist()]
        draws = self._mu[own] + np.array(spread).reshape(noise.shape) * noise
        self.drawn = np.sort(self._nearest(draws))

    def of(self, points: NDArray[np.floating], drawn: bool = False) -> Far:
        """How far points (m, latent) are, which were drawn at random or not.

        Without two sentences nothing can be compared, and shares are NaN.
        """
        distances = self._nearest(np.asarray(points, np.float64) - self._mean)
        known = self.drawn if drawn else self.between
        if not len(known):
            return Far(distances, np.full(len(distances), np.nan))
        return Far(distances, np.searchsorted(known, distances, side="left") / len(known))

    def _nearest(self, points: Floats, own: NDArray[np.int64] | None = None) -> Floats:
        """(m,) distance to the nearest sentence, or to the nearest other than the point's `own` (m,)."""
        found = np.full(len(points), np.inf)
        for start in range(0, len(points), _BLOCK):
            rows = slice(start, start + _BLOCK)
            block = points[rows]
            squared = self._squares - 2.0 * (block @ self._mu.T)
            if own is not None:
                squared[np.arange(len(block)), own[rows]] = np.inf
            if squared.shape[1]:
                nearest = squared.argmin(axis=1)
                found[rows] = np.linalg.norm(block - self._mu[nearest], axis=1)
        return found
