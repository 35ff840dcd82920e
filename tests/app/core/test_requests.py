"""What is asked of the models, step by step."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from app.core import requests
from app.core.answers import take_decoded, take_series
from app.core.choice import Choice
from app.core.picks import Origin, Pick
from app.core.requests import Answer, Failure, TypedWords
from app.core.values import Decoded, Series
from engine.errors import LoomError
from engine.session import Session
from tests.app.fakes import FakeSession

BOTH = ("vae", "autogen-m1")


def place(variant, z):
    return z[:, :2] + 1


def test_a_sentence_is_reconstructed_quickly_first_and_then_as_chosen():
    results = list(requests.reconstruct(FakeSession(), "hello xylophone", BOTH, Choice(beam=4), place))
    assert results[0] == TypedWords(("hello", "xylophone"), (False, True))
    seen = [(r.variant, r.readings[0].how, r.readings[0].draft) for r in results[1:]]
    assert seen == [
        ("vae", "z = μ, greedy", True),
        ("autogen-m1", "z = μ, greedy", True),
        ("vae", "z = μ, beam 4", False),
        ("autogen-m1", "z = μ, beam 4", False),
        ("vae", "z = μ, beam 4", False),  # with its score, for which nobody waited
        ("autogen-m1", "z = μ, beam 4", False),
    ]
    assert results[1].spots == ((1.0, 1.0),)
    assert results[1].readings[0].kl == 2.0
    scores = [result.readings[0].input_log_probability for result in results[1:]]
    assert scores == [None, None, None, None, -20.0, -20.0]
    assert [result.readings[0].scoring for result in results[1:]] == [True] * 4 + [False] * 2
    assert results[-1].spots == results[1].spots


def test_a_sentence_that_cannot_be_scored_is_shown_without_its_score():
    session = FakeSession()
    session.score = Mock(side_effect=LoomError("The numbers overflow."))
    *_, last = requests.reconstruct(session, "hello", ["vae"], Choice(method="greedy"))
    assert (last.readings[0].input_log_probability, last.readings[0].scoring) == (None, False)
    assert last.readings[0].words


def test_a_greedy_choice_is_asked_once_and_a_sample_says_its_seed():
    session = FakeSession()
    results = list(requests.reconstruct(session, "hello", ["vae"], Choice(sample=True, method="greedy", seed=7)))
    assert session.asked == [("reconstruct", "hello", ("vae",), "greedy", True, 7)]
    assert results[1].readings[0].how == "z ~ q(z|x), seed 7, greedy"
    assert not results[1].readings[0].draft


def test_one_variant_that_cannot_answer_does_not_stop_the_others():
    session = FakeSession(silent=("vae",))
    results = list(requests.reconstruct(session, "hello", BOTH, Choice(method="greedy")))[1:]
    assert results[0] == Failure("vae", "vae is broken")
    assert isinstance(results[1], Answer)
    assert results[1].variant == "autogen-m1"


def test_a_text_without_words_is_refused():
    with pytest.raises(LoomError, match="no word"):
        list(requests.reconstruct(FakeSession(), "  ", BOTH, Choice()))


def test_points_of_another_run_are_refused_for_what_they_are_wherever_they_are_sent():
    pick = Pick("draw 3", {"vae": (7.0, 8.0, 9.0), "autogen-m1": (float("inf"), 0.0)})
    refused = [Failure(v, "“draw 3” is no point of this model, whose z has 2 finite numbers.") for v in BOTH]
    assert list(requests.decode_points(FakeSession(), pick, BOTH, Choice())) == refused


@pytest.mark.parametrize(
    ("origin", "opened", "decoded"),
    [
        (Origin("demo", 2000), {}, True),
        (Origin("demo", 1000), {}, False),
        (Origin("novel", 2000), {}, False),
        (Origin("demo"), {}, True),  # of the newest, as these are
        (Origin("demo"), {"step": 2000}, False),  # the models were asked for by their step
        (Origin("demo"), {"step": 2000, "note": "vae is ahead"}, True),  # the newest that all have
        (Origin(), {"step": 2000}, True),  # of whatever is open
    ],
)
def test_points_of_other_models_are_refused_although_they_would_fit(origin, opened, decoded):
    session = FakeSession()
    session.steps = dict.fromkeys(BOTH, 2000)
    for name, value in opened.items():
        setattr(session, name, value)
    pick = Pick("draw 3", dict.fromkeys(BOTH, (7.0, 8.0)), origin=origin)
    results = list(requests.decode_points(session, pick, BOTH, Choice(method="greedy")))
    assert [type(result) for result in results] == [Answer if decoded else Failure] * 2
    assert decoded or f"“draw 3” is a point of {origin.label}, which these models cannot decode." in results[0].reason


def test_points_are_decoded_as_they_are_quickly_first():
    pick = Pick("step 4", {"vae": (7.0, 8.0), "autogen-m1": (float("nan"), 0.0)}, "lerp, z = μ, step 4")
    session = FakeSession()
    results = list(requests.decode_points(session, pick, BOTH, Choice(beam=3), place))
    good = [result for result in results if isinstance(result, Answer)]
    assert [(r.variant, r.readings[0].how, r.spots) for r in good] == [
        ("vae", "lerp, z = μ, step 4, greedy", ((8.0, 9.0),)),
        ("vae", "lerp, z = μ, step 4, beam 3", ((8.0, 9.0),)),
    ]
    assert {result.variant for result in results if isinstance(result, Failure)} == {"autogen-m1"}
    assert [asked[0] for asked in session.asked].count("encode") == 0


def test_answers_add_up_and_a_later_one_replaces_the_draft():
    decoded = Decoded(text="hello", busy=True)
    for result in requests.reconstruct(FakeSession(silent=("vae",)), "hello", BOTH, Choice(), place):
        decoded = take_decoded(decoded, result)
    assert decoded.busy
    assert not decoded.readings["autogen-m1"].draft
    done = take_decoded(decoded, None)
    assert not done.busy
    assert set(done.readings) == {"autogen-m1"}
    assert set(done.failed) == {"vae"}
    assert set(done.spots) == {"autogen-m1"}


def test_series_add_up_too():
    points = Pick("p", {"vae": (7.0, 8.0)})
    series = Series(busy=True)
    for result in requests.decode_points(FakeSession(), points, BOTH, Choice()):
        series = take_series(series, result)
    assert set(series.readings) == {"vae"}
    assert set(series.failed) == {"autogen-m1"}
    assert take_series(series, None, "Gone wrong.").problem == "Gone wrong."


def test_points_far_out_are_refused_in_words(tiny_run):
    session = Session.load(tiny_run, "cpu")
    with pytest.raises(LoomError, match="too far out"):
        requests.point_of(session, Pick("p", {"vae": (1e8,) * 4}), "vae")
    assert requests.point_of(session, Pick("p", {"vae": (999.0,) * 4}), "vae").max() == 999
