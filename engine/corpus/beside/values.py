"""What a cell or a value of a record says: a number, a category, or nothing.

Cells of plain tables are text alone, so that what they say is found out by how they are written. Values of JSON,
Parquet and Excel have types of their own, and a text there is a text, even where it is written like a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

MISSING = frozenset(
    ("", "nan", "-nan", "na", "n/a", "null", "<na>", "<null>", "#n/a", "#na", "#n/a n/a", "\\n", "1.#qnan", "-1.#ind")
)
"""Cells that say that there is no value, as R, pandas, Excel and databases write them, in small letters. "None" is not
among them, as it is a label in many a set of data.
"""
_MISSING_TEXTS = frozenset(("", "nan", "<na>"))
"""The same of texts in records, which have a way of their own to say it: what pandas leaves when it writes texts."""
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})(?:\.\d*)?(?:[eE][+-]?\d{1,3})?|[+-]?\.\d+(?:[eE][+-]?\d{1,3})?")
"""A number with a point. One that begins with 0 is a code, as of a place, and one of more than 15 digits the name of
something: a float would not hold it to the letter.
"""
_EXACT = 1 << 53
_SIMPLE = (str, int, float, type(None))


def simple(value: Any) -> Any:
    """A value of a record as text, number or None: dates as ISO 8601 writes them, lists with commas between."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return (value.date() if midnight and value.tzinfo is None else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    if isinstance(value, Mapping):
        return None
    if isinstance(value, Sequence):
        parts = [category(simple(each)) for each in value]
        return ", ".join(part for part in parts if part is not None) or None
    return str(value)


class Each(list[Any]):
    """The values of a column, one for each text of a record."""


def value_beside(value: Any, name: str, texts: Sequence[str]) -> Any:
    """What a column says of a record: as `simple`, or `Each` where it and the texts are of the same list of objects.

    Args:
        value: of the record, `flat`.
        name: of the column, such as `turns.speaker`.
        texts: the columns of the texts, such as `turns.said`.
    """
    place = name.rpartition(".")[0]
    if isinstance(value, list) and place and len(texts) == 1 and texts[0].rpartition(".")[0] == place:
        return Each(map(simple, value))
    return simple(value)


def cell_value(cell: str) -> str | None:
    """What a cell of a plain table says, without white space around it; None where that is that there is nothing."""
    text = cell.strip()
    return None if text.casefold() in MISSING else text


def category(value: Any) -> str | None:
    """The category that a value of `simple` or `cell_value` names, white space evened out; None where it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = " ".join(str(value).split())
    if text.casefold() in _MISSING_TEXTS:
        return None
    # JSON can spell half a character pair (a lone surrogate), which no file can hold.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def number(value: Any) -> float | None:
    """The number that a value of `simple` is or is written as; None where it is none that a float holds."""
    if isinstance(value, str):
        found = value.strip()
        value = float(found) if _NUMBER.fullmatch(found) else None
    if isinstance(value, int):
        return float(value) if abs(value) <= _EXACT else None
    return value if value is not None and math.isfinite(value) else None
