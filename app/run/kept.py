"""What is kept beside the test sentences of an opened cache, and which of them a search by a column finds.

A search names a column and what it is to say: `label:positive`, `genre:"science fiction"`, `stars:4`, `stars:>3`,
`stars:2..4`, `label:missing`. What stands before it and behind it must stand in the sentence (`stars:>3 dog`, `dog
label:positive`), or is another column, and bars part alternatives, as in any search. Without quotes a category ends
where the longest that there is ends. Where no column has that name, the colon is a sign like others.
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
from engine.storage.column_conditions import (
    categories_that,
    category_and_rest,
    is_missing,
    number_and_rest,
    numbers_that,
)

if TYPE_CHECKING:
    from engine.storage.latent_cache import LatentCache

LENGTH = "length"
"""What a search calls the tokens of a sentence."""
_EXPRESSION = re.compile(r"\s*/(.+)/\s*", re.DOTALL)
_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)(?:"(?!")(.*)|$)', re.DOTALL)
"""A value in quotes, or one that is still typed, and what stands behind it."""
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
        """Which sentences have what is wanted, (n,): a number or a span of them; a category, or all that begin so.

        Also those that have nothing, if that is wanted and no category is called so.
        """
        if self.codes is not None:
            if is_missing(wanted, self.values):
                return self.codes < 0
            return np.isin(self.codes, categories_that(self.values, wanted))
        numbers = self.numbers if self.numbers is not None else np.zeros(0)
        if is_missing(wanted):
            return np.isnan(numbers)
        found = numbers_that(numbers, wanted)
        return np.zeros(len(numbers), np.bool_) if found is None else found

    def wanted_and_rest(self, text: str) -> tuple[str, str]:
        """What is wanted of this column, at the beginning of a text, and what stands behind it."""
        if quoted := _QUOTED.fullmatch(text):
            return quoted[1].replace('""', '"'), (quoted[2] or "").strip()
        return number_and_rest(text) if self.codes is None else category_and_rest(self.values, text)


@dataclass(frozen=True, eq=False)
class Sought:
    """A search taken apart: `text` is to stand in a sentence, or `columns` say what may be beside it instead.

    Each of `columns` is a mask (n,) and the texts that must stand in its sentences, all of them.
    """

    text: str
    columns: tuple[tuple[NDArray[np.bool_], tuple[str, ...]], ...] = ()


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
    columns: list[tuple[NDArray[np.bool_], tuple[str, ...]]] = []
    plain: list[str] = []
    for part in _BARS.split(text):
        found = _by_columns(part, kept)
        if found is None:
            plain.append(part)
        else:
            columns.append(found)
    return Sought("|".join(plain), tuple(columns)) if columns else Sought(text)


def alternatives(text: str) -> list[str]:
    """The parts of a search between its bars, each a search of its own."""
    return [part.strip() for part in _BARS.split(text)]


def expression_of(text: str) -> str | None:
    """The regular expression that a search is, between slashes; None for any other search."""
    found = _EXPRESSION.fullmatch(text)
    return found[1] if found is not None else None


def search_for(column: str, value: str) -> str:
    """The search that finds the sentences of a category."""
    plain = re.fullmatch(r"[^\s\"|]+", value) is not None
    return f"{column}:{value}" if plain else f'{column}:"{value.replace(chr(34), 2 * chr(34))}"'


def told_beside(kept: Sequence[KeptValues], index: int) -> str:
    """What stands beside a sentence, in words; missing values are left out."""
    return " · ".join(f"{title(each.name)}: {said}" for each in kept if (said := each.told(index)))


def _by_columns(part: str, kept: Mapping[str, KeptValues]) -> tuple[NDArray[np.bool_], tuple[str, ...]] | None:
    """What an alternative of a search says of columns, a mask (n,), and the texts around; None if it names none."""
    mask: NDArray[np.bool_] | None = None
    texts: list[str] = []
    rest = part.strip()
    while found := _first_column(rest, kept):
        before, column, behind = found
        wanted, rest = column.wanted_and_rest(behind)
        one = column.mask(wanted)
        mask = one if mask is None else mask & one
        texts.append(before)
    return None if mask is None else (mask, tuple(text for text in (*texts, rest) if text))


def _first_column(text: str, kept: Mapping[str, KeptValues]) -> tuple[str, KeptValues, str] | None:
    """The first column that a text names, with what stands before and behind it.

    Behind other words the value must follow the colon at once, so that a sentence like "the note: hello" can be found.
    """
    if not kept or ":" not in text:
        return None
    names = "|".join(map(re.escape, sorted(kept, key=len, reverse=True)))
    for found in re.finditer(rf"(?<!\S)({names}):", text, re.IGNORECASE):
        before, behind = text[: found.start()].strip(), text[found.end() :]
        if not before or (behind and not behind[0].isspace()):
            folded = found[1].casefold()
            column = kept.get(found[1]) or next((kept[name] for name in kept if name.casefold() == folded), None)
            if column is not None:
                return before, column, behind
    return None
