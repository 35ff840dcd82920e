"""What formats cannot hold, character by character."""

from __future__ import annotations

from xml.parsers import expat

import pytest

from engine.evaluation.cell_text import cut, encodable, in_xml, length_in_excel, like_a_formula, printable


def readable(text: str) -> bool:
    """Whether an XML parser takes a text."""
    try:
        expat.ParserCreate().Parse(f"<t>{text}</t>".encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True


def test_exactly_what_xml_cannot_hold_is_replaced() -> None:
    for code in (*range(0x300), *range(0xD700, 0xE100), *range(0xFF00, 0x10100), 0x1FFFE, 0x10FFFF):
        one = chr(code)
        if one not in "<&\r":
            assert (in_xml(one) == one) == readable(one), hex(code)


def test_lines_end_in_one_way_and_nothing_is_invisible() -> None:
    assert printable("a\r\nb\rc\u2028d\x85e\tf\0") == "a\nb\nc\nd\ne\tf\ufffd"


def test_halves_of_characters_are_replaced_and_whole_ones_are_not() -> None:
    assert encodable("a\ud83d b \U0001f642\ude42") == "a\ufffd b \U0001f642\ufffd"
    assert encodable("\ufeffmark") == "\ufeffmark"


@pytest.mark.parametrize(
    ("text", "most", "left"), [("abcd", 4, "abcd"), ("abcde", 4, "abc…"), ("a\U0001f642bc", 4, "a\U0001f642…")]
)
def test_a_text_is_cut_between_characters(text: str, most: int, left: str) -> None:
    assert cut(text, most) == left
    assert length_in_excel(left) <= most


def test_what_a_spreadsheet_calculates() -> None:
    assert all(map(like_a_formula, ["=1", "+1", "-1", "@a", " =1", "\t=1"]))
    assert not any(map(like_a_formula, ["", "a=1", "#N/A", "1-1", "'=1"]))
