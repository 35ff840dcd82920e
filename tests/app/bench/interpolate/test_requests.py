"""What the Interpolate tab asks of the models."""

from __future__ import annotations

import pytest

from app.bench.interpolate import requests
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.requests import Failure
from engine.errors import LoomError
from tests.app.fakes import FakeSession

AB = (Pick("a"), Pick("bcd"))
BOTH = ("vae", "autogen-m1")


def place(variant, z):
    return z[:, :2] + 1


def test_an_interpolation_has_eleven_sentences_and_their_way_over_the_map():
    draft, result = requests.interpolate(FakeSession(), AB, ["vae"], Choice(beam=4), slerp=True, place=place)
    assert (draft.readings[0].how, draft.readings[0].draft) == ("slerp, z = μ, greedy", True)
    assert (result.readings[0].how, result.readings[0].draft) == ("slerp, z = μ, beam 4", False)
    assert len(result.readings) == len(result.spots) == 11
    assert result.readings[0].z == (1.0, 0.0)  # the fake lays a sentence where its length says
    assert result.readings[-1].z == (3.0, 1.0)


def test_an_end_can_be_a_point_and_a_variant_without_it_says_so():
    stops = (Pick("step 4", {"vae": (7.0, 8.0)}), Pick("bcd"))
    failure, answer = requests.interpolate(FakeSession(), stops, BOTH, Choice(method="greedy"), slerp=False)
    assert failure == Failure("autogen-m1", "“step 4” was sent without a point of this model.")
    assert answer.readings[0].z == (7.0, 8.0)
    assert answer.readings[-1].z == (3.0, 1.0)


def test_samples_of_the_ends_have_seeds_of_their_own_and_bad_text_is_refused():
    session = FakeSession()
    list(requests.interpolate(session, AB, ["vae"], Choice(sample=True, seed=5, method="greedy"), slerp=False))
    assert [asked[3:] for asked in session.asked if asked[0] == "encode"] == [(True, 5), (True, 6)]
    with pytest.raises(LoomError, match="no word"):
        list(requests.interpolate(session, (Pick(" "), Pick("b")), BOTH, Choice(), slerp=False))


def test_points_of_another_run_and_variants_that_cannot_answer_are_refused_alone():
    pick = Pick("draw 3", {"vae": (7.0, 8.0, 9.0), "autogen-m1": (float("inf"), 0.0)})
    refused = [Failure(v, "“draw 3” is no point of this model, whose z has 2 finite numbers.") for v in BOTH]
    assert list(requests.interpolate(FakeSession(), (pick, Pick("b")), BOTH, Choice(), slerp=False)) == refused
    session = FakeSession(silent=("vae",))
    results = list(requests.interpolate(session, AB, BOTH, Choice(method="greedy"), slerp=False))
    assert results[0] == Failure("vae", "vae is broken")
    assert isinstance(results[1], requests.Steps)
    assert results[1].variant == "autogen-m1"
