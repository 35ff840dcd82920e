"""Which reconstruction is better by automatic scores, sentence by sentence: the paper's table 2 without people.

Of two models each gave back the same sentences. A sentence is won by the one whose score is better; equal scores decide
nothing and are left out, as "can't decide" is of people. Whether people agree with a score is for a survey to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from engine.evaluation.measures.definitions import DEFINITIONS, HEADLINE_WAY, WAYS
from engine.evaluation.measures.result import Evaluation, Statistic
from engine.evaluation.surveys.paper import PREFERRED, REFERENCE, preferred
from engine.evaluation.surveys.proportions import binomial_p, holm, share
from engine.evaluation.tables import Table

NAME = "winners"
SCORES = tuple(f"{name}_{HEADLINE_WAY}" for name in ("bleu", "token_accuracy", "edit_distance", "exact"))
"""Scores of single sentences that decide, of sentences given back in the paper's way."""

Pair = tuple[str, str]


def pairs_of(names: Sequence[str]) -> tuple[Pair, ...]:
    """The paper's three comparisons, where these variants have them, and of the others each against its neighbours."""
    paper = tuple(pair for pair in PREFERRED if set(pair) <= set(names))
    compared = {name for pair in paper for name in pair}
    return paper + tuple((second, first) for first, second in pairwise(names) if not {first, second} <= compared)


def winners_table(evaluation: Evaluation, statistics: Mapping[str, Mapping[str, Statistic]]) -> Table:
    """A row for each score and pair of models.

    Args:
        evaluation: whose models.
        statistics: from `Behind.statistics`, by variant.

    Returns:
        shares in per cent with their Wilson interval, the exact two-sided binomial p against one half, and p corrected
        by Holm for the comparisons of one score.
    """
    labels = {each.name: each.label for each in evaluation.variants}
    rows: list[tuple[object, ...]] = []
    for key in SCORES:
        counted = [
            (pair, _won(key, statistics[pair[0]][key], statistics[pair[1]][key]))
            for pair in pairs_of([each.name for each in evaluation.variants])
            if all(key in statistics.get(name, {}) for name in pair)
        ]
        tests = [binomial_p(won, won + lost) for _, (won, lost, _) in counted]
        for (pair, (won, lost, equal)), p, corrected in zip(counted, tests, holm(tests), strict=True):
            part = share(won, won + lost)
            rows.append(
                (
                    DEFINITIONS[key].title.split(" (")[0],
                    labels[pair[0]],
                    labels[pair[1]],
                    *(None if value is None else 100 * value for value in (part.value, part.low, part.high)),
                    won,
                    lost,
                    equal,
                    p,
                    corrected,
                    preferred(*pair),
                )
            )
    return Table(
        name=NAME,
        columns=(
            "Score",
            "Model 1",
            "Model 2",
            "Model 1 better %",
            "Low",
            "High",
            "Model 1 better",
            "Model 2 better",
            "Equal",
            "p",
            "p, Holm",
            "The paper's people %",
        ),
        rows=tuple(rows),
        caption=f"Which reconstruction is better, by automatic scores ({WAYS[HEADLINE_WAY]}).",
        notes=(
            f"Sentence by sentence over {evaluation.sentences:,} test sentences, seed {evaluation.seed}; equal scores "
            "are left out of the share.",
            "Low and high: Wilson's 95% interval. p: exact two-sided binomial test against one half; Holm's correction "
            "is for the comparisons of one score.",
            REFERENCE,
        ),
    )


def _won(key: str, mine: Statistic, theirs: Statistic) -> tuple[int, int, int]:
    """How many of the sentences that both gave back the first wins and loses, and at how many they are equal."""
    n = min(len(mine.each), len(theirs.each))
    better = mine.each[:n] - theirs.each[:n]
    if DEFINITIONS[key].better == "lower":
        better = -better
    better = better[np.isfinite(better)]
    won, lost = int((better > 1e-9).sum()), int((better < -1e-9).sum())
    return won, lost, len(better) - won - lost
