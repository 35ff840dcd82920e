"""Forms: balanced, shuffled, different from each other, always the same, and silent about the key."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.survey import Survey
from tests.engine.evaluation.surveys.rooms import PAIRS, a_survey

SURVEY = a_survey(each=5, pool=15, catch=3)


@given(st.integers(1, 1_000_000))
def test_every_form_has_as_many_questions_of_each_pair_and_each_once(number: int) -> None:
    form = form_of(SURVEY, number)
    assert len(form.items) == SURVEY.asked == len({item.question.id for item in form.items})
    counts = Counter(item.question.group for item in form.items)
    assert counts == {**dict.fromkeys(PAIRS, 5), (): 3}


@given(st.integers(1, 999_999))
def test_each_model_stands_left_as_often_as_right_over_two_forms(number: int) -> None:
    items = [item for each in (number, number + 1) for item in form_of(SURVEY, each).items]
    for group in (*PAIRS, ()):
        turned = [item.turned for item in items if item.question.group == group]
        assert sum(turned) * 2 == len(turned)


def test_a_round_asks_everything_once_and_the_next_in_another_order() -> None:
    def hands(numbers: range) -> list[list[str]]:
        return [
            sorted(item.question.id for item in form_of(SURVEY, number).items if item.question.group == PAIRS[0])
            for number in numbers
        ]

    first, second = hands(range(1, 4)), hands(range(4, 7))
    whole = sorted(question.id for question in SURVEY.of_group(PAIRS[0]))
    assert sorted(chain(*first)) == whole == sorted(chain(*second))
    assert first != second


def test_a_form_is_always_the_same_and_another_one_is_not() -> None:
    assert form_of(SURVEY, 7) == form_of(SURVEY, 7)
    orders = {tuple(item.question.id for item in form_of(SURVEY, number).items) for number in range(1, 30)}
    assert len(orders) == 29
    with pytest.raises(UsageError, match="no form 0"):
        form_of(SURVEY, 0)


def test_catch_trials_stand_anywhere() -> None:
    places = Counter(
        place
        for number in range(1, 200)
        for place, item in enumerate(form_of(SURVEY, number).items)
        if item.question.trial
    )
    assert set(places) == set(range(SURVEY.asked))


def test_single_sentences_have_shuffled_and_real_trials_and_no_sides() -> None:
    survey = a_survey("generation", (("a",), ("b",)), catch=3)
    form = form_of(survey, 3)
    assert Counter(item.question.trial for item in form.items) == {None: 8, "shuffled": 2, "real": 1}
    assert not any(item.turned for item in form.items)


@pytest.mark.parametrize("survey", [SURVEY, a_survey("generation", (("a",), ("b",)), catch=2)])
def test_a_respondents_form_holds_no_key(survey: Survey) -> None:
    public = form_of(survey, 2).public()
    assert set(public) == {"survey", "form", "kind", "items"}
    assert all(set(item) == {"id", "sentence", "texts"} for item in public["items"])
    ids = [item["id"] for item in public["items"]]
    assert all(len(each) == 12 for each in ids)
    text = json.dumps([{**item, "texts": []} for item in public["items"]])
    assert not any(name in text for name in ("turned", "trial", "group", "first"))
