"""What is said of a decoded sentence."""

from __future__ import annotations

import math

import pytest

from app.core import readings
from app.core.values import Reading


def test_numbers_say_how_a_sentence_was_made():
    shown = readings.numbers_line(Reading(("a",), "A", -23.44, 11.2, "z = μ, beam 10"))
    assert shown == "log p(x|z) −23.4 · KL 11.2 · z = μ, beam 10"


def test_facts_of_a_reconstruction_are_told_in_plain_words():
    made = Reading(("i", "love", "it"), "I love it", 4 * math.log(0.5), 5.0)
    kept, told, certainty = readings.facts(("I", "love", "you", "."), made, 20.0)
    assert (kept.value, kept.share) == ("2 of 4", 0.5)
    assert (told.value, told.share) == ("5.0 nats", 0.25)
    assert (certainty.value, certainty.share) == ("50% a word", pytest.approx(0.5))
    assert readings.facts(("I",), Reading((), "", -1.0), 1.0) == ()
