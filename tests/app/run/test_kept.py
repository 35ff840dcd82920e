"""What stands beside the sentences of an opened cache, and searches by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.maps.colours.meaning import legend
from app.run.atlas import search_sentences
from app.run.kept import told_beside
from engine.errors import LoomError
from engine.selections.conditions import search_for
from engine.storage.kept_values import KeptValues
from tests.app.fakes import SENTENCES, fake_atlas

LABEL = KeptValues("label", ("good", 'bad: "very" | so'), (2, 1), np.array([0, 1, 0, -1], np.int32))
STARS = KeptValues("stars", numbers=np.array([1.0, -2.5, np.nan, 4.0]))
KEPT = {"label": LABEL, "stars": STARS}


def found(text: str, kept: dict[str, KeptValues] = KEPT) -> list[int]:
    *before, mask = search_sentences(replace(fake_atlas(), kept=kept), text)
    assert all(each is None for each in before)
    assert mask is not None
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("label:good", [0, 2]),
        ('label:"bad: ""very"" | so"', [1]),
        ("stars:>1", [3]),
        ("label:good | stars:4", [0, 2, 3]),
        ("label:missing", [3]),
        ("stars: Missing", [2]),
        ("", []),
    ],
)
def test_a_search_by_a_column_finds_the_sentences_beside_which_it_says_so(text: str, places: list[int]) -> None:
    assert found(text) == places


def test_words_behind_a_value_and_plain_alternatives_are_looked_for_within_words_too() -> None:
    part = "lov"
    holding = {at for at, each in enumerate(SENTENCES) if part.casefold() in each.casefold()}
    assert found(f'label:"good" {part}') == sorted({0, 2} & holding)
    assert found(f"stars:4 | {part}") == sorted({3} | holding)
    assert found(part) == sorted(holding)
    assert holding


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("label:good", [0, 2]),
        ('label:"good"', [0, 2]),
        ("stars:>=1", [0, 3]),
        ("stars:-2.5", [1]),
        ("xyz | stars:missing", [2]),
        ("label:missing", [3]),
        ("LENGTH:<=500", [0, 1, 2, 3]),
    ],
)
def test_a_condition_that_is_being_typed_is_no_mistake_and_finds_nothing_without_a_value(
    text: str, places: list[int]
) -> None:
    for end in range(1, len(text)):
        found(text[:end])
    assert found(text) == places
    assert found(text[: text.index(":") + 1]) == []


@pytest.mark.parametrize("text", ["label:worse", "stars:many", "colour:red", "dog stars2:>3"])
def test_a_column_or_a_value_that_there_is_not_is_told(text: str) -> None:
    with pytest.raises(LoomError):
        found(text)


def test_the_search_of_the_legends_missing_finds_the_sentences_without_a_value() -> None:
    assert found(search_for("label", legend(LABEL)[-1].value or "")) == [3]
    named = KeptValues("who", ("Missing",), (1,), np.array([0, -1], np.int32))
    assert legend(named)[-1].value is None  # it would find the category


@pytest.mark.parametrize("value", ["good", "so so", 'a "b" | c', "東京", "x:y"])
def test_the_search_for_a_category_finds_it(value: str) -> None:
    column = KeptValues("the kind", ("other", value), (2, 2), np.array([1, 0, 1, 0], np.int32))
    assert found(search_for("the kind", value), {"the kind": column}) == [0, 2]


def test_what_stands_beside_a_sentence_is_told_without_what_is_missing() -> None:
    columns = [LABEL, STARS, KeptValues("1", numbers=np.array([12345.0, 0, 0, 0]))]
    assert told_beside(columns, 0) == "label: good · stars: 1 · column 1: 12,345"
    assert told_beside(columns[:2], 2) == "label: good"
    assert told_beside(columns[:2], 1).endswith("stars: \N{MINUS SIGN}2.5")
