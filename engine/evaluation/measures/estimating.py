"""Values, intervals and paired differences of statistics: one set of resamples for every number and every variant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.diagnostics.intervals import LEVEL, Bootstrap, Floats
from engine.evaluation.measures.definitions import DEFINITIONS
from engine.evaluation.measures.result import Difference, Number, Statistic
from engine.evaluation.surveys.proportions import share

FEWEST = 20
"""Items below which no interval is given: the resamples of so few say little of the language."""
_LEAST = {"active_units": 2}
"""Items that a number needs to have a value, where one is too few: it has no variance."""
CEILING = 0.05
"""Nats below ln n from which on a mutual information says nothing but "at least"."""
_TAIL = 50.0 * (1.0 - LEVEL)


def numbers(found: Mapping[str, Statistic], seed: int) -> dict[str, Number]:
    """Every statistic as it stands in tables, in the order of `DEFINITIONS`.

    Args:
        found: by key.
        seed: of the resampling.
    """
    keys = [key for key in DEFINITIONS if key in found]
    drawn = dict(zip(keys, _drawn([found[key] for key in keys], seed), strict=True))
    made = {key: _number(key, found[key], drawn[key], seed) for key in keys}
    if "mutual_information" in made and not made["mutual_information"].why:
        said = _remark(found["mutual_information"], found.get("kl"))
        made["mutual_information"] = replace(made["mutual_information"], why=said)
    return made


def differences(found: Mapping[str, Statistic], baseline: Mapping[str, Statistic], seed: int) -> dict[str, Difference]:
    """Each number less the baseline's, paired over the items that both have; those of other items are left out.

    Args:
        found, baseline: of two variants, by key.
        seed: of the resampling.
    """
    keys = [
        key
        for key in DEFINITIONS
        if key in found and key in baseline and np.array_equal(found[key].items, baseline[key].items)
    ]
    own = _drawn([found[key] for key in keys], seed)
    other = _drawn([baseline[key] for key in keys], seed)
    return {
        key: _difference(key, found[key], baseline[key], mine - theirs)
        for key, mine, theirs in zip(keys, own, other, strict=True)
    }


def _drawn(statistics: Sequence[Statistic], seed: int) -> list[Floats]:
    """Each statistic in every resample, (draws,); those over as many items share one pass."""
    found: dict[int, Floats] = {}
    for n in {len(each.columns) for each in statistics}:
        chosen = [index for index, each in enumerate(statistics) if len(each.columns) == n]
        widths = [statistics[index].columns.shape[1] for index in chosen]
        means = Bootstrap(n, seed).means(np.concatenate([statistics[index].columns for index in chosen], axis=1))
        ends = np.cumsum(widths)
        for index, width, end in zip(chosen, widths, ends, strict=True):
            found[index] = statistics[index].of_means(means[:, end - width : end])
    return [found[index] for index in range(len(statistics))]


def _number(key: str, statistic: Statistic, drawn: Floats, seed: int) -> Number:
    unit = DEFINITIONS[key].unit
    value = statistic.value if statistic.n >= _LEAST.get(key, 1) else float("nan")
    if not np.isfinite(value):
        why = "There is nothing to measure it on." if not statistic.n else "It has no value for these sentences."
        return Number(float("nan"), None, None, statistic.n, unit, statistic.how, seed, why)
    low, high = _interval(drawn, statistic.n)
    how = f"{statistic.how}; bootstrap over {statistic.n:,}"
    if low is not None and unit == "share" and low == high and value in (0.0, 1.0):
        # All items are alike, so every resample is; of n that all have it the bootstrap would be sure.
        alike = share(round(value * statistic.n), statistic.n)
        low, high = alike.low, alike.high
        how = f"{statistic.how}; all {statistic.n:,} are alike, so the interval is Wilson's"
    why = "" if low is not None else f"Too few for an interval: {statistic.n}, where {FEWEST} or more are needed."
    return Number(value, low, high, statistic.n, unit, how, seed, why)


def _remark(information: Statistic, kl: Statistic | None) -> str:
    """What must be known beside a mutual information, in a sentence; mostly "".

    Its ceiling is that of the whole mixture, also where it is told over some of the sentences.
    """
    value, mixture = information.value, len(information.columns)
    if value < 0:
        return "Below 0 by the chance of one z a sentence: there is next to no information."
    over = information.items[np.isfinite(information.each)]
    if kl is not None and np.isin(over, kl.items).all():
        own = float(kl.each[np.isin(kl.items, over)].mean())
        if value > own:
            return f"Above the KL of these sentences, {own:.2f}, by the chance of one z a sentence: it is about that."
    if value > math.log(mixture) - CEILING:
        return (
            f"At its ceiling ln {mixture:,} = {math.log(mixture):.2f}: at least so much, measure more sentences to "
            "tell how much."
        )
    return ""


def _interval(drawn: Floats, n: int) -> tuple[float, float] | tuple[None, None]:
    usable = drawn[np.isfinite(drawn)]
    if n < FEWEST or not len(usable):
        return None, None
    low, high = np.percentile(usable, [_TAIL, 100.0 - _TAIL])
    return float(low), float(high)


def _difference(key: str, mine: Statistic, theirs: Statistic, drawn: Floats) -> Difference:
    n = min(mine.n, theirs.n)
    value = mine.value - theirs.value if n >= _LEAST.get(key, 1) else float("nan")
    low, high = _interval(drawn, n)
    better = DEFINITIONS[key].better
    side = 0
    if better and low is not None and high is not None and (low > 0 or high < 0):
        side = 1 if (low > 0) == (better == "higher") else -1
    return Difference(float(value), low, high, n, side)
