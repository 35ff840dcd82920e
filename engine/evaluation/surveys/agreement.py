"""Krippendorff's alpha for nominal answers: how far respondents agree beyond what chance would give. Pure functions.

alpha = 1 - D_o / D_e, with the disagreement seen within questions and that expected if all answers were shuffled among
them (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). Our own: the library `krippendorff` 0.9 raises,
or gives nan, where alpha is not defined, which surveys with few respondents meet, and does not say why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Alpha, or why there is none.

    Attributes:
        alpha: 1 is full agreement, 0 what chance gives, below 0 is less; None where it is not defined.
        why_not: in words, where it is None.
        questions: with two answers or more, on which alone it rests.
        answers: to these.
    """

    alpha: float | None
    why_not: str
    questions: int
    answers: int


def agreement(answers: Mapping[str, Sequence[str]]) -> Agreement:
    """Alpha over the answers that each question was given."""
    shared = [list(given) for given in answers.values() if len(given) >= 2]
    total = sum(map(len, shared))
    if not shared:
        return Agreement(None, "No question was answered by two respondents.", 0, 0)
    counts = Counter(answer for given in shared for answer in given)
    if len(counts) == 1:
        return Agreement(None, "All answers are alike, so chance would give full agreement too.", len(shared), total)
    # Pairs of different answers within a question, each question weighing as many answers as it has.
    seen = sum(count * (len(given) - count) / (len(given) - 1) for given in shared for count in Counter(given).values())
    expected = sum(count * (total - count) for count in counts.values()) / (total - 1)
    return Agreement(1.0 - seen / expected, "", len(shared), total)
