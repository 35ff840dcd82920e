"""Which way a text reads. Unicode goes by the first letter; here most letters decide, so that a Hebrew sentence that
begins with a name in Latin letters is a Hebrew sentence.
"""

from __future__ import annotations

import re

_FROM_RIGHT = re.compile(
    "[\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Signs of Hebrew, Arabic, Syriac, Thaana, N'Ko and their relatives, but for digits, which read from the left."""
_QUOTED = re.compile("“[^“”]*”")


def reads_right_to_left(text: str) -> bool:
    """Whether at least half of the letters of a text are of a script that reads from the right.

    What is quoted in “ ” is a guest in the text around it, and counts only where there is none.
    """
    if text.isascii() or _FROM_RIGHT.search(text) is None:
        return False
    letters = [sign for sign in _QUOTED.sub("", text) if sign.isalpha()] or [sign for sign in text if sign.isalpha()]
    return 2 * sum(_FROM_RIGHT.match(sign) is not None for sign in letters) >= len(letters) > 0
