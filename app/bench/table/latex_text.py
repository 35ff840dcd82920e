"""Text that pdfLaTeX can set with its own fonts and no further package."""

from __future__ import annotations

import unicodedata

_KNOWN = frozenset("ÆØßæøı–—‘’“”…")
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "*"})


def latex_text(text: str) -> str:
    """`text` with every character that stops pdfLaTeX replaced: by its plain letters, or by its code as in U+1F642.

    Accented letters of Western Europe, dashes and typographic quotes stay as they are; signs of arithmetic are written
    as on a keyboard.
    """
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS)
    return "".join(one if _known(one) else _replaced(one) for one in plain)


def _known(one: str) -> bool:
    western = "À" <= one <= "ÿ" and unicodedata.decomposition(one) != ""
    return one.isascii() or one in _KNOWN or western


def _replaced(one: str) -> str:
    if unicodedata.category(one) in ("Mn", "Cf"):  # accents without a letter, joiners and variation selectors
        return ""
    plain = unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode()
    return plain or f"U+{ord(one):04X}"
