"""A column that is kept beside sentences, in memory, and which of its sentences have what is wanted of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.storage.column_conditions import (
    categories_that,
    category_and_rest,
    is_missing,
    is_number_wanted,
    number_and_rest,
    numbers_that,
    turned_span,
)
from engine.storage.columns import Columns, KeptColumn

_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)(?:"(?!")(.*)|$)', re.DOTALL)
"""A value in quotes, or one that is still typed, and what stands behind it."""
_SHOWN, _SIGNS = 10, 40
"""Categories in a message, and signs of each."""


@dataclass(frozen=True, eq=False)
class KeptValues:
    """A column that is kept beside the sentences.

    Attributes:
        name: as the table has it.
        values, counts: its categories, the most common first, and how many sentences have each; () for numbers.
        codes: (n,) the place of each sentence's category among them, -1 where it is missing; None for numbers.
        numbers: (n,) NaN where one is missing; None for categories.
    """

    name: str
    values: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    codes: NDArray[np.int32] | None = None
    numbers: NDArray[np.float64] | None = None

    def told(self, index: int) -> str:
        """What a sentence has, in words; "" where it is missing."""
        if self.codes is not None:
            code = int(self.codes[index])
            return self.values[code] if code >= 0 else ""
        value = float(self.numbers[index]) if self.numbers is not None else math.nan
        return "" if math.isnan(value) else f"{value:,.12g}".replace("-", "\N{MINUS SIGN}")

    def value(self, index: int) -> str | float | None:
        """What a sentence has; None where it is missing."""
        if self.codes is not None:
            return self.told(index) or None
        value = float(self.numbers[index]) if self.numbers is not None else math.nan
        return None if math.isnan(value) else value

    def mask(self, wanted: str) -> NDArray[np.bool_]:
        """Which sentences have what is wanted, (n,): a number or a span of them; a category, or all that begin so.

        Also those that have nothing, if that is wanted and no category is called so.

        Raises:
            UsageError: none of its values can be meant.
        """
        if self.codes is not None:
            if is_missing(wanted, self.values):
                return self.codes < 0
            found = categories_that(self.values, wanted)
            if not found:
                known = [each if len(each) <= _SIGNS else f"{each[:_SIGNS]}..." for each in self.values[:_SHOWN]]
                more = f" and {len(self.values) - _SHOWN:,} more" if len(self.values) > _SHOWN else ""
                kind = f" {self.name} holds categories, not numbers." if is_number_wanted(wanted) else ""
                raise UsageError(
                    f"No sentence has {wanted!r} in {self.name}.{kind}",
                    f"There are {', '.join(known) or 'none'}{more}.",
                )
            return np.isin(self.codes, found)
        numbers = self.numbers if self.numbers is not None else np.zeros(0)
        if is_missing(wanted):
            return np.isnan(numbers)
        self.check(wanted)
        inside = numbers_that(numbers, wanted)
        if inside is None:
            raise UsageError(
                f"{self.name} holds numbers, and {wanted!r} is none.", "Write 3, >3, 2..4, 2.., ..4 or missing."
            )
        return inside

    def completed(self, wanted: str) -> tuple[str, ...]:
        """The categories that are meant because they begin so, where none is called so; () otherwise."""
        if self.codes is None or is_missing(wanted, self.values):
            return ()
        called = " ".join(wanted.split()).casefold()
        found = [self.values[place] for place in categories_that(self.values, wanted)]
        return () if any(value.casefold() == called for value in found) else tuple(found)

    def check(self, wanted: str, said: str = "") -> None:
        """Refuse a span of numbers with its ends turned round, which nobody means.

        Args:
            wanted: as of `mask`.
            said: what stands before it where somebody typed it; "stars:" for the column `stars` if empty.

        Raises:
            UsageError: it is one.
        """
        if self.codes is None and (ends := turned_span(wanted)) is not None:
            first, last = ends
            raise UsageError(
                f"No sentence has {first} to {last} in {self.name}.", f"Write {said or f'{self.name}:'}{last}..{first}."
            )

    def wanted_and_rest(self, text: str) -> tuple[str, str]:
        """What is wanted of this column, at the beginning of a text, and what stands behind it."""
        if quoted := quoted_and_rest(text):
            return quoted
        return number_and_rest(text) if self.codes is None else category_and_rest(self.values, text)


def quoted_and_rest(text: str) -> tuple[str, str] | None:
    """The value in quotes that a text begins with, two quotes in it as one, and the rest; None where there is none."""
    quoted = _QUOTED.fullmatch(text)
    return None if quoted is None else (quoted[1].replace('""', '"'), (quoted[2] or "").strip())


def is_open_quote(text: str) -> bool:
    """Whether a text begins with a value in quotes that is not closed."""
    quoted = _QUOTED.fullmatch(text)
    return quoted is not None and quoted[2] is None


def kept_values(columns: Columns, column: KeptColumn) -> KeptValues:
    """A column, read. Raises a LoomError where it is damaged."""
    if column.kind == "category":
        found = columns.categories(column.name)
        return KeptValues(column.name, found.values, tuple(found.counts.tolist()), found.codes)
    return KeptValues(column.name, numbers=columns.numbers(column.name))


class Beside(Mapping[str, KeptValues]):
    """The columns beside some sentences by name, each read when it is asked for.

    Args:
        columns: which there are.
        opened: what reads them, as long as its context lasts.
    """

    def __init__(self, columns: Sequence[KeptColumn], opened: Callable[[], AbstractContextManager[Columns]]) -> None:
        self._columns = {column.name: column for column in columns}
        self._opened = opened
        self._read: dict[str, KeptValues] = {}

    def __getitem__(self, name: str) -> KeptValues:
        if name not in self._read:
            column = self._columns[name]
            with self._opened() as columns:
                self._read[name] = kept_values(columns, column)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
