"""Marks that keep texts from the right together in what is shown."""

from __future__ import annotations

import pytest

from app.widgets.reading.marks import directed, from_left, isolated, shown

HEBREW, MIXED = "הילד קרא את הספר!", "Windows 11 נפל אתמול בבית של אבא!"
RLM, LRM, RLI, LRI, PDI = "\u200f", "\u200e", "\u2067", "\u2066", "\u2069"


@pytest.mark.parametrize("text", ["The dog.", "Où ça ?", HEBREW, "", "<b>The dog</b> “saw” it."])
def test_what_reads_as_it_begins_is_shown_as_it_is(text):
    assert shown(text) == text


def test_a_text_that_begins_in_other_letters_gets_a_mark():
    assert shown(MIXED) == RLM + MIXED
    assert shown("אבא is the Hebrew word for father.") == LRM + "אבא is the Hebrew word for father."


def test_a_quoted_sentence_keeps_its_marks_within_a_line_of_ours():
    line = f"Token credit of “{HEBREW}”, the nearest to “The dog.”"
    assert shown(line) == f"Token credit of “{RLI}{HEBREW}{PDI}”, the nearest to “The dog.”"
    assert isolated(HEBREW, "<b>x</b>") == f"{RLI}<b>x</b>{PDI}"
    assert isolated("The dog.") == "The dog."


def test_html_says_its_direction_where_there_is_a_doubt():
    assert directed("<b>a</b>", "The dog. Ça va") == "<b>a</b>"
    assert directed("<b>a</b>", MIXED) == '<div dir="rtl"><b>a</b></div>'
    assert directed("<b>a</b>", "אבא is a word") == '<div dir="ltr"><b>a</b></div>'
    assert not shown(f'<div dir="rtl">{HEBREW * 3}</div>').startswith(RLM)  # it would be a line of its own


def test_a_number_keeps_its_sign_at_its_left():
    assert from_left("  −20.6") == f"  {LRI}−20.6{PDI}"
    assert from_left("  ") == "  "
    assert from_left(HEBREW) == HEBREW
