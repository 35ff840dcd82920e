"""Which columns the gathered rows have, over all the runs that they are of: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.bench.rows import GatheredRow
from app.core.values import Column


def columns_over(known: Sequence[Column], shown: Iterable[str], rows: Sequence[GatheredRow]) -> tuple[Column, ...]:
    """A column a label: those of the open run that are shown, then what rows of other runs have beside them.

    Args:
        known: the columns of the open run.
        shown: the names of those that are shown; a hidden one hides what has its label in other runs, too.
        rows: the gathered rows.
    """
    wanted = set(shown)
    found = {column.label: column for column in known}
    for columns in dict.fromkeys(row.columns for row in rows):
        said = {name for row in rows if row.columns == columns for name in row.sentences}
        for column in columns:
            if column.name in said:
                found.setdefault(column.label, column)
    others = list(found.values())[len({column.label for column in known}) :]
    return (*(column for column in known if column.name in wanted), *others)


def variant_in(row: GatheredRow, column: Column) -> str:
    """The variant of a row that stands in a column: the one of its label; of several of these, that of its name."""
    same = [each.name for each in row.columns if each.label == column.label]
    return same[0] if same and column.name not in same else column.name


def sentence_in(row: GatheredRow, column: Column) -> str:
    """What a row says in a column, or ""."""
    return row.sentences.get(variant_in(row, column), "")


def headings(columns: Sequence[Column]) -> list[str]:
    """The labels of columns, with the name beside it where two are called alike."""
    labels = [column.label for column in columns]
    return [f"{column.label} ({column.name})" if labels.count(column.label) > 1 else column.label for column in columns]
