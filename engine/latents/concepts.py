"""Concept directions: what one group of sentences has that another has not, and whether that is more than chance.

The direction is the difference of the groups' mean latents. Any two groups have one, so it says nothing by itself:
beside it stand how far it would move with other sentences of the same kind (bootstrap), how well it tells apart
sentences it was not made from (leave-pair-out AUC), and how long such a direction is, and how well it tells apart, of
random groups of the same sizes (baselines). Sentences that are alike but for the concept differ less than random ones
do, so theirs can be a short direction that separates well: the verdict then is `unclear`, with both numbers.
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
"""A direction that this share of random ones equal or exceed, or more of them, is no more than chance."""
CLEAR = 0.8
"""AUC from which on the groups are called well separated: four of five pairs of unseen sentences in the right order."""
MOST_SEPARATED = 50
"""Sentences of a random group that are told apart from those of the other; of larger groups it is a part of them."""
_QUANTILE = 1.959964
"""Of the standard normal distribution, 97.5%."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Lengths, or leave-pair-out AUCs, of the directions between random groups of the same sizes.

    Attributes:
        median: the number in the middle.
        high: the number that 95% of the random directions stay under.
        p: share of random directions whose number is at least the concept's, that one counted among them, so that it
            is never 0 (Phipson and Smyth 2010).
        draws: random pairs of groups.
    """

    @classmethod
    def of(cls, found: float, random: Doubles) -> Baseline:
        """Of a concept's number, and of those of random pairs of groups (draws,)."""
        reached = 1 + np.count_nonzero(random >= found)
        return cls(
            float(np.median(random)), float(np.quantile(random, LEVEL)), float(reached / (1 + len(random))), len(random)
        )

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
            direction made without the two puts in the right order. 0.5 is chance. Where the pairs are all alike, as
            they easily are between few sentences, so is every resample; the interval is then Wilson's, of as many
            outcomes as the smaller group has sentences.
        baseline: lengths of random pairs of groups.
        separation_baseline: AUCs of random pairs of groups, of at most `MOST_SEPARATED` sentences in each.
        verdict: `stands out`, `unclear` or `chance`.
        words: the verdict as a sentence for people.
        how: groups' sizes, resamples and seed.
    """

    direction: Floats
    length: Estimate
    stability: Estimate
    separation: Estimate
    baseline: Baseline
    separation_baseline: Baseline
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
    lengths_of_random, aucs_of_random = random_directions(pool, n, m, resamples, np.random.default_rng([seed, 2]))
    baseline = Baseline.of(length, lengths_of_random)
    separation = _separation(float(right.mean()), aucs, n, m)
    chance = Baseline.of(separation.value, aucs_of_random)
    verdict, words = _verdict(length, baseline, separation, chance, min(n, m))
    return Concept(
        direction.astype(np.float32),
        with_interval(length, lengths, n + m, "length of the difference of the means, two-sample percentile bootstrap"),
        with_interval(float(np.median(cosines)), cosines, n + m, "cosine with the direction of resampled groups"),
        separation,
        baseline,
        chance,
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


def random_directions(pool: Floats, n: int, m: int, draws: int, random: np.random.Generator) -> tuple[Doubles, Doubles]:
    """(draws,) lengths and leave-pair-out AUCs of the direction between n and m sentences of the pool.

    They are drawn without replacement. An AUC is of at most `MOST_SEPARATED` of either; NaN where a group has one
    sentence alone.
    """
    lengths, aucs = np.empty(draws), np.full(draws, np.nan)
    for draw in range(draws):
        chosen = random.choice(len(pool), n + m, replace=False)
        first, second = (pool[part].astype(np.float64) for part in (chosen[:n], chosen[n:]))
        lengths[draw] = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
        if min(n, m) > 1:
            aucs[draw] = pairs_in_order(first[:MOST_SEPARATED], second[:MOST_SEPARATED]).mean()
    return lengths, aucs


def _separation(auc: float, drawn: Doubles, n: int, m: int) -> Estimate:
    """An AUC with its interval: that of the resamples, or Wilson's where all pairs are in order, or none is."""
    how = "leave-pair-out AUC, bootstrap of the pairs' outcomes"
    if auc not in (0.0, 1.0):
        return with_interval(auc, drawn, n + m, how)
    fewest = min(n, m)
    furthest = _QUANTILE**2 / (fewest + _QUANTILE**2)
    low, high = (1.0 - furthest, 1.0) if auc else (0.0, furthest)
    how = f"leave-pair-out AUC; all pairs are alike, so the interval is Wilson's of {fewest}"
    return Estimate(auc, low, high, n + m, how)


def _verdict(
    length: float, baseline: Baseline, separation: Estimate, chance: Baseline, smaller: int
) -> tuple[str, str]:
    """What the numbers say together; the words give the numbers they rest on."""
    if length == 0:
        return (
            "chance",
            "Both groups have the same mean latent, so there is no direction: this model tells no difference.",
        )
    longer = baseline.p <= CHANCE
    # Few sentences are put in order by chance more often than resampling them shows. Where both groups have more than
    # the random ones were told apart by, these vary too much, and resampling is enough.
    tells = chance.p <= CHANCE or (smaller > MOST_SEPARATED and separation.low > 0.5)
    against = (
        f"{length / baseline.median:.1f} times as long as between random groups (p = {baseline.p:.2g})"
        if baseline.median > 0
        else f"longer than between random groups (p = {baseline.p:.2g})"
    )
    unseen = (
        f"puts {separation.value:.0%} of unseen pairs in order ({separation.low:.0%} to {separation.high:.0%}; "
        f"p = {chance.p:.2g})"
    )
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
