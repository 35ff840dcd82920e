"""Texts that read from the right, as they are shown: within a line of ours, in a label, as HTML. No Qt.

Qt goes by the first letter of a text, where `reads_right_to_left` goes by most of them: what differs gets a mark of
Unicode, which has no width. Such marks are for what is shown only: what is copied, sent or written has none.
"""

from __future__ import annotations

import re
import unicodedata

from engine.right_to_left import reads_right_to_left

_FROM_LEFT_MARK, _FROM_RIGHT_MARK = "\u200e", "\u200f"
_ISOLATE, _FROM_LEFT_ISOLATE, _END_OF_ISOLATE = "\u2067", "\u2066", "\u2069"
_QUOTED = re.compile("(?<=“)[^“”]+(?=”)")


def shown(text: str) -> str:
    """A text as it is given to what shows it: marked where its first letter would mislead, quotes each by itself."""
    if text.isascii():
        return text
    first = next((kind for sign in text if (kind := unicodedata.bidirectional(sign)) in ("L", "R", "AL")), "L")
    from_right = reads_right_to_left(text)
    if not from_right:
        text = _QUOTED.sub(lambda found: isolated(found[0]), text)
    if from_right == (first != "L") or text.startswith("<"):  # HTML is told by `directed`
        return text
    return (_FROM_RIGHT_MARK if from_right else _FROM_LEFT_MARK) + text


def isolated(text: str, html: str = "") -> str:
    """A text, or what shows it as HTML, for within a line of ours: its marks stay at its own ends."""
    inner = html or text
    return f"{_ISOLATE}{inner}{_END_OF_ISOLATE}" if reads_right_to_left(text) else inner


def from_left(text: str) -> str:
    """What is noted beside a text from the right, such as a number with its sign: it reads from the left by itself."""
    inner = text.strip()
    if not inner or reads_right_to_left(inner):
        return text
    return text.replace(inner, f"{_FROM_LEFT_ISOLATE}{inner}{_END_OF_ISOLATE}")


def directed(html: str, text: str) -> str:
    """A paragraph of HTML that reads the way of its text; as it is where every letter reads from the left."""
    if text.isascii() or all(unicodedata.bidirectional(sign) not in ("R", "AL") for sign in text):
        return html
    return f'<div dir="{"rtl" if reads_right_to_left(text) else "ltr"}">{html}</div>'
