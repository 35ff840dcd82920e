"""The test sentences nearest to any z, found in the cache block by block.

Exact: every sentence is looked at. Only the block at hand and the best so far are in memory: 42 MB at 32 latent
dimensions, whatever the number of sentences (measured, docs/benchmarks.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError, UsageError
from engine.storage.latent_cache import LatentCache, blocks

Floats = NDArray[np.float32]
Distance = Literal["euclidean", "cosine", "posterior-kl"]
DISTANCES: tuple[Distance, ...] = get_args(Distance)
LOG_2PI = math.log(2.0 * math.pi)

_Measure = Callable[[slice], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest sentences of the test set, nearest first; of equally near ones the earlier first.

    Attributes:
        indices: (k,) int64, sentences of the cache.
        distances: (k,) float64.
        definition: the formula of the distances.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]
    definition: str


def nearest(
    cache: LatentCache,
    variant: str,
    z: Floats,
    k: int,
    distance: Distance = "euclidean",
    logvar: Floats | None = None,
) -> Neighbours:
    """The k test sentences whose posteriors q(z|x_i) = N(mu_i, exp(logvar_i)) are nearest to a point.

    - `euclidean`: |z - mu_i|, in prior standard deviations.
    - `cosine`: 1 - cos(z, mu_i), from 0 to 2; a mu_i of length 0 points nowhere and counts as 1.
    - `posterior-kl`: KL(q(z|x) || q(z|x_i)) in nats for the sentence's posterior q(z|x) = N(z, exp(logvar)). A bare
      point has no posterior; then it is -log q(z|x_i) in nats, the limit of that KL for an ever narrower q(z|x), up
      to q's own entropy, which is the same for every i. It can be negative, being a density's.

    Computed in float64, a block of sentences at a time.

    Args:
        cache: of the run.
        variant: whose latents.
        z: (latent,); the mean mu of the query for `posterior-kl` with `logvar`.
        k: how many.
        distance: which.
        logvar: (latent,) of the query's posterior; used by `posterior-kl` only.

    Raises:
        LoomError: z is no finite vector of the cache's width, or the cache has no such variant.
        UsageError: k is not in 1 to the number of sentences, the distance is unknown, or a z of length 0 is asked for
            its cosine.
    """
    *_, found = nearest_by_blocks(cache, variant, z, k, distance, logvar)
    return found


def nearest_by_blocks(
    cache: LatentCache,
    variant: str,
    z: Floats,
    k: int,
    distance: Distance = "euclidean",
    logvar: Floats | None = None,
) -> Iterator[Neighbours]:
    """As `nearest`, for whoever may want to stop: after each block the nearest so far, at last those of all."""
    checked_number(k, cache.n)
    measure, definition = _measure(cache, variant, z, distance, logvar)
    indices, distances = np.empty(0, np.int64), np.empty(0)
    for rows in blocks(cache.n):
        found = measure(rows)
        # Only what is no farther than the k-th of this block can be among the k nearest; equal ones all stay.
        near = np.arange(len(found)) if k >= len(found) else np.flatnonzero(found <= np.partition(found, k - 1)[k - 1])
        indices = np.concatenate([indices, near + rows.start])
        distances = np.concatenate([distances, found[near]])
        best = np.argsort(distances, kind="stable")[:k]
        indices, distances = indices[best], distances[best]
        yield Neighbours(indices, distances, definition)


def checked_number(k: int, n: int) -> int:
    """Return the number of neighbours if so many can be found among n sentences.

    Raises:
        UsageError: they cannot.
    """
    if not 1 <= k <= n:
        raise UsageError(f"{k} neighbours cannot be found among {n:,} test sentences.", f"Choose 1 to {n:,}.")
    return k


def checked_length(z: NDArray[np.floating[Any]]) -> float:
    """The length of z, by which a cosine is taken.

    Raises:
        UsageError: it is 0.
    """
    length = float(np.linalg.norm(z))
    if length == 0:
        raise UsageError("z = 0 points nowhere, so it has no cosine.", "Choose another point or distance.")
    return length


def _measure(
    cache: LatentCache, variant: str, z: Floats, distance: Distance, logvar: Floats | None
) -> tuple[_Measure, str]:
    """What gives the distances of a block of sentences, and its formula."""
    query = _checked(cache, z, "z")
    if distance == "euclidean":
        return lambda rows: np.linalg.norm(cache.mu(variant, rows) - query, axis=1), "|z - mu_i|"
    if distance == "cosine":
        length = checked_length(query)
        return lambda rows: _cosine(cache.mu(variant, rows).astype(np.float64), query / length), "1 - cos(z, mu_i)"
    if distance != "posterior-kl":
        raise UsageError(f"There is no distance {distance!r}.", f"Distances are {', '.join(DISTANCES)}.")
    if logvar is None:
        return (
            lambda rows: _minus_log_density(query, cache.mu(variant, rows), cache.logvar(variant, rows)),
            "-log q(z|x_i), nats",
        )
    spread = _checked(cache, logvar, "logvar")
    return (
        lambda rows: kl_to_others(query, spread, cache.mu(variant, rows), cache.logvar(variant, rows)),
        "KL(q(z|x) || q(z|x_i)), nats",
    )


def kl_to_others(
    mu: NDArray[np.float64], logvar: NDArray[np.float64], mu_others: Floats, logvar_others: Floats
) -> NDArray[np.float64]:
    """KL(N(mu, exp(logvar)) || N(mu_i, exp(logvar_i))) for diagonal Gaussians, in nats.

    Args:
        mu, logvar: (latent,).
        mu_others, logvar_others: (n, latent).

    Returns:
        (n,) float64.
    """
    ratio = logvar - logvar_others  # log of the variances' ratio
    deviation = np.square(mu_others - mu) * np.exp(-logvar_others.astype(np.float64))
    return 0.5 * (np.exp(ratio) - 1.0 - ratio + deviation).sum(axis=1)


def _minus_log_density(z: NDArray[np.float64], mu: Floats, logvar: Floats) -> NDArray[np.float64]:
    spread = logvar.astype(np.float64)
    return 0.5 * (np.square(mu - z) * np.exp(-spread) + spread + LOG_2PI).sum(axis=1)


def _cosine(mu: NDArray[np.float64], unit: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(mu, axis=1)
    cosines = np.divide(mu @ unit, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return 1.0 - np.clip(cosines, -1.0, 1.0)


def _checked(cache: LatentCache, values: Floats, what: str) -> NDArray[np.float64]:
    if values.shape != (cache.latent,):
        raise LoomError(f"{what} has shape {values.shape}; the latents of {cache.run} have ({cache.latent},).")
    if not np.isfinite(values).all():
        raise LoomError(f"This {what} is not a finite vector, so nothing is near it.", "Choose another point.")
    return values.astype(np.float64)
