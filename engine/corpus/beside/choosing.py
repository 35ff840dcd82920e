"""Which columns stay with their sentences, and whether they hold numbers or categories.

They are those that were asked for. Where none were, they are those that look like something a map could be coloured by
or a sentence be found by: numbers that do not count the rows, and short texts that come again. What is kept of the
first file with columns is kept of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.corpus.beside.values import Each, category, cell_value, number, value_beside
from engine.corpus.reading import Reading
from engine.errors import LoomError, UsageError
from engine.storage.columns import KeptColumn, Kind

_SHORT = 60
"""Letters of a text that looks like a category, at most."""
_MOSTLY = 0.95
"""Texts of a column of categories that are as short, at least: one long slip makes no other column of it."""
_AGAIN = 0.5
"""Different texts among those of a column that looks like categories, at most."""
_MOST = 16
"""Columns that are kept without being asked for."""
_TOLD = 8
_LEFT_OUT = 400  # letters of what is listed in a note


def kept_names(
    records: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    where: str,
    reading: Reading,
    taken: Sequence[str],
    *,
    cells: bool,
) -> list[str | None]:
    """The columns of a file whose values stay with its texts, one for each of `reading.kept`; None where it lacks one.

    Args:
        records: the first ones, `flat`.
        names: of all columns.
        where: they are from, for messages.
        reading: is told what is kept, if this is the first file with columns.
        taken: the columns of the text.
        cells: whether the values are cells of a plain table.

    Raises:
        LoomError: a column that was asked for is not there.
        UsageError: it is the text itself.
    """
    others = [name for name in names if name not in taken]
    reading.beside += [name for name in others if name not in reading.beside]
    if reading.keep == ():
        return []
    for name in reading.keep or ():
        if name in taken:
            raise UsageError(f"The column {name!r} of {where} is the text itself.", "Leave it out of --keep.")
        if name not in others:
            raise LoomError(
                f"There is no column {name!r} in {where}; beside the text there are {', '.join(others) or 'none'}.",
                "Name one of them with --keep NAME, just as it is written, or leave out --keep.",
            )
    if reading.kept is None:

        def read(name: str, value: Any) -> list[Any]:
            found = cell_value(value) if cells else value_beside(value, name, taken)
            return found if type(found) is Each else [found]

        seen = {
            name: [each for record in records if name in record for each in read(name, record[name])] for name in others
        }
        if reading.keep is None:
            reading.kept = _looking_like_it(seen, reading, cells)
        else:
            reading.kept = tuple(KeptColumn(name, kind_of(seen[name], cells)) for name in reading.keep)
            reading.note(f"Beside each sentence {_are_kept(reading.kept)}.")
    lacking = [column.name for column in reading.kept if column.name not in others]
    if lacking:
        reading.note(f"{where} has no column {' or '.join(map(repr, lacking))}: beside its sentences it is missing.")
    return [column.name if column.name in others else None for column in reading.kept]


def kind_of(values: Sequence[Any], cells: bool) -> Kind:
    """Whether values are numbers, all that are there, or categories; a text of a record is never a number."""
    there = [value for value in values if category(value) is not None]
    if there and all(number(value) is not None and (cells or not isinstance(value, str)) for value in there):
        return "number"
    return "category"


def _looking_like_it(seen: Mapping[str, Sequence[Any]], reading: Reading, cells: bool) -> tuple[KeptColumn, ...]:
    """The columns that are kept without being asked for, told in a note with those that could be."""
    kept: list[KeptColumn] = []
    left: list[str] = []
    for name, values in seen.items():
        there = [text for value in values if (text := category(value)) is not None]
        kind = kind_of(values, cells)
        if not there or (kind == "number" and _counts(values)):
            continue
        why_not = "" if kind == "number" else _no_categories(there)
        if not why_not and len(kept) == _MOST:
            why_not = f"{_MOST} others are kept"
        if why_not:
            left.append(f"{name!r} ({why_not})")
        else:
            kept.append(KeptColumn(name, kind))
    # What is asked for is all that is kept, so whoever wants one more must name the others too.
    others = f" Not kept: {_listed(left)}. --keep NAME, once for each, keeps those that you name and no others."
    if kept:
        reading.note(f"Beside each sentence {_are_kept(kept)}; --no-keep leaves that out.{others if left else ''}")
    elif left:
        reading.note(f"Nothing is kept beside the sentences.{others}")
    return tuple(kept)


def _no_categories(texts: Sequence[str]) -> str:
    """Why texts do not look like categories; "" if they do."""
    if sum(len(text) <= _SHORT for text in texts) < _MOSTLY * len(texts):
        return "long values"
    return "" if len(set(texts)) <= _AGAIN * len(texts) else "hardly any value comes again"


def _counts(values: Sequence[Any]) -> bool:
    """Whether numbers count the rows."""
    numbers = [number(value) for value in values]
    return len(numbers) > 1 and all(
        one is not None and other is not None and other - one == 1 for one, other in pairwise(numbers)
    )


def _are_kept(columns: Sequence[KeptColumn]) -> str:
    told = ", ".join(f"{each.name!r} ({'numbers' if each.kind == 'number' else 'categories'})" for each in columns)
    return f"{told} {'is' if len(columns) == 1 else 'are'} kept"


def _listed(left: Sequence[str]) -> str:
    more = f" and {len(left) - _TOLD} more" if len(left) > _TOLD else ""
    told = ", ".join(left[:_TOLD])
    return (told if len(told) <= _LEFT_OUT else told[:_LEFT_OUT] + " …") + more
