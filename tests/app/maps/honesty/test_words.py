"""What is said of places and points."""

from __future__ import annotations

import math

import pytest

from app.maps.honesty.words import density_words, farness_words, several_words, short_several, short_words


@pytest.mark.parametrize(("count", "said"), [
    (0, "no sentence here"), (1, "1 sentence here"), (1234, "1,234 sentences here"),
])  # fmt: skip
def test_how_many_lie_here(count, said):
    assert density_words(count) == said


def test_a_point_is_said_to_be_as_far_as_it_is_and_never_farther():
    assert farness_words("moved", 0.996) == (
        "moved: further from its nearest sentence than 99% of sentences are from theirs"
    )
    assert "all sentences looked at" in farness_words("moved", 1.0)
    assert "nearer to a sentence than most" in farness_words("moved", 0.49)
    assert "50%" in farness_words("moved", 0.5)
    assert short_words("moved", 0.996) == "moved: further out than 99% of sentences"
    assert short_words("moved", 0.2) == "moved: near a sentence"
    assert farness_words("moved", math.nan) == short_words("moved", math.nan) == ""


def test_of_many_it_is_counted_how_many_are_off():
    said = "2 of 3 samples further from any sentence than 95% of the z drawn for sentences"
    assert several_words("samples", (0.99, 0.2, 0.95)) == said
    assert several_words("samples", (0.1, 0.2)).startswith("none of 2 samples")
    assert short_several("samples", (0.99, 0.2)) == "1 of 2 samples far off"
    assert several_words("samples", ()) == several_words("samples", (math.nan,)) == short_several("samples", ()) == ""
