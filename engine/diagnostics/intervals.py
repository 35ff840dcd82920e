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
        tail = 50.0 * (1.0 - LEVEL)
        low, high = np.percentile(resampled, [tail, 100.0 - tail])
        return Estimate(float(value), float(low), float(high), self.n, how)

    def mean(self, values: Floats, how: str) -> Estimate:
        """The mean of (n,) values with its interval."""
        return self.estimate(float(values.mean()), self.means(values[:, None])[:, 0], how)

    def _counts(self) -> Iterator[Floats]:
        """How often each sentence is in each resample, (some draws, n) at a time."""
        random = np.random.default_rng([self._seed, self.n])
        at_once = max(1, _BLOCK // self.n)
        for start in range(0, self._draws, at_once):
            rows = min(at_once, self._draws - start)
            chosen = random.integers(self.n, size=(rows, self.n))
            chosen += self.n * np.arange(rows)[:, None]
            yield np.bincount(chosen.ravel(), minlength=rows * self.n).reshape(rows, self.n).astype(np.float64)
