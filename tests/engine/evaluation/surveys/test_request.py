"""What may be asked of a survey."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from engine.evaluation.surveys.request import PAPERS_PAIRS, SurveyRequest, checked_kind, groups_of, read_pairs
from engine.runs.run import Run


def test_questions_are_spread_evenly_and_never_more_than_asked_for() -> None:
    three = SurveyRequest("reconstruction", PAPERS_PAIRS)
    assert (three.each, three.asked) == (6, 20)
    four = SurveyRequest("generation", (("a",), ("b",), ("c",), ("d",)))
    assert (four.each, four.asked) == (4, 18)
    assert three.variants == ("vae-annealed", "vae", "autogen-m1", "autogen-m2")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"questions": 21}, "21 questions"),
        ({"questions": 0}, "0 questions"),
        ({"questions": 3, "catch": 3}, "3 catch trials"),
        ({"questions": 4, "catch": 2}, "cannot be spread over 3 pairs"),
        ({"respondents": 0}, "0 respondents"),
        ({"repeats": 7}, "7 repeats"),
        ({"seed": -1}, "Seed -1"),
        ({"groups": ()}, "nothing to compare"),
        ({"groups": (("a", "a"),)}, "no pair of two models"),
        ({"groups": (("a",),)}, "no pair of two models"),
        ({"groups": (("a", "b"), ("b", "a"))}, "named twice"),
        ({"kind": "generation"}, "no single model"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        SurveyRequest(**{"kind": "reconstruction", "groups": PAPERS_PAIRS, **wrong})  # type: ignore[arg-type]


def test_pairs_are_read_as_written() -> None:
    assert read_pairs(" a:b, c : d ,") == (("a", "b"), ("c", "d"))
    for wrong in ("a", "a:b:c", "a:", ":b"):
        with pytest.raises(UsageError, match="no pair"):
            read_pairs(wrong)
    with pytest.raises(UsageError, match="no survey of the kind"):
        checked_kind("taste")


def test_a_run_without_the_papers_models_compares_each_with_the_one_before(tiny_run: Run) -> None:
    assert groups_of(tiny_run, "reconstruction") == (("autogen-m1", "vae"),)
    assert groups_of(tiny_run, "generation") == (("vae",), ("autogen-m1",))
    assert groups_of(tiny_run, "reconstruction", (("vae", "autogen-m1"),)) == (("vae", "autogen-m1"),)
    for kind, pairs, variants, said in (
        ("reconstruction", (("vae", "other"),), (), "no variant 'other'"),
        ("reconstruction", (("vae", "autogen-m1"),), ("vae",), "both named"),
        ("reconstruction", (), ("vae",), "Only vae"),
        ("generation", (("vae", "autogen-m1"),), (), "single models"),
    ):
        with pytest.raises(UsageError, match=said):
            groups_of(tiny_run, kind, pairs, variants)  # type: ignore[arg-type]
