"""What is shown after each result: the answers of this question, and of the one before only what is still awaited."""

from __future__ import annotations

import pytest

from app.core.answers import take_decoded, take_series
from app.core.requests import Answer, Failure
from app.core.values import Decoded, Reading, Series

BEFORE, AFTER = (Reading((word,), word, -1.0) for word in ("before", "after"))
BOTH = ("vae", "autogen-m1")


@pytest.fixture
def shown() -> Decoded:
    """The answers to the sentence before, while the next is asked about."""
    return Decoded("next", readings=dict.fromkeys(BOTH, BEFORE), spots=dict.fromkeys(BOTH, (1.0, 2.0)), busy=True)


def test_a_variant_that_cannot_answer_keeps_nothing_of_the_sentence_before(shown):
    after = take_decoded(shown, Failure("vae", "no point"))
    assert (after.readings, after.spots) == ({"autogen-m1": BEFORE}, {"autogen-m1": (1.0, 2.0)})
    assert after.failed == {"vae": "no point"}
    series = Series(readings=dict.fromkeys(BOTH, (BEFORE,)), busy=True)
    after_series = take_series(series, Failure("vae", "no point"))
    assert (after_series.readings, after_series.failed) == ({"autogen-m1": (BEFORE,)}, {"vae": "no point"})


def test_a_variant_whose_quick_search_failed_and_whose_beam_answered_has_not_failed(shown):
    answer = Answer("vae", (AFTER,), ((3.0, 4.0),))
    after = take_decoded(take_decoded(shown, Failure("vae", "overflow")), answer)
    assert (after.readings["vae"], after.spots["vae"], after.failed) == (AFTER, (3.0, 4.0), {})
    series = take_series(take_series(Series(), Failure("vae", "overflow")), answer)
    assert (series.readings, series.failed) == ({"vae": (AFTER,)}, {})


def test_an_answer_without_a_place_on_the_map_leaves_none_of_the_sentence_before(shown):
    assert take_decoded(shown, Answer("vae", (AFTER,))).spots == {"autogen-m1": (1.0, 2.0)}
