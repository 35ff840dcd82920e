"""What is said of a decoded sentence."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from app.core import readings
from app.core.values import Reading
from app.widgets.sentences.rich_text import diff_spans


def test_numbers_say_how_a_sentence_was_made():
    shown = readings.numbers_line(Reading(("a",), "A", -23.44, 11.2, "z = μ, beam 10"))
    assert shown == "log p(x̂|z) −23.4 · KL 11.2 · z = μ, beam 10"


def test_a_sentence_that_grew_too_long_is_told_from_one_that_ended():
    made = Reading(("a",), "A", -23.44, 11.2, "z = μ, beam 10", ended=False)
    assert readings.numbers_line(made) == "log p(x̂|z) −23.4 · KL 11.2 · cut off at the longest length · z = μ, beam 10"
    assert "cut off" not in readings.numbers_line(replace(made, draft=True)), "the beam may end it yet"


def test_the_score_of_what_is_written_and_that_of_what_was_typed_have_two_names():
    made = Reading(("a",), "A", -8.2, 30.2, "z = μ, beam 10", input_log_probability=-46.5)
    assert readings.numbers_line(made) == "log p(x̂|z) −8.2 · log p(x|z) −46.5 · KL 30.2 · z = μ, beam 10"
    draft = Reading(("a",), "A", -8.2, 30.2, "z = μ, greedy", draft=True, scoring=True)
    assert readings.numbers_line(draft) == "log p(x̂|z) −8.2 · log p(x|z) … · KL 30.2 · z = μ, greedy"
    assert f"{readings.WRITTEN}: " in readings.SCORES
    assert f"\n{readings.TYPED}: " in readings.SCORES


def test_facts_of_a_reconstruction_are_told_in_plain_words():
    made = Reading(("i", "love", "it"), "I love it", 4 * math.log(0.5), 5.0)
    kept, told, certainty = readings.facts(("I", "love", "you", "."), made, 20.0)
    assert (kept.value, kept.share) == ("2 of 3", pytest.approx(2 / 3))
    assert (told.value, told.share) == ("5.0 nats", 0.25)
    assert (certainty.value, certainty.share) == ("50% a token", pytest.approx(0.5))
    assert readings.facts(("I",), Reading((), "", -1.0), 1.0) == ()
    _, little, _ = readings.facts(("I",), replace(made, kl=0.05), 0.05)  # the most of four collapsed models
    assert little.share == pytest.approx(0.05)


def test_words_kept_are_words_and_no_full_stop():
    typed = ("i", "think", "we", "do", "n't", "go", "home", ",", "now", ".")
    made = Reading(("he", "is", "at", "work", ",", "."), "He is at work,.", -1.0)
    assert readings.facts(typed, made, 1.0)[0].value == "0 of 7"
    made = Reading(("I", "think", "we", "do", "go", "home", "now", "!"), "I think we do go home now!", -1.0)
    kept = readings.facts(typed, made, 1.0)[0]
    assert (kept.value, "Punctuation marks do not count" in kept.meaning) == ("6 of 7", True)
    assert [fact.name for fact in readings.facts((".",), made, 1.0)] == ["certainty"]


def test_greek_letters_of_the_engine_are_letters_on_the_screen():
    assert readings.on_screen("log p(x|mu) - KL, |z - mu_i|, z = mu") == "log p(x|μ) - KL, |z - μ_i|, z = μ"
    assert readings.on_screen("mull over “much music”, mu.") == "mull over “much music”, μ."


@pytest.mark.parametrize(
    ("typed", "made", "kept"),
    [
        (("i", "will", "read", "."), ("i", "'ll", "be", "back", "."), 1),  # "I" is not marked in "I'll", so it is back
        (("i", "'ll", "go"), ("i", "will", "go"), 1),  # of "I'll" a part is marked
        (("he", "came", "home", ".", "she", "was", "tired"), ("he", "came", "because", "i", "was", "sick"), 3),
    ],
)
def test_words_kept_are_those_that_are_not_marked(typed, made, kept):
    given = readings.facts(typed, Reading(made, "", -1.0), 1.0)[0].value
    assert given.startswith(f"{kept} of ")
    marked = [span.text.casefold() for span in diff_spans(typed, made) if span.role == "changed"]
    assert sum(word in made and word not in marked for word in typed if word[0].isalpha()) >= kept
