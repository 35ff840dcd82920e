"""What is kept beside the test sentences of an opened cache, and which of them a search by a column finds.

A search names a column and what it is to say: `label:positive`, `genre:"science fiction"`, `stars:4`, `stars:>3`,
`stars:2..4`. What follows a value in quotes must stand in the sentence, and bars part alternatives, as in any search.
Where no column has that name, the colon is a sign like others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.widgets.categories.colours import title
from engine.storage.column_conditions import categories_that, numbers_that

if TYPE_CHECKING:
    from engine.storage.latent_cache import LatentCache

_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"(.*)', re.DOTALL)
_BARS = re.compile(r'\|(?=(?:[^"]*"[^"]*")*[^"]*$)')
"""Bars that stand outside of quotes."""


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
        """Which sentences have what is wanted, (n,): a number or a span of them; a category, or all that begin so."""
        if self.codes is not None:
            return np.isin(self.codes, categories_that(self.values, wanted))
        numbers = self.numbers if self.numbers is not None else np.zeros(0)
        found = numbers_that(numbers, wanted)
        return np.zeros(len(numbers), np.bool_) if found is None else found


@dataclass(frozen=True, eq=False)
class Sought:
    """A search taken apart: `text` is to stand in a sentence, or `columns` say what may be beside it instead.

    Each of `columns` is a mask (n,) and the text that must stand in its sentences, "" for any.
    """

    text: str
    columns: tuple[tuple[NDArray[np.bool_], str], ...] = ()


def read_kept(cache: LatentCache) -> dict[str, KeptValues]:
    """The columns of a cache, by name. Raises a LoomError where they are damaged."""
    kept: dict[str, KeptValues] = {}
    for column in cache.columns.all if cache.columns is not None else ():
        if column.kind == "category" and cache.columns is not None:
            found = cache.columns.categories(column.name)
            kept[column.name] = KeptValues(column.name, found.values, tuple(found.counts.tolist()), found.codes)
        elif cache.columns is not None:
            kept[column.name] = KeptValues(column.name, numbers=cache.columns.numbers(column.name))
    return kept


def sought(text: str, kept: Mapping[str, KeptValues]) -> Sought:
    """A search, taken apart by the rules at the top of this module."""
    parts = _BARS.split(text) if _column_of(text, kept) or "|" in text else [text]
    columns: list[tuple[NDArray[np.bool_], str]] = []
    plain: list[str] = []
    if not any(_column_of(part, kept) for part in parts):
        return Sought(text)
    for part in parts:
        column = _column_of(part, kept)
        if column is None:
            plain.append(part)
            continue
        wanted, rest = part.strip()[len(column.name) + 1 :], ""
        if quoted := _QUOTED.fullmatch(wanted):
            wanted, rest = quoted[1].replace('""', '"'), quoted[2].strip()
        columns.append((column.mask(wanted), rest))
    return Sought("|".join(plain), tuple(columns))


def search_for(column: str, value: str) -> str:
    """The search that finds the sentences of a category."""
    plain = re.fullmatch(r"[^\s\"|]+", value) is not None
    return f"{column}:{value}" if plain else f'{column}:"{value.replace(chr(34), 2 * chr(34))}"'


def told_beside(kept: Sequence[KeptValues], index: int) -> str:
    """What stands beside a sentence, in words; missing values are left out."""
    return " · ".join(f"{title(each.name)}: {said}" for each in kept if (said := each.told(index)))


def _column_of(part: str, kept: Mapping[str, KeptValues]) -> KeptValues | None:
    """The column that an alternative of a search begins with."""
    folded = part.strip().casefold()
    named = [name for name in kept if folded.startswith(f"{name.casefold()}:")]
    return kept[max(named, key=len)] if named else None
