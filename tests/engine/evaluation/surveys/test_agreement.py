"""Alpha against its author's examples, a plain computation, and a library where that can compute it."""

from __future__ import annotations

from itertools import permutations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.surveys.agreement import agreement

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", C: any number of observers, missing data.
AUTHORS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
# The example of three coders and fifteen units in the encyclopaedias; nominal 0.691.
THREE_CODERS = (
    (None, None, None, None, None, 3, 4, 1, 2, 1, 1, 3, 3, None, 3),
    (1, None, 2, 1, 3, 3, 4, 3, None, None, None, None, None, None, None),
    (None, None, 2, 1, 3, 4, 4, None, 2, 1, 1, 3, 3, None, 4),
)


def by_question(table: tuple[tuple[int | None, ...], ...]) -> dict[str, list[str]]:
    return {
        str(place): [str(value) for value in column if value is not None]
        for place, column in enumerate(zip(*table, strict=True))
    }


def plain(answers: dict[str, list[str]]) -> float:
    """Pairs of answers, one by one."""
    shared = [given for given in answers.values() if len(given) > 1]
    everything = [answer for given in shared for answer in given]
    seen = sum(sum(a != b for a, b in permutations(given, 2)) / (len(given) - 1) for given in shared) / len(everything)
    pairs = list(permutations(everything, 2))
    return 1 - seen / (sum(a != b for a, b in pairs) / len(pairs))


def test_the_authors_examples() -> None:
    assert agreement(by_question(AUTHORS)).alpha == pytest.approx(0.743, abs=5e-4)
    found = agreement(by_question(THREE_CODERS))
    assert found.alpha == pytest.approx(0.691, abs=5e-4)
    assert (found.questions, found.answers) == (12, 26)


@given(st.dictionaries(st.text(max_size=3), st.lists(st.sampled_from("ab?"), max_size=5), min_size=1, max_size=12))
def test_it_is_the_count_of_pairs_and_what_the_library_says(answers: dict[str, list[str]]) -> None:
    found = agreement(answers)
    if found.alpha is None:
        assert found.why_not
        return
    assert found.alpha == pytest.approx(plain(answers), abs=1e-12)
    codes = {"a": 0, "b": 1, "?": 2}
    table = np.full((5, len(answers)), np.nan)
    for column, given_answers in enumerate(answers.values()):
        table[: len(given_answers), column] = [codes[answer] for answer in given_answers]
    theirs = krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")
    assert found.alpha == pytest.approx(theirs, abs=1e-9)


def test_where_there_is_none_it_says_why() -> None:
    alone = agreement({"1": ["a"], "2": ["b"]})
    assert (alone.alpha, alone.questions) == (None, 0)
    assert "two respondents" in alone.why_not
    alike = agreement({"1": ["a", "a"], "2": ["a", "a"]})
    assert alike.alpha is None
    assert "All answers are alike" in alike.why_not
    assert agreement({}).why_not
