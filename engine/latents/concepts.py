"""Concept directions: what one group of sentences has that another has not, and whether that is more than chance.

The direction is the difference of the groups' mean latents. Any two groups have one, so it says nothing by itself:
beside it stand how far it would move with other sentences of the same kind (bootstrap), how long such a direction is
between random groups of the same sizes (baseline), and how well it tells apart sentences it was not made from
(leave-pair-out AUC). Sentences that are alike but for the concept differ less than random ones do, so theirs can be a
short direction that separates well: the verdict then is `unclear`, with both numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.diagnostics.intervals import LEVEL, Estimate, resampled, with_interval
from engine.errors import LoomError, UsageError

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

RESAMPLES = 1000
MOST_RESAMPLES = 10_000
"""They are in memory together: 160 MB for a group of 2,000."""
CHANCE = 0.05
"""A direction as long as this share of random ones, or more of them, is no longer than chance."""
CLEAR = 0.8
"""AUC from which on the groups are called well separated: four of five pairs of unseen sentences in the right order."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Lengths of the directions between random groups of the same sizes.

    Attributes:
        median: the length in the middle.
        high: the length that 95% of the random directions stay under.
        p: share of random directions at least as long as the concept's, that one counted among them, so that it is
            never 0 (Phipson and Smyth 2010).
        draws: random pairs of groups.
    """

    median: float
    high: float
    p: float
    draws: int


@dataclass(frozen=True, slots=True)
class Concept:
    """The direction from the sentences without to those with, and what speaks for it.

    Attributes:
        direction: (latent,) float32, mean of mu with - mean of mu without; strength 1 moves by all of it.
        length: its Euclidean length with the bootstrap interval, in prior standard deviations. Noise lengthens a
            direction, so the interval lies high for small groups.
        stability: median cosine between the direction and that of resampled groups, with its interval; 1 never turns.
        separation: leave-pair-out AUC with its interval: the share of pairs, one sentence of each group, that the
            direction made without the two puts in the right order. 0.5 is chance.
        baseline: random pairs of groups.
        verdict: `stands out`, `unclear` or `chance`.
        words: the verdict as a sentence for people.
        how: groups' sizes, resamples and seed.
    """

    direction: Floats
    length: Estimate
    stability: Estimate
    separation: Estimate
    baseline: Baseline
    verdict: str
    words: str
    how: str


def concept(mu_with: Floats, mu_without: Floats, pool: Floats, resamples: int = RESAMPLES, seed: int = 0) -> Concept:
    """The direction between two groups, with its intervals, its baseline and a verdict.

    Both groups are resampled with replacement, each for itself (two-sample percentile bootstrap, level 95%).

    Args:
        mu_with: (n, latent), n >= 2.
        mu_without: (m, latent), m >= 2.
        pool: (p, latent), p >= n + m, sentences to draw random groups from, disjoint and without replacement.
        resamples: of the bootstrap, and random pairs of groups, 100 to 10,000.
        seed: of both.

    Raises:
        UsageError: a group has fewer than two sentences, the pool fewer than both together, or resamples is out of
            range.
        LoomError: a latent is not finite.
    """
    n, m = _checked(mu_with, mu_without, pool, resamples)
    first, second = mu_with.astype(np.float64), mu_without.astype(np.float64)
    direction = first.mean(axis=0) - second.mean(axis=0)
    length = float(np.linalg.norm(direction))
    counts_first = np.concatenate([*resampled(np.random.default_rng([seed, 0]), n, resamples)])
    counts_second = np.concatenate([*resampled(np.random.default_rng([seed, 1]), m, resamples)])
    drawn = counts_first @ first / n - counts_second @ second / m
    lengths = np.linalg.norm(drawn, axis=1)
    scale = lengths * length
    cosines = np.divide(drawn @ direction, scale, out=np.zeros_like(scale), where=scale > 0)
    right = pairs_in_order(first, second)
    aucs = ((counts_first @ right) * counts_second).sum(axis=1) / (n * m)
    random = random_lengths(pool, n, m, resamples, np.random.default_rng([seed, 2]))
    baseline = Baseline(
        float(np.median(random)),
        float(np.quantile(random, LEVEL)),
        float((1 + np.count_nonzero(random >= length)) / (1 + resamples)),
        resamples,
    )
    separation = with_interval(float(right.mean()), aucs, n + m, "leave-pair-out AUC, bootstrap of the pairs' outcomes")
    verdict, words = _verdict(length, baseline, separation)
    return Concept(
        direction.astype(np.float32),
        with_interval(length, lengths, n + m, "length of the difference of the means, two-sample percentile bootstrap"),
        with_interval(float(np.median(cosines)), cosines, n + m, "cosine with the direction of resampled groups"),
        separation,
        baseline,
        verdict,
        words,
        f"mean of {n:,} sentences with - mean of {m:,} without, {resamples:,} resamples and random pairs of groups "
        f"among {len(pool):,} test sentences, seed {seed}",
    )


def pairs_in_order(first: Doubles, second: Doubles) -> Doubles:
    """For every pair of one sentence of each group, whether the direction made without both puts them in order.

    Leave-pair-out cross-validation (Airola et al. 2009): (x_i - y_j) . w > 0 with w the difference of the means of all
    the other sentences, from products of all pairs instead of one mean for each. Equal positions count one half.

    Args:
        first: (n, latent), n >= 2.
        second: (m, latent), m >= 2.

    Returns:
        (n, m) of 0, 0.5 and 1; its mean is the AUC.
    """
    # Seen from their common mean, squares are as small as they can be and cancel least.
    centre = np.concatenate([first, second]).mean(axis=0)
    x, y = first - centre, second - centre
    n, m = len(x), len(y)
    rest = x.sum(axis=0) / (n - 1) - y.sum(axis=0) / (m - 1)
    own_x = x @ rest - np.square(x).sum(axis=1) / (n - 1)
    own_y = y @ rest + np.square(y).sum(axis=1) / (m - 1)
    margin = own_x[:, None] - own_y[None, :] + (x @ y.T) * (1 / (n - 1) + 1 / (m - 1))
    size = np.square(x).sum(axis=1).max() + np.square(y).sum(axis=1).max()
    tied = np.abs(margin) <= 1e-12 * size  # what rounding leaves of a difference of 0
    return np.where(tied, 0.5, (margin > 0).astype(np.float64))


def random_lengths(pool: Floats, n: int, m: int, draws: int, random: np.random.Generator) -> Doubles:
    """(draws,) lengths of the difference of the means of n and m sentences of the pool, drawn without replacement."""
    lengths = np.empty(draws)
    for draw in range(draws):
        chosen = random.choice(len(pool), n + m, replace=False)
        means = (pool[part].mean(axis=0, dtype=np.float64) for part in (chosen[:n], chosen[n:]))
        lengths[draw] = np.linalg.norm(next(means) - next(means))
    return lengths


def _verdict(length: float, baseline: Baseline, separation: Estimate) -> tuple[str, str]:
    """What the numbers say together; the words give the numbers they rest on."""
    if length == 0:
        return (
            "chance",
            "Both groups have the same mean latent, so there is no direction: this model tells no difference.",
        )
    longer = baseline.p <= CHANCE
    tells = separation.low > 0.5
    against = (
        f"{length / baseline.median:.1f} times as long as between random groups (p = {baseline.p:.2g})"
        if baseline.median > 0
        else f"longer than between random groups (p = {baseline.p:.2g})"
    )
    unseen = f"puts {separation.value:.0%} of unseen pairs in order ({separation.low:.0%} to {separation.high:.0%})"
    if longer and tells:
        well = "clearly" if separation.value >= CLEAR else "somewhat"
        return "stands out", f"The direction means something: it is {against} and {unseen}, so it separates {well}."
    if longer:
        return "unclear", f"The direction is {against}, but {unseen}, which chance does too: take more sentences."
    if tells:
        return "unclear", f"The direction {unseen}, but is only {against}: take more sentences, or other ones."
    return "chance", f"No more than chance: the direction is {against} and {unseen}. Do not read a meaning into it."


def _checked(mu_with: Floats, mu_without: Floats, pool: Floats, resamples: int) -> tuple[int, int]:
    for name, group in (("with", mu_with), ("without", mu_without)):
        if len(group) < 2:
            raise UsageError(
                f"The group of sentences {name} the concept has {len(group)}; a direction needs two or more.",
                "Add sentences, or search for a commoner word.",
            )
        if not np.isfinite(group).all():
            raise LoomError(f"A latent of the group {name} the concept is not finite.", "Leave that sentence out.")
    needed = len(mu_with) + len(mu_without)
    if len(pool) < needed:
        raise UsageError(
            f"Random groups of {len(mu_with)} and {len(mu_without)} cannot be drawn from {len(pool)} test sentences.",
            "Take smaller groups.",
        )
    checked_resamples(resamples)
    return len(mu_with), len(mu_without)


def checked_resamples(resamples: int) -> int:
    """Return the number of resamples if intervals can be taken from so many.

    Raises:
        UsageError: they cannot.
    """
    if resamples < 100:
        raise UsageError(f"{resamples} resamples are too few for an interval.", f"Choose 100 to {MOST_RESAMPLES:,}.")
    if resamples > MOST_RESAMPLES:
        raise UsageError(f"{resamples:,} resamples are too many.", f"Choose 100 to {MOST_RESAMPLES:,}.")
    return resamples
