"""What is wanted of a column, against plain comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from engine.storage.column_conditions import categories_that, numbers_that

NUMBERS = np.array([1.0, 2.0, 3.5, -4.0, np.nan])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("2", [2.0]),
        ("=2", [2.0]),
        (">=2", [2.0, 3.5]),
        ("< 2", [1.0, -4.0]),
        ("1..3.5", [1.0, 2.0, 3.5]),
        ("\N{MINUS SIGN}4", [-4.0]),
        ("1e0", [1.0]),
        ("9", []),
    ],
)
def test_numbers_and_spans(wanted: str, expected: list[float]) -> None:
    found = numbers_that(NUMBERS, wanted)
    assert found is not None
    assert NUMBERS[found].tolist() == expected


@pytest.mark.parametrize("wanted", ["", "many", "1..", "..", "1-2"])
def test_what_is_no_number_is_told_from_what_no_sentence_has(wanted: str) -> None:
    assert numbers_that(NUMBERS, wanted) is None


def test_a_category_by_its_name_or_its_beginning() -> None:
    values = ("science", "science fiction", "poem")
    assert categories_that(values, "Science") == [0]
    assert categories_that(values, "sci") == [0, 1]
    assert categories_that(values, "novel") == []
    assert categories_that(values, " ") == []
