"""Directions of the latent space to move along: single dimensions by their KL, and principal directions.

Everything is taken from the cached posteriors of the test set, in one walk through the file that keeps sums only.
Dimensions are counted from 0 as in the arrays, principal directions from 1 as in speech.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError, UsageError
from engine.latents.moments import Moments, MomentSums
from engine.latents.paths import traversal
from engine.storage.cache_file import kl_terms
from engine.storage.latent_cache import LatentCache, blocks

Floats = NDArray[np.float32]
Kind = Literal["informative", "dimension", "principal"]

REACH = 3.0
"""Prior standard deviations that a slider spans to either side at least; 99.7% of the prior lies within."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A line through the latent space on which a position is a number.

    Position v on the line is the point `origin + v * vector`; the position of any z is (z - origin) . vector.

    Attributes:
        name: for people and for repeating, such as "dimension 7" or "principal direction 1".
        vector: (latent,) float64, a unit vector.
        origin: (latent,) float64: 0 for a dimension, the mean of mu for a principal direction.
        spread: standard deviation of mu along it over the test set, in prior units (the prior's own is 1).
        weight: for a dimension its KL in nats, mean over the test set; for a principal direction the share of the
            variance of mu that it explains.
        note: the weight in words.
    """

    name: str
    vector: NDArray[np.float64]
    origin: NDArray[np.float64]
    spread: float
    weight: float
    note: str

    @property
    def reach(self) -> float:
        """How far a slider should go to either side of 0: what both the prior and the test sentences reach."""
        return max(REACH, REACH * self.spread)

    def position(self, z: NDArray[np.floating]) -> float:
        """Where z (latent,) stands along the direction."""
        return float((z.astype(np.float64) - self.origin) @ self.vector)


@dataclass(frozen=True, slots=True)
class PrincipalDirections:
    """Orthogonal directions in which mu varies most.

    Attributes:
        mean: (latent,) of mu.
        vectors: (k, latent), unit vectors, the one of most variance first; the largest part of each is positive.
        explained: (k,) shares of the total variance; 0 where mu does not vary at all.
        spread: (k,) standard deviations of mu along each.
    """

    mean: NDArray[np.float64]
    vectors: NDArray[np.float64]
    explained: NDArray[np.float64]
    spread: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LatentStatistics:
    """What the posteriors of a variant's test sentences are like together.

    Attributes:
        moments: of mu.
        kl_per_dimension: (latent,) KL(q(z_d|x) || N(0, 1)) in nats, mean over the sentences.
    """

    moments: Moments
    kl_per_dimension: NDArray[np.float64]


def statistics(cache: LatentCache, variant: str) -> LatentStatistics:
    """One walk through a variant's mu and logvar, in blocks: memory does not grow with the sentences.

    Raises:
        LoomError: no such variant, no sentences, or numbers that are not finite.
    """
    *_, found = statistics_by_blocks(cache, variant)
    assert found is not None
    return found


def statistics_by_blocks(cache: LatentCache, variant: str) -> Iterator[LatentStatistics | None]:
    """As `statistics`, for whoever may want to stop: None after each block, at last what was found."""
    cache.info(variant)
    if not cache.n:
        raise LoomError(f"{cache.path} holds no sentences.", "Prepare the corpus from more text.")
    total, sums = np.zeros(cache.latent), MomentSums()
    for rows in blocks(cache.n):
        mu = cache.mu(variant, rows)
        total += kl_terms(mu, cache.logvar(variant, rows)).sum(axis=0)
        sums.add(mu)
        yield None
    yield LatentStatistics(sums.moments(), total / cache.n)


def informative(kl_per_dimension: NDArray[np.floating], top: int) -> NDArray[np.int64]:
    """The `top` dimensions of most KL, the most informative first; equal ones in their order. Fewer where z has fewer.

    Args:
        kl_per_dimension: (latent,) nats.
        top: how many.
    """
    order: NDArray[np.int64] = np.argsort(-np.asarray(kl_per_dimension, dtype=np.float64), kind="stable")
    return order[:top]


def dimension(latent: int, d: int) -> NDArray[np.float64]:
    """The unit vector (latent,) of dimension d.

    Raises:
        UsageError: there is no such dimension.
    """
    if not 0 <= d < latent:
        raise UsageError(
            f"There is no dimension {d}: z has {latent}.", f"Dimensions are counted from 0 to {latent - 1}."
        )
    vector = np.zeros(latent)
    vector[d] = 1.0
    return vector


def principal(found: Moments, top: int) -> PrincipalDirections:
    """The `top` principal directions of points with these moments; fewer where they have fewer dimensions."""
    vectors, variances = found.principal_axes(top)
    total = float(np.trace(found.covariance))
    explained = variances / total if total > 0 else np.zeros_like(variances)
    return PrincipalDirections(found.mean, vectors, explained, np.sqrt(variances))


def sliders(found: LatentStatistics, top: int, kind: Kind = "informative") -> tuple[Direction, ...]:
    """The `top` most telling directions of a variant, best first: dimensions by KL, or principal directions.

    Kind "dimension" gives the dimensions in their order. Fewer come where z has fewer.
    """
    latent = len(found.kl_per_dimension)
    if kind == "principal":
        axes = principal(found.moments, top)
        return tuple(
            Direction(
                f"principal direction {rank}",
                vector,
                axes.mean,
                float(spread),
                float(share),
                f"{share:.1%} of variance",
            )
            for rank, (vector, share, spread) in enumerate(
                zip(axes.vectors, axes.explained, axes.spread, strict=True), start=1
            )
        )
    chosen = informative(found.kl_per_dimension, top) if kind == "informative" else np.arange(latent)[:top]
    spreads = np.sqrt(np.maximum(np.diag(found.moments.covariance), 0.0))
    return tuple(
        Direction(
            f"dimension {d}",
            dimension(latent, d),
            np.zeros(latent),
            float(spreads[d]),
            float(found.kl_per_dimension[d]),
            f"KL {found.kl_per_dimension[d]:.2f} nats",
        )
        for d in chosen.tolist()
    )


def chosen_direction(found: LatentStatistics, kind: Kind, number: int) -> Direction:
    """One direction: dimension `number` (from 0), or the informative or principal one of that rank (from 1).

    Raises:
        UsageError: z has no such direction.
    """
    latent = len(found.kl_per_dimension)
    check_number(kind, number, latent)
    return sliders(found, latent, kind)[number] if kind == "dimension" else sliders(found, number, kind)[-1]


def check_number(kind: Kind, number: int, latent: int) -> None:
    """Refuse the number of a direction that a z of `latent` dimensions does not have.

    Raises:
        UsageError: it has no such direction.
    """
    if kind == "dimension":
        dimension(latent, number)
    elif not 1 <= number <= latent:
        raise UsageError(f"There is no {kind} direction {number}: z has {latent}.", f"Ranks are from 1 to {latent}.")


def moved(z: Floats, positions: Sequence[tuple[Direction, float]]) -> Floats:
    """z (latent,) with its position along each of several directions set, one after the other; float32.

    Directions of different kinds need not be orthogonal, so a later one may move the position along an earlier one.

    Raises:
        UsageError: a position is not finite.
    """
    for direction, value in positions:
        z = traversal(z, direction.vector, [value], direction.origin)[0]
    return z
