"""Marked words: what counts as a difference, how it is written, and that text cannot become markup."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QTextCharFormat, QTextDocument

from app.core import theme
from app.widgets.sentences.rich_text import diff_html, unknown_html
from engine.corpus.tokens import tokenize

THEME = theme.DARK
CARET = "\N{CARET}"


def changed_words(html: str) -> list[str]:
    return re.findall(r'underline;">([^<]*)</span>', html)


def plain(html: str) -> str:
    document = QTextDocument()
    document.setHtml(html)
    return document.toPlainText()


def fragments(html: str) -> dict[str, QTextCharFormat]:
    """Text of each fragment with its format, as Qt understood it."""
    document = QTextDocument()
    document.setHtml(html)
    found = {}
    block = document.begin()
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        found[fragment.text().strip()] = fragment.charFormat()
        iterator += 1
    return found


def test_marked_words_have_the_capitals_of_the_sentence_that_is_given():
    words = ["the", "french", "like", "tv", "."]
    html = diff_html(["the", "french", "like", "boston", "."], words, THEME, "The French like TV.")
    assert plain(html) == "The French like TV."
    assert changed_words(html) == ["TV"]


def test_equal_sentences_have_nothing_marked(qapp):
    words = tokenize("I don't think so.")
    html = diff_html(words, words, THEME)
    assert changed_words(html) == []
    assert CARET not in html
    assert plain(html) == "I don't think so."


def test_replaced_and_added_words_are_marked_and_the_others_are_not(qapp):
    html = diff_html(tokenize("i like the dog ."), tokenize("i like my old dog ."), THEME)
    assert changed_words(html) == ["my", "old"]
    assert plain(html) == "I like my old dog."


def test_a_mark_is_colour_and_weight_and_underline(qapp):
    found = fragments(diff_html(["a", "dog"], ["a", "cat"], THEME))
    marked, same = found["cat"], found["A"]
    assert marked.fontUnderline()
    assert marked.fontWeight() >= 600
    assert marked.foreground().color().name() == THEME.changed
    assert not same.fontUnderline()
    assert same.foreground().color().name() == THEME.text


def test_missing_words_leave_a_caret_where_they_were(qapp):
    assert plain(diff_html(["i", "like", "the", "dog", "."], ["i", "like", "dog", "."], THEME)) == f"I like {CARET}dog."
    assert plain(diff_html(["we", "go", "home", "now"], ["we", "go"], THEME)) == f"We go {CARET}"


def test_pieces_of_one_word_stay_joined_when_only_one_differs(qapp):
    html = diff_html(["i", "do", "n't", "know", "."], ["i", "did", "n't", "know", "."], THEME)
    assert changed_words(html) == ["did"]
    assert plain(html) == "I didn't know."


def test_case_is_no_difference(qapp):
    assert changed_words(diff_html(["Hello", "You"], ["hello", "you"], THEME)) == []


def test_no_words_give_no_html():
    assert diff_html(["a"], [], THEME) == ""
    assert unknown_html([], [], THEME) == ""


def test_words_cannot_become_markup(qapp):
    hostile = ["<b>x</b>", "&amp;", '"']
    for html in (diff_html([], hostile, THEME), unknown_html(hostile, [True, False, True], THEME)):
        assert "<b>" not in html
        assert "<b>x</b>" in plain(html).lower()
        assert "&amp;" in plain(html)


def test_unknown_words_stand_over_a_dotted_line_in_their_own_colour(qapp):
    found = fragments(unknown_html(["a", "flurb", "dog"], [False, True, False], THEME))
    marked = found["flurb"]
    assert marked.underlineStyle() == QTextCharFormat.UnderlineStyle.DotLine
    assert marked.foreground().color().name() == THEME.unknown
    assert found["dog"].underlineStyle() == QTextCharFormat.UnderlineStyle.NoUnderline


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        unknown_html(["a", "b"], [True], THEME)
