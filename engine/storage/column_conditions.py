"""What a person wants of a column: a category, or a number or a span of numbers. `positive`, `4`, `>=3`, `2..4`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?\s*{_NUMBER}")
_SPAN = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}")
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
