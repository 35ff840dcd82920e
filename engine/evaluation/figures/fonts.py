"""Fonts of figures: which have the signs of a text, and the one that an SVG brings along.

The font is DejaVu Sans, which comes with matplotlib, so figures look the same on every machine. Where a label has
signs that it lacks, the fonts of this machine are asked. PDF embeds the signs used as TrueType. An SVG keeps its text
as text and holds the same signs of DejaVu Sans as a web font, so that words stand where they were laid out.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable
from functools import lru_cache

FAMILY = "DejaVu Sans"
_JOINED_FROM = 0x0590
"""From here on there are scripts whose letters take other forms beside each other."""
_LAST_RESORT = "Last Resort"
"""A font that comes with matplotlib: it has a box for every sign there is."""


def families(texts: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """The fonts to draw texts with, in the order in which they are asked, and the signs that none of them has."""
    signs = {sign for text in texts for sign in text if not sign.isspace()}
    missing = {sign for sign in signs if ord(sign) not in _signs_of(_file())}
    chosen = [FAMILY]
    if missing:
        from matplotlib.font_manager import fontManager

        others = {
            each.name: each.fname
            for each in fontManager.ttflist
            if each.style == "normal" and each.weight == 400 and not each.name.startswith(_LAST_RESORT)
        }
        while missing and others:
            have = {name: {sign for sign in missing if ord(sign) in _signs_of(file)} for name, file in others.items()}
            best = max(sorted(have), key=lambda name: len(have[name]))
            if not have[best]:
                break
            chosen.append(best)
            missing -= have[best]
            del others[best]
    return tuple(chosen), "".join(sorted(missing))


def with_font(svg: str, name: str) -> str:
    """An SVG of matplotlib's, with the signs of its texts embedded as a font of the figure's own."""
    family = f"Loom {name}"
    shown = html.unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))
    face = (
        f"@font-face{{font-family:'{family}';"
        f"src:url(data:font/woff;base64,{base64.b64encode(_subset(shown)).decode()}) format('woff')}}"
    )
    svg = svg.replace(f"font-family: '{FAMILY}'", f"font-family: '{family}', '{FAMILY}'")
    return svg.replace("<defs>", f'<defs>\n  <style type="text/css">{face}</style>', 1)


def _subset(text: str) -> bytes:
    """DejaVu Sans with only the signs of a text, as WOFF; the same bytes each time."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(flavor="woff", notdef_outline=True, hinting=False, layout_features=["*"])
    options.drop_tables += ["FFTM"]  # dates of the font file; the library would warn of it
    if all(ord(sign) < _JOINED_FROM for sign in text):
        options.drop_tables += ["GSUB", "GPOS", "GDEF"]  # whose reading takes nearly all of the time
    font = TTFont(_file(), recalcTimestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(text=text + " ")
    chosen.subset(font)
    font.flavor = "woff"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


@lru_cache(1)
def _file() -> str:
    from matplotlib import get_data_path

    return f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"


@lru_cache(256)
def _signs_of(file: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(file).get_charmap())
    except (OSError, RuntimeError):  # a font file that is damaged, or of a kind that FreeType was built without
        return frozenset()
