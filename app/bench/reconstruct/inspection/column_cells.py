"""Lists of sentences of different lengths, side by side in the columns of the maps, as rows.

A row is made when it comes into sight: to compare hundreds of sentences with the typed one takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from app.bench.reconstruct.inspection.values import Answers
from app.core.readings import no_answer
from app.core.values import Column
from app.widgets.parts import under_way
from app.widgets.sentences.rich_text import Span, diff_spans
from app.widgets.sentences.sentence_row import Cell, LazyRows, Row

_Found = TypeVar("_Found")


class _Made(Protocol):
    """What says how it was made."""

    @property
    def how(self) -> str: ...


_How = TypeVar("_How", bound=_Made)

CellAt = Callable[[int], Cell]


class ColumnRows(LazyRows):
    """Rows of a grid from its columns, each made when it is asked for; short columns end in empty cells."""

    def __init__(self, columns: Sequence[tuple[int, CellAt]]) -> None:
        """Args: columns: how many cells each has, and what makes the cell at a place."""
        self._columns = columns
        self._height = max((count for count, _ in columns), default=0)

    def __len__(self) -> int:
        return self._height

    def row(self, index: int) -> Row:
        return Row(tuple(make(index) if index < count else Cell() for count, make in self._columns))


def one_cell(cell: Cell) -> tuple[int, CellAt]:
    """A column of one cell, which says why there are no others."""
    return 1, lambda _: cell


@lru_cache(maxsize=1024)
def marked(reference: tuple[str, ...], words: tuple[str, ...], text: str = "") -> tuple[Span, ...]:
    """`diff_spans` in as few pieces as there are marks, kept: a cloud that grows shows most of its sentences again."""
    spans: list[Span] = []
    for span in diff_spans(reference, words, text) or (Span("(no words)", "muted"),):
        if spans and (span.role == spans[-1].role or not span.text.strip()) and spans[-1].role == "text":
            spans[-1] = Span(spans[-1].text + span.text, "text")
        else:
            spans.append(span)
    return tuple(spans)


def reason_of(column: Column, answers: Answers[_Found], broken: Mapping[str, str], note: str) -> str:
    """Why a column shows nothing: its model cannot answer, all of them cannot, they are at work, or `note`."""
    failed = broken.get(column.name) or answers.failed.get(column.name)
    if failed:
        return no_answer(failed)
    return answers.problem or ("…" if answers.busy else note)


def how_line(answers: Answers[_How]) -> str:
    """The line above the columns: how the answers were made, with dots while more is to come; "" without any."""
    how = next((found.how for found in answers.found.values()), "") if not answers.problem else ""
    return under_way(how, answers.busy)


def quiet_cell(text: str, tooltip: str = "") -> Cell:
    """A line about a column, not one of its sentences."""
    return Cell((Span(text, "muted"),), tooltip)


def longest(numbers: Sequence[str]) -> str:
    """The widest of the numbers before the sentences of a column, for `Cell.room`."""
    return max(["10", *numbers], key=len)
