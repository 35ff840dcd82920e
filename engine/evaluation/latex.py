"""Tables in LaTeX, for the package booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.evaluation.cell_text import printable

_LONG = 30
"""Characters from which the cells of a column are broken into lines."""
_LETTER, _GAP = 0.0125, 0.032
"""Widths of a letter and of the gap at a column, as shares of a text line of an article at 10 point."""
_SIZES = (("", 1.0, 6), ("\\small", 0.9, 6), ("\\footnotesize", 0.8, 4), ("\\scriptsize", 0.7, 3))
"""Sizes of the letters, the largest first: the command, the width of a letter in shares of the usual one, and half a
gap in points."""
_LETTERS = 10
"""Letters of a column of broken lines, at least, for which smaller ones are taken."""

_SPECIAL = {mark: f"\\{mark}" for mark in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",  # as are other marks, it would be set as a quotation mark
    "[": "{[}",  # at the start of a row these two would be taken for an argument of the row above
    "*": "{*}",
    "\n": " ",
    "\t": " ",
    "\N{REPLACEMENT CHARACTER}": "?",
}
_TRANSLATED = str.maketrans(_SPECIAL)
_JOINED = re.compile(r"([-',])(?=\1)")
"""Two of these beside each other would be set as one other sign: a dash, a quotation mark."""


def latex_escape(text: str) -> str:
    """Text as it has to be written for LaTeX to set it as it is."""
    return _JOINED.sub(r"\1{}", printable(text).translate(_TRANSLATED))


def latex_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    caption: str,
    label: str,
    comments: Sequence[str],
) -> str:
    """A float with a table, in smaller letters where the columns would not go into a line otherwise.

    Args:
        headings, rows: as people read them, not escaped.
        numeric: per column, whether it stands at the right.
        caption, label: of the float.
        comments: lines above it, for who reads the source.
    """
    import pandas as pd

    widest = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    long = [width > _LONG for width in widest]
    size, share = _fitting(widest, long)
    layout = "".join(
        f"p{{{share:.2f}\\linewidth}}" if broken else "r" if number else "l"
        for broken, number in zip(long, numeric, strict=True)
    )
    frame = pd.DataFrame(
        [[latex_escape(cell) for cell in row] for row in rows], columns=list(map(latex_escape, headings)), dtype=object
    )
    body: str = frame.to_latex(
        index=False,
        escape=False,
        column_format=layout,
        caption=latex_escape(caption) or None,
        label=label,
        position="htbp",
    )
    body = body.replace("\\begin{tabular}", f"{size}\\begin{{tabular}}", 1)
    return "".join(f"% {' '.join(printable(line).split())}\n" for line in comments) + body


def _fitting(widest: Sequence[int], long: Sequence[bool]) -> tuple[str, float]:
    """The largest letters that go into a line, as commands, and the share of it that a column of broken lines has."""
    narrow = sum(width for width, broken in zip(widest, long, strict=True) if not broken)
    commands, share = "", 0.0
    for command, size, half_gap in _SIZES:
        commands = f"{command}\n\\setlength{{\\tabcolsep}}{{{half_gap}pt}}\n" if command else ""
        share = (1.0 - _LETTER * size * narrow - _GAP * half_gap / 6 * len(widest)) / max(1, sum(long))
        if share >= (_LETTERS * _LETTER * size if any(long) else 0.0):
            break
    return commands, max(0.08, share)
