"""What is wanted of a column, against plain comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from engine.storage.column_conditions import (
    categories_that,
    category_and_rest,
    is_missing,
    is_number_wanted,
    number_and_rest,
    numbers_that,
)

NUMBERS = np.array([1.0, 2.0, 3.5, -4.0, np.nan])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("2", [2.0]),
        ("=2", [2.0]),
        (">=2", [2.0, 3.5]),
        ("< 2", [1.0, -4.0]),
        ("1..3.5", [1.0, 2.0, 3.5]),
        ("2..", [2.0, 3.5]),
        ("..1", [1.0, -4.0]),
        ("\N{MINUS SIGN}4", [-4.0]),
        ("1e0", [1.0]),
        ("9", []),
    ],
)
def test_numbers_and_spans(wanted: str, expected: list[float]) -> None:
    found = numbers_that(NUMBERS, wanted)
    assert found is not None
    assert NUMBERS[found].tolist() == expected


@pytest.mark.parametrize("wanted", ["", "many", "..", "1-2"])
def test_what_is_no_number_is_told_from_what_no_sentence_has(wanted: str) -> None:
    assert numbers_that(NUMBERS, wanted) is None


def test_a_category_by_its_name_or_its_beginning() -> None:
    values = ("science", "science fiction", "poem")
    assert categories_that(values, "Science") == [0]
    assert categories_that(values, "sci") == [0, 1]
    assert categories_that(values, "novel") == []
    assert categories_that(values, " ") == []


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        (">3 dog", (">3", "dog")),
        ("5", ("5", "")),
        ("2 .. 4  a dog", ("2 .. 4", "a dog")),
        ("\N{MINUS SIGN}2.5 dog", ("\N{MINUS SIGN}2.5", "dog")),
        ("5dog or", ("5dog", "or")),
        ("", ("", "")),
    ],
)
def test_the_number_at_the_beginning_is_the_condition(text: str, parted: tuple[str, str]) -> None:
    assert number_and_rest(text) == parted


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("science fiction dog", ("science fiction", "dog")),
        ("science dog", ("science", "dog")),
        ("Science  Fiction", ("Science  Fiction", "")),
        ("science fic", ("science fic", "")),
        ("sciences dog", ("sciences", "dog")),
        ("sci\tdog", ("sci", "dog")),
        ("", ("", "")),
    ],
)
def test_the_longest_category_at_the_beginning_is_the_condition(text: str, parted: tuple[str, str]) -> None:
    assert category_and_rest(("science", "science fiction"), text) == parted


def test_missing_is_a_condition_unless_a_category_is_called_so() -> None:
    assert is_missing(" Missing", ("a",))
    assert not is_missing("missing", ("MISSING",))
    assert not is_missing("miss")


def test_a_category_of_just_that_name_is_meant_before_others_case_aside() -> None:
    values = ("Yes", "yes", "YES please", "no")
    assert categories_that(values, "yes") == [1]
    assert categories_that(values, "Yes") == [0]
    assert categories_that(values, "YES") == [0, 1]
    assert categories_that(values, "ye") == [0, 1, 2]


def test_that_a_number_is_wanted_is_seen() -> None:
    assert all(map(is_number_wanted, (">3", "3..4", "2..", "..4", "<= -1")))
    assert not any(map(is_number_wanted, ("3", "3,2", "yes", "")))
