"""What is wrong with a field of a survey's or a respondent's file, in our own words."""

from __future__ import annotations

from pydantic import ValidationError

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is no field of such a file",
    "string_pattern_mismatch": "is not written as such files have it",
    "string_too_long": "is too long",
    "literal_error": "is none of the values that can stand there",
    "greater_than_equal": "is too small a number",
    "less_than_equal": "is too large a number",
    "too_short": "has too few entries",
    "too_long": "has too many entries",
}


def wrong_field(error: ValidationError) -> str:
    """The first field that is wrong, and why: `answers.0.answer is none of the values that can stand there`."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "value_error":  # raised by a check of our own
        said = first["msg"].removeprefix("Value error, ")
        return f"{where}: {said}" if where else said
    return f"{where} {_WORDS.get(first['type'], 'is not of the kind that stands there')}"
