"""The points of a map: mu or a draw of every sentence, block by block, and what is wrong with them as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.config import MapMetric, MapOf
from engine.errors import LoomError
from engine.latents.moments import moments
from engine.storage.latent_cache import LatentCache, blocks

COLLAPSED = 1e-6
"""Spread (in prior standard deviations) below which a variant tells its sentences apart by rounding only."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LatentPoints:
    """What is mapped of one variant.

    Attributes:
        cache, variant: whose latents they are.
        of: "mu", or "samples": one z = mu + sigma * noise a sentence, of the same noise for every variant.
        seed: of the noise.
        metric: "cosine" has the points brought to length 1, where Euclidean distances order points as angles do.
    """

    cache: LatentCache
    variant: str
    of: MapOf = "mu"
    seed: int = 0
    metric: MapMetric = "euclidean"

    @property
    def n(self) -> int:
        """How many there are."""
        return self.cache.n

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Rows and their points (b, latent), in the order of the sentences; the same whenever it is called.

        Raises:
            LoomError: the cache holds numbers that are not finite, or draws that are too large for a number.
        """
        noise = np.random.default_rng(self.seed)
        for rows in blocks(self.n):
            points = self.cache.mu(self.variant, rows)
            if self.of == "samples":
                with np.errstate(over="ignore", invalid="ignore"):
                    sigma = np.exp(0.5 * self.cache.logvar(self.variant, rows).astype(np.float64))
                    points = (points + sigma * noise.standard_normal(points.shape)).astype(np.float32)
                if not np.isfinite(points).all() or np.abs(points).max(initial=0.0) > 1e18:
                    raise LoomError(
                        f"{self.cache.path}: draws z ~ q(z|x) of {self.variant} are too large for a map.",
                        "Its sigma has diverged; map its means instead: --of mu",
                    )
            yield rows, directions(points) if self.metric == "cosine" else points

    def chosen(self, mask: NDArray[np.bool_]) -> Floats:
        """The points (m, latent) of the sentences in a mask (n,)."""
        return np.concatenate([points[mask[rows]] for rows, points in self.blocks()])


@dataclass(frozen=True, slots=True)
class Spread:
    """Where points lie: their mean (latent,), and the root of their summed variance."""

    mean: NDArray[np.float64]
    size: float


def spread_of(points: LatentPoints) -> Spread:
    """Where the points of a variant lie, from one walk through them."""
    found = moments(block for _, block in points.blocks())
    return Spread(found.mean, float(np.sqrt(max(0.0, float(np.trace(found.covariance))))))


def directions(points: Floats) -> Floats:
    """Points (m, latent) brought to length 1; one at 0 has no direction and stays there."""
    lengths = np.linalg.norm(points.astype(np.float64), axis=1, keepdims=True)
    turned: Floats = np.divide(points, lengths, out=np.zeros_like(points, dtype=np.float64), where=lengths > 0).astype(
        np.float32
    )
    return turned


def warning_of(cache: LatentCache, variant: str, spread: float) -> str:
    """What keeps a map of a variant from showing anything, in words for people; "" where nothing does.

    Args:
        cache, variant: whose map it is.
        spread: the root of the points' summed variance.
    """
    if cache.n < 2:
        return "There is one sentence only, so the map is a single point."
    if spread < COLLAPSED:
        return "All sentences have the same point in z, so the map is a single point: this model has collapsed."
    if not cache.active_units(variant):
        return (
            f"No dimension of z is in use, and KL is {cache.mean_kl(variant):.2g} nats: what looks like structure here "
            "is smaller than the noise of z and tells the decoder next to nothing."
        )
    return ""
