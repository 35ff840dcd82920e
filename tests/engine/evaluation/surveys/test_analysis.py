"""The analysis of answers whose truth is known, counted again in the plainest way."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from engine.errors import UsageError
from engine.evaluation.surveys.analysis import LENGTHS, analyse
from engine.evaluation.surveys.forms import Item, form_of
from engine.evaluation.surveys.proportions import binomial_p
from tests.engine.evaluation.surveys.rooms import PAIRS, a_survey, attentive, respond

SURVEY = a_survey()
STRENGTH = {"a": 0, "b": 1, "c": 2}


def stronger(item: Item) -> str:
    """The model later in the alphabet, but the weaker one on every fourth sentence, and no decision on a fifth."""
    number = int(item.question.sentence.split()[-1])
    if number == 5:
        return "undecided"
    group = item.question.group
    better = "first" if STRENGTH[group[0]] > STRENGTH[group[1]] else "second"
    worse = {"first": "second", "second": "first"}[better]
    return worse if number % 4 == 3 else better


def test_wins_are_told_by_model_whatever_side_it_stood_on() -> None:
    responses = [respond(SURVEY, number, attentive(stronger)) for number in range(1, 9)]
    found = analyse(SURVEY, responses)
    counted: Counter[tuple[object, ...]] = Counter()
    for number, response in enumerate(responses, start=1):
        for item in form_of(SURVEY, number).items:
            if item.question.trial:
                continue
            given = response.answer_to(item.question.id)
            assert given is not None
            shown = dict(zip(("left", "right"), item.shown, strict=True))
            judged = shown.get(given.answer, "nobody").split(" ")[0]  # the texts begin with their model
            for length in ("all", "short" if item.question.tokens <= 10 else "long"):
                counted[item.question.group, length, judged] += 1
    for each in found.preferences:
        first, second = each.group
        assert each.first == counted[each.group, each.length, first]
        assert each.second == counted[each.group, each.length, second]
        assert each.undecided == counted[each.group, each.length, "nobody"]
        assert each.decided.n == each.first + each.second
        assert each.p == binomial_p(each.first, each.decided.n)
        assert (each.corrected is None) == (each.length != "all")
    assert [each.name for each in found.ranked.strengths] == ["c", "b", "a"]
    assert found.answers == 8 * 12
    whole = dict(found.agreements)[""]
    assert whole.alpha == 1.0  # the rule depends on the question alone
    assert whole.answers == 96


def test_catch_trials_are_judged_apart() -> None:
    careful = respond(SURVEY, 1, attentive(stronger))
    careless = respond(SURVEY, 2, lambda item: "second")
    undecided = respond(SURVEY, 3, lambda item: "undecided")
    found = analyse(SURVEY, [careful, careless, undecided])
    assert [(who.failed, who.trials) for who in found.respondents] == [(0, 2), (2, 2), (2, 2)]
    strict = analyse(SURVEY, [careful, careless, undecided], most_failed=0)
    assert [who.response for who in strict.respondents] == [careful]
    assert len(strict.left_out) == 2
    assert strict.answers == 12
    with pytest.raises(UsageError, match="-1 failed"):
        analyse(SURVEY, [], most_failed=-1)


def test_who_always_chooses_the_left_is_seen() -> None:
    def left(item: Item) -> str:
        return "second" if item.turned else "first"

    found = analyse(SURVEY, [respond(SURVEY, number, left) for number in range(1, 9)])
    assert (found.left.count, found.left.n) == (96, 96)
    assert found.left_p is not None
    assert found.left_p < 1e-20
    # And, as sides are balanced, no model gains from it.
    assert {(each.first, each.second) for each in found.preferences if each.length == "all"} == {(16, 16)}


def test_answers_at_chance_are_not_called_significant() -> None:
    """Of many surveys answered by coins, the share with a corrected p below 0.05 is at most about that."""
    choose = random.Random(0)
    below = 0
    for _ in range(120):
        survey = a_survey(each=4, pool=8)
        responses = [respond(survey, number, lambda item: choose.choice(["first", "second"])) for number in range(1, 7)]
        smallest = min(each.corrected for each in analyse(survey, responses).preferences if each.corrected is not None)
        below += smallest < 0.05
    assert below / 120 < 0.05 + 3 * (0.05 * 0.95 / 120) ** 0.5


def test_single_sentences_are_counted_by_model_and_length() -> None:
    survey = a_survey("generation", (("a",), ("b",)), each=4, pool=8)

    def sense(item: Item) -> str:
        return "yes" if item.question.group == ("a",) or item.question.tokens <= 10 else "no"

    found = analyse(survey, [respond(survey, number, attentive(sense)) for number in (1, 2, 3, 4)])
    shares = {(each.variant, each.length): (each.yes.count, each.yes.n) for each in found.senses}
    assert shares["a", "all"] == (16, 16)
    assert shares["b", "short"] == (8, 8)
    assert shares["b", "long"] == (0, 8)
    (whole,) = (each for each in found.differences if each.length == "all")
    assert whole.points == pytest.approx(50)
    assert whole.p is not None
    assert whole.p == whole.corrected < 0.01
    assert not found.ranked.strengths
    assert found.preferences == ()
    assert {each.length for each in found.senses} == set(LENGTHS)


def test_unfinished_responses_count_with_what_they_hold() -> None:
    found = analyse(SURVEY, [respond(SURVEY, 1, attentive(stronger), answers=6)])
    assert found.answers == 6 - found.respondents[0].trials
    assert found.respondents[0].seconds == 2.5


def test_nobody_has_answered() -> None:
    found = analyse(SURVEY, [])
    assert found.answers == 0
    assert all(each.p is None and each.decided.value is None for each in found.preferences)
    assert found.ranked.why_not == "Nobody has answered yet."
    undecided = analyse(SURVEY, [respond(SURVEY, 1, attentive(lambda item: "undecided"))])
    assert undecided.ranked.why_not == "Not to be ranked: nobody preferred one model to another."
    nobody_left = analyse(SURVEY, [respond(SURVEY, 1, lambda item: "second")], most_failed=0)
    assert nobody_left.ranked.why_not == "No answer counts."
    assert all(each.alpha is None for _, each in found.agreements)
    assert {each.group for each in found.preferences} == set(PAIRS)
