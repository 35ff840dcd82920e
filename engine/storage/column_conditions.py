"""What a person wants of a column: a category, or a number or a span of numbers. `positive`, `4`, `>=3`, `2..4`.

Also `missing`, for what has no value, unless a category is called that.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?\s*{_NUMBER}")
_SPAN = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}")
_AT_START = re.compile(rf"\s*(?:{_SPAN.pattern}|{_COMPARED.pattern})(?=\s|$)")
_WORD_END = re.compile(r"(?<=\S)(?=\s|$)")
MISSING = "missing"
"""What a legend calls sentences without a value, and what finds them."""
_COMPARE: Mapping[str, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


def categories_that(values: Sequence[str], wanted: str) -> list[int]:
    """The places of the categories that are wanted: the one of that name, else all that begin so; case aside."""
    folded = [value.casefold() for value in values]
    sought = " ".join(wanted.split()).casefold()
    found = [at for at, value in enumerate(folded) if value == sought]
    return found or [at for at, value in enumerate(folded) if sought and value.startswith(sought)]


def numbers_that(numbers: NDArray[np.float64], wanted: str) -> NDArray[np.bool_] | None:
    """Which numbers (n,) are wanted; a missing one, NaN, never is. None where `wanted` is neither number nor span."""
    wanted = wanted.strip().replace("\N{MINUS SIGN}", "-")
    if span := _SPAN.fullmatch(wanted):
        return (numbers >= float(span[1])) & (numbers <= float(span[2]))
    if compared := _COMPARED.fullmatch(wanted):
        return _COMPARE[compared[1] or "="](numbers, float(compared[2]))
    return None


def is_missing(wanted: str, values: Sequence[str] = ()) -> bool:
    """Whether what has no value is wanted; never where one of the categories `values` has that name."""
    return wanted.strip().casefold() == MISSING and all(value.casefold() != MISSING for value in values)


def number_and_rest(text: str) -> tuple[str, str]:
    """The condition on numbers that a text begins with, and the words behind it.

    Where it begins with none, its first word is taken for one, which no number meets.
    """
    if found := _AT_START.match(text.replace("\N{MINUS SIGN}", "-")):
        return text[: found.end()].strip(), text[found.end() :].strip()
    return _first_word(text)


def category_and_rest(values: Sequence[str], text: str) -> tuple[str, str]:
    """The category that a text begins with, and the words behind it; case aside.

    It is the whole text where a category is called so or begins so; else the longest name of a category that the text
    begins with, up to the end of a word; else its first word.
    """
    if categories_that(values, text):
        return text.strip(), ""
    names = {" ".join(value.split()).casefold() for value in values}
    for end in reversed([found.start() for found in _WORD_END.finditer(text)]):
        if " ".join(text[:end].split()).casefold() in names:
            return text[:end].strip(), text[end:].strip()
    return _first_word(text)


def _first_word(text: str) -> tuple[str, str]:
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()
