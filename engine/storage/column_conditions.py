"""What a person wants of a column: a category, or a number or a span of numbers. `positive`, `4`, `>=3`, `2..4`, `2..`.

Also `missing`, for what has no value, unless a category is called that.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?\s*{_NUMBER}")
_SPAN = re.compile(rf"{_NUMBER}\s*\.\.(?:\s*{_NUMBER})?|\.\.\s*{_NUMBER}")
_AT_START = re.compile(rf"\s*(?:{_SPAN.pattern}|{_COMPARED.pattern})(?=\s|$)")
_WORD_END = re.compile(r"(?<=\S)(?=\s|$)")
_LARGEST = 2.0**53
"""Up to which floats are whole numbers one by one."""
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
    """The places of the categories that are wanted: that of just this name; else those of it, case aside; else all that
    begin so."""
    same = " ".join(wanted.split())
    if same in values:
        return [place for place, value in enumerate(values) if value == same]
    folded = [value.casefold() for value in values]
    sought = " ".join(wanted.split()).casefold()
    found = [at for at, value in enumerate(folded) if value == sought]
    return found or [at for at, value in enumerate(folded) if sought and value.startswith(sought)]


def numbers_that(numbers: NDArray[np.float64], wanted: str) -> NDArray[np.bool_] | None:
    """Which numbers (n,) are wanted; a missing one, NaN, never is. None where `wanted` is neither number nor span."""
    wanted = wanted.strip().replace("\N{MINUS SIGN}", "-")
    if span := _span(wanted):
        return (numbers >= span[0]) & (numbers <= span[1])
    if compared := _COMPARED.fullmatch(wanted):
        return _COMPARE[compared[1] or "="](numbers, float(compared[2]))
    return None


def whole_numbers_that(wanted: str) -> tuple[int | None, int | None] | None:
    """The least and the most whole number that is wanted, None for no limit; None where that is no number or span."""
    wanted = wanted.strip()
    if span := _span(wanted):
        low, high = span
    elif compared := _COMPARED.fullmatch(wanted):
        sign, value = compared[1] or "=", float(compared[2])
        low = -math.inf if sign[0] == "<" else math.nextafter(value, math.inf) if sign == ">" else value
        high = math.inf if sign[0] == ">" else math.nextafter(value, -math.inf) if sign == "<" else value
    else:
        return None
    return (
        None if low == -math.inf else math.ceil(min(low, _LARGEST)),
        None if high == math.inf else math.floor(min(max(high, -_LARGEST), _LARGEST)),
    )


def _span(wanted: str) -> tuple[float, float] | None:
    """The ends of a span, as in 2..4, 2.. and ..4; infinite where it is open."""
    found = _SPAN.fullmatch(wanted)
    if found is None:
        return None
    return float(found[1] or -math.inf), float(found[2] or found[3] or math.inf)


def is_number_wanted(wanted: str) -> bool:
    """Whether a span of numbers or a comparison with one is wanted, which no category can meet."""
    plain = wanted.strip().replace("\N{MINUS SIGN}", "-")
    compared = _COMPARED.fullmatch(plain)
    return _SPAN.fullmatch(plain) is not None or (compared is not None and bool(compared[1]))


def turned_span(wanted: str) -> tuple[str, str] | None:
    """The ends of a span as they are written, where the first is the larger; else None."""
    found = _SPAN.fullmatch(wanted.strip().replace("\N{MINUS SIGN}", "-"))
    if found is None or not found[2] or float(found[1]) <= float(found[2]):
        return None
    return found[1], found[2]


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
