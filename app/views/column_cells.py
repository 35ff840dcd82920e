"""Lists of sentences of different lengths, side by side in the columns of the maps, as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.closer.state import Answers
from app.state import Column
from app.views.rich_text import Span
from app.views.sentence_row import Cell, Row

_Found = TypeVar("_Found")


def rows_of(columns: Sequence[Sequence[Cell]]) -> list[Row]:
    """Rows of a grid from its columns; short ones end in empty cells."""
    height = max((len(column) for column in columns), default=0)
    filled = [[*column, *[Cell() for _ in range(height - len(column))]] for column in columns]
    return [Row(cells) for cells in zip(*filled, strict=True)]


def reason_of(column: Column, answers: Answers[_Found], broken: Mapping[str, str], note: str) -> str:
    """Why a column shows nothing: its model cannot answer, all of them cannot, they are at work, or `note`."""
    failed = broken.get(column.name) or answers.failed.get(column.name)
    if failed:
        return f"This model cannot answer: {failed}"
    return answers.problem or ("…" if answers.busy else note)


def quiet_cell(text: str, tooltip: str = "") -> Cell:
    """A line about a column, not one of its sentences."""
    return Cell((Span(text, "muted"),), tooltip)


def longest(numbers: Sequence[str]) -> str:
    """The widest of the numbers before the sentences of a column, for `Cell.room`."""
    return max(["10", *numbers], key=len)
