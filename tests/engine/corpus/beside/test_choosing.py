"""Which columns are kept beside the sentences without being asked for, and what is said of that."""

from __future__ import annotations

from typing import Any

import pytest

from engine.corpus.beside.choosing import kept_names
from engine.corpus.reading import Reading

ROWS = 60


def chosen(columns: dict[str, list[Any]]) -> tuple[list[str | None], str]:
    """What is kept of columns that stand beside a text, and all that is told."""
    reading = Reading(keep=None)
    names = ["text", *columns]
    records = [
        dict(zip(names, (f"Text {at}.", *row), strict=True))
        for at, row in enumerate(zip(*columns.values(), strict=True))
    ]
    return kept_names(records, names, "a.csv", reading, ("text",), cells=True), " ".join(reading.notes)


def test_one_long_value_makes_no_other_column_of_labels() -> None:
    labels = ["good", "bad"] * (ROWS // 2)
    labels[7] = "x" * 300
    kept, told = chosen({"label": labels})
    assert kept == ["label"]
    assert "Not kept" not in told


@pytest.mark.parametrize(
    ("values", "why"),
    [(["y" * 100, "z" * 100] * (ROWS // 2), "long values"), ([f"n{at}" for at in range(ROWS)], "hardly any value")],
)
def test_what_is_not_kept_is_told_with_the_reason_and_what_keep_does(values: list[str], why: str) -> None:
    kept, told = chosen({"label": ["good", "bad"] * (ROWS // 2), "other": values})
    assert kept == ["label"]
    assert f"Not kept: 'other' ({why}" in told
    assert "keeps those that you name and no others" in told


def test_where_nothing_is_kept_that_is_told_too() -> None:
    kept, told = chosen({"other": [f"n{at}" for at in range(ROWS)]})
    assert kept == []
    assert told.startswith("Nothing is kept beside the sentences. Not kept: 'other'")
