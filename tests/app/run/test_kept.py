"""What stands beside the sentences of an opened cache, and searches by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.maps.colours.meaning import legend
from app.run.atlas import search_sentences
from app.run.kept import KeptValues, search_for, sought, told_beside
from tests.app.fakes import SENTENCES, fake_atlas

LABEL = KeptValues("label", ("good", 'bad: "very" | so'), (2, 1), np.array([0, 1, 0, -1], np.int32))
STARS = KeptValues("stars", numbers=np.array([1.0, -2.5, np.nan, 4.0]))
KEPT = {"label": LABEL, "stars": STARS}


def found(text: str) -> list[int]:
    *before, mask = search_sentences(replace(fake_atlas(), kept=KEPT), text)
    assert all(each is None for each in before)
    assert mask is not None
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("label:good", [0, 2]),
        ("LABEL: Good", [0, 2]),
        ("label:go", [0, 2]),  # as it is typed
        ("label:worse", []),
        ("label:", []),
        ('label:"bad: ""very"" | so"', [1]),
        ("stars:1", [0]),
        ("stars:>1", [3]),
        ("stars:<=1", [0, 1]),
        ("stars:-3..1", [0, 1]),
        ("stars:\N{MINUS SIGN}2.5", [1]),
        ("stars:many", []),
        ("label:good | stars:4", [0, 2, 3]),
        ("label:good stars:1", [0]),
        ("label:missing", [3]),
        ("stars: Missing", [2]),
        ('label:"bad: ""very', [1]),  # as it is typed
    ],
)
def test_a_search_by_a_column_finds_the_sentences_beside_which_it_says_so(text: str, places: list[int]) -> None:
    assert found(text) == places


def test_words_behind_a_value_in_quotes_and_plain_alternatives_are_looked_for_in_the_sentences() -> None:
    word = SENTENCES[0].split()[0]
    holding = {at for at, each in enumerate(SENTENCES) if word.casefold() in each.casefold()}
    assert found(f'label:"good" {word}') == sorted({0, 2} & holding)
    assert found(f"stars:4 | {word}") == sorted({3} | holding)


TEXTS = [
    ("stars:>3 dog", "stars:>3", ("dog",)),
    ("stars:4 dog", "stars:4", ("dog",)),
    ("stars:-3..1 a dog", "stars:-3..1", ("a dog",)),
    ("stars:missing dog", "stars:missing", ("dog",)),
    ("label:good dog", "label:good", ("dog",)),
    ("label:go dog", "label:go", ("dog",)),
    ('label:bad: "very" | so', 'label:"bad: ""very"""', ()),
    ("label:missing dog", "label:missing", ("dog",)),
    ("dog label:good", "label:good", ("dog",)),
    ('dog label:"good" cat', "label:good", ("dog", "cat")),
    ("dog stars:>3", "stars:>3", ("dog",)),
]


@pytest.mark.parametrize(("text", "condition", "words"), TEXTS)
def test_words_beside_a_condition_must_stand_in_the_sentence(text: str, condition: str, words: tuple[str, ...]) -> None:
    (mask, texts), (alone, none) = sought(text, KEPT).columns[0], sought(condition, KEPT).columns[0]
    assert texts == words
    assert mask.tolist() == alone.tolist()
    assert none == ()


def test_a_name_behind_other_words_is_a_column_only_where_its_value_follows_at_once() -> None:
    for text in ("the label: good", "relabel:good", "dog label:"):
        assert sought(text, KEPT).columns == ()


def test_a_category_called_missing_is_found_by_its_name() -> None:
    column = KeptValues("who", ("Missing", "x"), (1, 1), np.array([1, 0, -1], np.int32))
    assert column.mask("missing").tolist() == [False, True, False]


def test_the_search_of_the_legends_missing_finds_the_sentences_without_a_value() -> None:
    ((mask, texts),) = sought(search_for("label", legend(LABEL)[-1].value or ""), KEPT).columns
    assert (mask.tolist(), texts) == ([False, False, False, True], ())
    named = KeptValues("who", ("Missing",), (1,), np.array([0, -1], np.int32))
    assert legend(named)[-1].value is None  # it would find the category


def test_a_label_with_quotes_is_found() -> None:
    column = KeptValues("label", ('say "hi"', "say"), (1, 1), np.array([1, 0], np.int32))
    for text in ('label:"say ""hi"""', 'label:say "hi"'):
        ((mask, texts),) = sought(text, {"label": column}).columns
        assert (mask.tolist(), texts) == ([False, True], ())
    ((mask, texts),) = sought('label:"say ""hi""" dog', {"label": column}).columns
    assert (mask.tolist(), texts) == ([False, True], ("dog",))


def test_a_colon_behind_another_word_is_a_sign_like_others() -> None:
    text = 'note: 10:30 | "a'
    assert sought(text, KEPT).text == text
    assert found("love") == [at for at, each in enumerate(SENTENCES) if "love" in each.lower()]


@pytest.mark.parametrize("value", ["good", "so so", 'a "b" | c', "東京", "x:y"])
def test_the_search_for_a_category_finds_it(value: str) -> None:
    column = KeptValues("the kind", ("other", value), (1, 2), np.array([1, 0, 1], np.int32))
    wanted = sought(search_for("the kind", value), {"the kind": column})
    assert not wanted.text
    assert [(mask.tolist(), rest) for mask, rest in wanted.columns] == [([True, False, True], ())]


def test_what_stands_beside_a_sentence_is_told_without_what_is_missing() -> None:
    columns = [LABEL, STARS, KeptValues("1", numbers=np.array([12345.0, 0, 0, 0]))]
    assert told_beside(columns, 0) == "label: good · stars: 1 · column 1: 12,345"
    assert told_beside(columns[:2], 2) == "label: good"
    assert told_beside(columns[:2], 1).endswith("stars: \N{MINUS SIGN}2.5")
