"""The Bradley-Terry model: one strength a model from all comparisons of pairs, with intervals. Pure functions.

P(i is preferred to j) = 1 / (1 + exp(s_j - s_i)), strengths s in nats (log odds) that sum to 0; fitted by maximum
likelihood (Bradley and Terry 1952). There is a finite estimate just where, however the models are split in two, each
part has won against the other (Ford 1957): where the graph of wins is strongly connected. Elsewhere nothing is ranked.
Our own: the library choix 0.4 gives no intervals, and for such comparisons returns numbers without a word or raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 200
_CLOSE = 1e-10
"""Nats by which no strength moves any more in a step of Newton's method."""
_NOISE = 1e-12
"""Of a likelihood: the share that may be rounding."""


@dataclass(frozen=True, slots=True)
class Strength:
    """Of a model: its strength in nats with a 95% interval, and its mean chance of winning against the others."""

    name: str
    value: float
    low: float
    high: float
    error: float
    chance: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The strongest first; none where the models cannot be ranked, and then why not."""

    strengths: tuple[Strength, ...]
    why_not: str = ""


def ranking(names: Sequence[str], wins: Mapping[tuple[str, str], int], label: Callable[[str], str] = str) -> Ranking:
    """Rank models by how often each was preferred to each.

    Args:
        names: of the models.
        wins: how often the first of a pair was preferred to the second.
        label: what people call a model, where it is said why there is no ranking.
    """
    from scipy.stats import norm

    counts = np.zeros((len(names), len(names)))
    for (winner, loser), count in wins.items():
        counts[names.index(winner), names.index(loser)] += count
    why_not = _not_to_be_ranked([label(name) for name in names], counts)
    if why_not:
        return Ranking((), why_not)
    strengths = fitted(counts)
    errors = np.sqrt(np.diag(_covariance(strengths, counts)))
    reach = float(norm.ppf(0.975)) * errors
    odds = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
    chances = (odds.sum(axis=1) - 0.5) / (len(names) - 1)
    found = [
        Strength(name, *(float(number) for number in (value, value - far, value + far, error, chance)))
        for name, value, far, error, chance in zip(names, strengths, reach, errors, chances, strict=True)
    ]
    return Ranking(tuple(sorted(found, key=lambda each: -each.value)))


def fitted(wins: NDArray[Any]) -> NDArray[np.float64]:
    """Strengths (models,) that sum to 0, from wins (models, models): row preferred to column.

    Newton's method on a concave likelihood, with a step halved until it loses nothing.

    Raises:
        ValueError: it does not converge, which it does for every strongly connected graph of wins.
    """
    strengths = np.zeros(len(wins))
    value = _likelihood(strengths, wins)
    for _ in range(_MOST_STEPS):
        expected = (wins + wins.T) / (1 + np.exp(strengths[None, :] - strengths[:, None]))
        step = _covariance(strengths, wins) @ (wins.sum(axis=1) - expected.sum(axis=1))
        # Near the top the likelihood changes by rounding only, which must not shorten a step.
        while _likelihood(strengths + step, wins) < value - _NOISE * (1 + abs(value)):
            step /= 2
        strengths = strengths + step
        strengths -= strengths.mean()
        if np.abs(step).max() < _CLOSE:
            return strengths
        value = _likelihood(strengths, wins)
    raise ValueError("the strengths do not converge")


def _likelihood(strengths: NDArray[np.float64], wins: NDArray[Any]) -> float:
    return float(-(wins * np.logaddexp(0.0, strengths[None, :] - strengths[:, None])).sum())


def _covariance(strengths: NDArray[np.float64], wins: NDArray[Any]) -> NDArray[np.float64]:
    """(models, models) covariance of strengths that sum to 0: the generalised inverse of the Fisher information.

    The information is singular along equal shifts of all strengths. There it is given some before it is inverted, which
    is taken away again; a generalised inverse that finds the direction by itself takes rounding for information.
    """
    chance = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
    weight = (wins + wins.T) * chance * (1 - chance)
    information = np.diag(weight.sum(axis=1)) - weight
    even = np.full_like(information, 1 / len(wins))
    scale = np.trace(information) / len(wins)
    return np.linalg.inv(information + scale * even) - even / scale


def _not_to_be_ranked(names: Sequence[str], wins: NDArray[Any]) -> str:
    """Why there is no finite estimate, in words; "" where there is one."""
    from scipy.sparse.csgraph import connected_components

    if len(names) < 2:
        return "Not to be ranked: there is one model only."
    if not wins.any():
        return "Not to be ranked: nobody preferred one model to another."
    if connected_components(wins + wins.T, directed=False)[0] > 1:
        return "Not to be ranked: some models were never compared with the others, not even by way of a third."
    count, part = connected_components(wins, directed=True, connection="strong")
    if count == 1:
        return ""
    # Of the parts within which everybody can be reached by wins, one at least was never beaten from outside.
    for each in range(count):
        inside = part == each
        if not wins[~inside][:, inside].any():
            listed = " and ".join(name for name, member in zip(names, inside, strict=True) if member)
            return f"Not to be ranked: {listed} never lost to any other model, so no finite strength is the likeliest."
    raise AssertionError("a graph of parts without a first one")
