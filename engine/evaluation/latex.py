"""Tables in LaTeX, for the packages booktabs, longtable and pdflscape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from unicodedata import category, normalize

from engine.evaluation.cell_text import printable

_LONG = 30
"""Characters from which the cells of a column are broken into lines."""
_LETTER, _GAP = 0.0125, 0.032
"""Widths of a letter and of the gap at a column, as shares of a text line of an article at 10 point."""
_SIZES = (
    ("", 1.0, 6, 12.0),
    ("\\small", 0.9, 6, 11.0),
    ("\\footnotesize", 0.8, 4, 9.5),
    ("\\scriptsize", 0.7, 3, 8.0),
)
"""Sizes of the letters, the largest first: the command, the width of a letter in shares of the usual one, half a gap
and the leading in points."""
_PAGE, _PAGE_ACROSS = 450.0, 280.0
"""Height of what a page holds beneath a caption in such an article, upright and across, in points."""
_ACROSS = 1.5
"""Length of a line along the page, in text lines."""
_PACKAGES = {"booktabs": "\\toprule", "longtable": "\\begin{longtable}", "pdflscape": "\\begin{landscape}"}
"""Packages, and what in a table needs each."""
_LETTERS, _LETTERS_ACROSS = 10, 30
"""Letters of a column of broken lines, at least, for which smaller ones are taken; where lines run along the page."""

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
    "μ": r"\ensuremath{\mu}",
    "σ": r"\ensuremath{\sigma}",
    "β": r"\ensuremath{\beta}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≈": r"\ensuremath{\approx}",
    "∞": r"\ensuremath{\infty}",
    "−": r"\ensuremath{-}",
    "\u200b": "",  # a place where a line may break, a joiner of words, a mark of the order of bytes
    "\u2060": "",
    "\ufeff": "",
}
_TRANSLATED = str.maketrans(_SPECIAL)
_TIED = "\N{NO-BREAK SPACE}"
_JOINED = re.compile(r"([-',])(?=\1)")
"""Two of these beside each other would be set as one other sign: a dash, a quotation mark."""
_SET_BY_PDFLATEX = (
    r"\u00a0-\u00ac\u00ae-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165\u0168-\u017e\u0192"
    r"\u01c4-\u01d4\u01e2-\u01e3\u01e6-\u01eb\u01f0\u01f4-\u01f5\u0218-\u021b\u0232-\u0233\u0237"
    r"\u02c6-\u02c7\u02d8-\u02d9\u02db-\u02dd\u0e3f\u1e02-\u1e03\u1e0d\u1e1e-\u1e21\u1e25\u1e30-\u1e31"
    r"\u1e37\u1e43\u1e45\u1e47\u1e5b\u1e63\u1e6d\u1e8e-\u1e91\u1e9e\u1ef2-\u1ef3\u2010-\u2016\u2018-\u201a"
    r"\u201c-\u201e\u2020-\u2022\u2026\u2030-\u2031\u2039-\u203b\u203d\u2044\u204e\u2052\u20a1\u20a4\u20a6"
    r"\u20a9\u20ab-\u20ac\u20b1\u2103\u2116-\u2117\u211e\u2120\u2122\u2126-\u2127\u212e\u2190-\u2193"
    r"\u2329-\u232a\u2422-\u2423\u25e6\u25ef\u266a\u27e8-\u27e9"
)
"""What pdfLaTeX sets of all that is not ASCII, in the encoding T1, tried sign by sign with TeX Live 2022."""
_BEYOND = re.compile(rf"[^\x00-\x7f{_SET_BY_PDFLATEX}]+")
_GO_ON = "\\expandafter\\def\\csname UTFviii@undefined@err\\endcsname#1{?}"
"""Within the float, has pdfLaTeX set a question mark for a sign at which it would stop. Others do not know it."""
_BEYOND_NOTES = (
    "pdfLaTeX sets ? for signs that it does not know; take LuaLaTeX or XeLaTeX, fontspec and a font that has them",
    "from right to left: LuaLaTeX with \\usepackage[bidi=basic]{babel}",
)


def latex_escape(text: str) -> str:
    """Text as it has to be written for LaTeX to set it as it is."""
    spaced = "".join(" " if category(sign) == "Zs" and sign != _TIED else sign for sign in printable(text))
    return _JOINED.sub(r"\1{}", normalize("NFC", spaced).translate(_TRANSLATED))


def beyond_pdflatex(text: str) -> bool:
    """Whether pdfLaTeX has no sign for some of the text."""
    return _BEYOND.search(latex_escape(text)) is not None


@dataclass(frozen=True, slots=True)
class _Layout:
    """How columns go into a line.

    Attributes:
        headings: the lines of each.
        broken: columns whose cells are broken into lines.
        commands: for the size of the letters.
        letter: width of one, as a share of a text line.
        share: of a text line that a broken column has.
        leading: from line to line, points.
        fits: whether all of it goes into a line.
        across: whether the line runs along the page.
    """

    headings: Sequence[Sequence[str]]
    broken: Sequence[bool]
    commands: str
    letter: float
    share: float
    leading: float
    fits: bool
    across: bool = False

    def is_longer_than_a_page(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether these rows are, with the heading and a caption."""
        letters = max(1, int(self.share / self.letter))
        lines = sum(
            max(len(wrap(cell, letters)) if broken else 1 for cell, broken in zip(row, self.broken, strict=True))
            for row in rows
        )
        lines += max(map(len, self.headings), default=1)
        return lines * self.leading > (_PAGE_ACROSS if self.across else _PAGE)


def latex_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    caption: str,
    label: str,
    comments: Sequence[str],
) -> str:
    """A float with a table, in smaller letters where the columns would not go into a line otherwise.

    Where it is longer than a page it is no float, but goes on from page to page; if its columns do not go into a line
    either, there is one for all rows that begin with the same cell, with what these have in common in its caption. What
    goes into no line even so has lines along the page.

    Args:
        headings, rows: as people read them, not escaped.
        numeric: per column, whether it stands at the right.
        caption, label: of the float.
        comments: lines above it, for who reads the source.
    """
    parts = [(headings, rows, numeric, caption, label)]
    layout = _laid_out(headings, rows)
    if not layout.fits and layout.is_longer_than_a_page(rows):
        parts = list(_parted(headings, rows, numeric, caption, label)) or parts
    body = "\n".join(_table(*part) for part in parts)
    packages = [each for each, sign in _PACKAGES.items() if sign in body]
    needs = f"needs \\usepackage{{{','.join(packages)}}}, and \\usepackage[T1]{{fontenc}} with pdfLaTeX"
    comments = [needs, *comments]
    if any(map(beyond_pdflatex, (caption, *headings, *(cell for row in rows for cell in row)))):
        comments += _BEYOND_NOTES
    return "".join(f"% {' '.join(printable(line).split())}\n" for line in comments) + body


def _parted(
    headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], caption: str, label: str
) -> Iterator[tuple[Sequence[str], Sequence[Sequence[str]], Sequence[bool], str, str]]:
    """The arguments of `_table` for rows that begin alike, without columns that have one cell in each part, or none.

    Nothing where the rows do not share their beginnings.
    """
    groups = [list(group) for _, group in groupby(rows, key=itemgetter(0))]
    if len(groups) == len(rows):
        return
    columns = range(len(headings))
    common = [at for at in columns if all(len({row[at] for row in group}) == 1 for group in groups)]
    for number, group in enumerate(groups, start=1):
        kept = [at for at in columns if at not in common and any(row[at] for row in group)]
        said = ", ".join(f"{headings[at]} {group[0][at]}" for at in common if group[0][at])
        yield (
            [headings[at] for at in kept],
            [[row[at] for at in kept] for row in group],
            [numeric[at] for at in kept],
            f"{caption} {said[:1].upper()}{said[1:]}.".strip(),
            f"{label}-{number}" if len(groups) > 1 else label,
        )


def _laid_out(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> _Layout:
    """The largest letters with which it goes into a line; headings are stacked if need be."""
    cells = [max(map(len, column), default=0) for column in (zip(*rows, strict=True) if rows else [()] * len(headings))]
    lines = [[heading] for heading in headings]
    long = [max(width, len(heading)) > _LONG for width, heading in zip(cells, headings, strict=True)]
    layout = _fitting(cells, lines, long)
    if layout.fits:
        return layout
    lines = [
        [heading] if broken else wrap(heading, max(width, _LETTERS), break_long_words=False) or [heading]
        for heading, width, broken in zip(headings, cells, long, strict=True)
    ]
    return _fitting(cells, lines, long)


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], caption: str, label: str
) -> str:
    """One table, without comments. Arguments as of `latex_table`."""
    import pandas as pd

    layout = _laid_out(headings, rows)
    if not layout.fits:
        cells = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
        layout = replace(_fitting(cells, layout.headings, layout.broken, _ACROSS, _LETTERS_ACROSS), across=True)
    columns = "".join(
        f"p{{{layout.share / (_ACROSS if layout.across else 1):.2f}\\linewidth}}" if broken else "r" if number else "l"
        for broken, number in zip(layout.broken, numeric, strict=True)
    )
    frame = pd.DataFrame(
        [[latex_escape(cell) for cell in row] for row in rows],
        columns=[_stacked(each, number) for each, number in zip(layout.headings, numeric, strict=True)],
        dtype=object,
    )
    long = layout.is_longer_than_a_page(rows)
    body: str = frame.to_latex(
        index=False,
        escape=False,
        column_format=columns,
        # What goes to a list of tables is read there, where nothing is set for signs that are not known.
        caption=(latex_escape(caption), _BEYOND.sub("?", latex_escape(caption)))
        if beyond_pdflatex(caption)
        else latex_escape(caption) or None,
        label=label,
        position=None if long else "htbp",
        longtable=long,
    )
    go_on = any(map(beyond_pdflatex, (caption, *headings, *(cell for row in rows for cell in row))))
    if long:
        body = f"{{{_GO_ON if go_on else ''}{layout.commands or chr(10)}{body}}}\n"
    else:
        if go_on:
            body = body.replace("\\begin{table}[htbp]\n", f"\\begin{{table}}[htbp]\n{_GO_ON}\n", 1)
        body = body.replace("\\begin{tabular}", f"{layout.commands}\\begin{{tabular}}", 1)
    return f"\\begin{{landscape}}\n{body}\\end{{landscape}}\n" if layout.across else body


def _widest(cells: Sequence[int], lines: Sequence[Sequence[str]]) -> list[int]:
    """Letters of each column, from those of its widest cell and the lines of its heading."""
    return [max(width, *map(len, each)) for width, each in zip(cells, lines, strict=True)]


def _stacked(lines: Sequence[str], number: bool) -> str:
    """The lines of a heading, one above the other where there are several."""
    escaped = [latex_escape(line) for line in lines]
    if len(lines) == 1:
        return escaped[0]
    above = "\\\\".join(escaped)
    return f"\\begin{{tabular}}[b]{{@{{}}{'r' if number else 'l'}@{{}}}}{above}\\end{{tabular}}"


def _fitting(
    cells: Sequence[int],
    lines: Sequence[Sequence[str]],
    long: Sequence[bool],
    room: float = 1.0,
    letters: int = _LETTERS,
) -> _Layout:
    """The largest letters that go into a line; the smallest where none do.

    Args:
        cells: letters of the widest cell of each column.
        lines: of each heading.
        long: columns whose cells are broken into lines.
        room: length of a line, in text lines.
        letters: that a broken column has at least.
    """
    widest = _widest(cells, lines)
    narrow = sum(width for width, broken in zip(widest, long, strict=True) if not broken)
    layout = _Layout(lines, long, "", _LETTER, 0.0, 12.0, False)
    for command, size, half_gap, leading in _SIZES:
        commands = f"{command}\n\\setlength{{\\tabcolsep}}{{{half_gap}pt}}\n" if command else ""
        letter = _LETTER * size
        share = (room - letter * narrow - _GAP * half_gap / 6 * len(widest)) / max(1, sum(long))
        fits = share >= (letters * letter if any(long) else 0.0)
        layout = _Layout(lines, long, commands, letter, max(0.08, share), leading, fits)
        if fits:
            break
    return layout
