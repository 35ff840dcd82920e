"""Estimates with intervals: the percentile bootstrap over sentences.

One set of resamples serves every number and every variant, so that a difference between two variants is taken over
the same sentences and its interval is that of the paired comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
DRAWS = 1000
_BLOCK = 4_000_000
"""Counts held at a time (32 MB)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its interval, from how many sentences, and how it was computed."""

    value: float
    low: float
    high: float
    n: int
    how: str

    def as_json(self) -> dict[str, Any]:
        """The fields as the commands print them."""
        return asdict(self)


class Bootstrap:
    """Resamples of n sentences with replacement.

    Args:
        n: sentences.
        seed: of the resampling.
        draws: resamples.
    """

    def __init__(self, n: int, seed: int = 0, draws: int = DRAWS) -> None:
        self.n = n
        self._seed = seed
        self._draws = draws

    def means(self, columns: Floats) -> Floats:
        """The mean of each column in every resample.

        Args:
            columns: (n, columns).

        Returns:
            (draws, columns).
        """
        return np.concatenate([counts @ columns / self.n for counts in self._counts()])

    def estimate(self, value: float, resampled: Floats, how: str) -> Estimate:
        """A number with the central 95% of its resampled values, (draws,)."""
        return with_interval(value, resampled, self.n, how)

    def mean(self, values: Floats, how: str) -> Estimate:
        """The mean of (n,) values with its interval."""
        return self.estimate(float(values.mean()), self.means(values[:, None])[:, 0], how)

    def _counts(self) -> Iterator[Floats]:
        return resampled(np.random.default_rng([self._seed, self.n]), self.n, self._draws)


def resampled(random: np.random.Generator, n: int, draws: int) -> Iterator[Floats]:
    """How often each of n sentences is in each resample with replacement, (some draws, n) at a time."""
    at_once = max(1, _BLOCK // n)
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        chosen = random.integers(n, size=(rows, n))
        chosen += n * np.arange(rows)[:, None]
        yield np.bincount(chosen.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def with_interval(value: float, drawn: Floats, n: int, how: str) -> Estimate:
    """A number of n sentences with the central 95% of its resampled values, (draws,)."""
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(drawn, [tail, 100.0 - tail])
    return Estimate(float(value), float(low), float(high), n, how)
