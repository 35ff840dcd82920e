"""What may stand in the cells of a table, and what single formats cannot hold of it. Pure functions of text."""

from __future__ import annotations

import re

MOST_IN_A_CELL = 32_767
"""Characters that Excel takes in a cell, counted as it counts them: in UTF-16 units."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_FORMULA = re.compile(r"\s*[=+\-@]")
_NO_TEXT = re.compile(r"\s*(?:[=+\-@#.,$€£(\d]|(?:true|false)\s*$)", re.IGNORECASE)
_INSTEAD = "\ufffd"


def one_kind_of_line(text: str) -> str:
    """The text with every end of a line as a line feed."""
    return _LINE_END.sub("\n", text)


def printable(text: str) -> str:
    """The text as people read it: one kind of line end, and U+FFFD for what cannot be seen or is no character."""
    return _CONTROL.sub(_INSTEAD, one_kind_of_line(text))


def in_xml(text: str) -> str:
    """The text with U+FFFD for every character that XML 1.0 cannot hold, escaped or not."""
    return _NOT_XML.sub(_INSTEAD, text.replace("\r\n", "\n").replace("\r", "\n"))


def encodable(text: str) -> str:
    """The text with U+FFFD for the halves of a pair that are alone, which no UTF-8 has."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cut(text: str, most: int = MOST_IN_A_CELL) -> str:
    """The text, or as much as Excel takes of it, with an ellipsis as the last character."""
    if length_in_excel(text) <= most:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)]
    return units.decode("utf-16-le", "ignore") + "…"


def length_in_excel(text: str) -> int:
    """Characters as Excel counts them: one beyond U+FFFF is two."""
    return len(text) + sum(one > "\uffff" for one in text)


def like_a_formula(text: str) -> bool:
    """Whether a spreadsheet that reads this from a file of plain text may calculate it."""
    return _FORMULA.match(text) is not None


def may_not_stay_text(text: str) -> bool:
    """Whether a spreadsheet may take this for a formula, a number, a date or an error, unless it is told otherwise."""
    return _NO_TEXT.match(text) is not None
