"""Counts of two outcomes: exact tests and intervals, and what several comparisons do to p-values. Pure functions.

The tests are scipy's. They take every answer for independent of the others; answers of one person, or to one question,
are not quite, which the tables say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `n`, as a share between 0 and 1 with its 95% Wilson interval; all None where n is 0."""

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def share(count: int, n: int, confidence: float = 0.95) -> Share:
    """A share and its Wilson score interval (Wilson 1927), never outside 0 and 1.

    Raises:
        ValueError: `count` is not between 0 and `n`.
    """
    from scipy.stats import binomtest

    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n}")
    if n == 0:
        return Share(0, 0, None, None, None)
    interval = binomtest(count, n).proportion_ci(confidence, method="wilson")
    value = count / n
    # Rounding must put neither end past the share itself, which it touches where the count is 0 or n.
    return Share(count, n, value, max(0.0, min(float(interval.low), value)), min(1.0, max(float(interval.high), value)))


def binomial_p(count: int, n: int) -> float | None:
    """p of the exact two-sided binomial test against 1/2; None where n is 0.

    All outcomes that are no likelier than the one seen are added up.
    """
    from scipy.stats import binomtest

    return float(binomtest(count, n, 0.5).pvalue) if n else None


def fisher_p(first: Share, second: Share) -> float | None:
    """p of Fisher's exact two-sided test of two shares being the same; None where one has n = 0."""
    from scipy.stats import fisher_exact

    if not (first.n and second.n):
        return None
    table = [[first.count, first.n - first.count], [second.count, second.n - second.count]]
    return float(fisher_exact(table).pvalue)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number (Holm 1979); those that are None do not count.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none falls below one before it, none exceeds 1.
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        corrected[place] = highest
    return corrected
