"""How a table of plain text is written: what separates its cells, and how quotes are written in it.

It is found out from the first lines, never from the name of the file alone: the sign that cuts all rows into most
cells, or else the one that CleverCSV takes for likely; quotes enclose cells if all rows can be read so by the letter.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.corpus.reading import HUGE, SEPARATORS

SIGNS = {sign: name for name, sign in SEPARATORS.items()}
"""The names of the signs that separate cells."""
UNFIT = 0.05
"""Share of the rows looked at that may have other than the usual number of cells."""
_NAMED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)"}
_ESCAPED = re.compile(r"\\([\\nrt])")
_WRITTEN = {"\\": "\\\\", "n": "\n", "r": "\n", "t": " "}
_EVIDENCE = 3
"""Cells in quotes that have a comma, where none without quotes has one, from which on that is no chance."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: what separates the cells ("" for one column), and how quotes are written.

    `quoted` says that quotes enclose cells; a quote within one is then doubled, or `escaped` by a backslash.
    """

    separator: str
    quoted: bool = False
    escaped: bool = False

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of lines without their ends; empty lines are none. Raises csv.Error where quotes do not fit."""
        if not self.quoted:
            yield from (self._plain(line) for line in lines if line.strip())
            return
        csv.field_size_limit(2 * HUGE)
        reader = csv.reader(
            (self._unescaped(line) + "\n" for line in lines),  # the reader needs the ends of lines within quotes
            delimiter=self.separator or "\x1f",  # one is asked for, and this stands in no text
            doublequote=not self.escaped,
            escapechar="\\" if self.escaped else None,
            skipinitialspace=self.separator not in ("", "\t"),
            strict=True,
        )
        yield from filter(None, reader)

    def _plain(self, line: str) -> list[str]:
        """The cells of a line in which quotes are letters, but for a cell that a spreadsheet has put in quotes."""
        return [_unquoted(cell) for cell in line.split(self.separator)] if self.separator else [line]

    def _unescaped(self, line: str) -> str:
        """A line with the line ends and tabs that are written behind backslashes, as quotes are."""
        return _ESCAPED.sub(lambda found: _WRITTEN[found[1]], line) if self.escaped and "\\" in line else line

    @property
    def words(self) -> str:
        """What was found, in words."""
        cells = f"{_NAMED[self.separator]} separate the cells" if self.separator else "there is one column"
        how = ', quotes in cells are written \\"' if self.escaped else ""
        return cells + how


def found_dialect(sample: Sequence[str], tabs: bool, separator: str = "") -> Dialect:
    """How a table is written whose first lines these are.

    Args:
        sample: lines that are not empty.
        tabs: whether the name of the file says that tabs separate the cells.
        separator: what a person or the file itself says that it is, "" if neither does.
    """
    separators = [each for each in SIGNS if each in sample[0]]
    if separator:
        pass
    elif tabs and "\t" in separators:
        separator = "\t"
    elif len(separators) > 1:
        separator = _weighed(sample, separators)
    else:
        separator = next(iter(separators), "")
    plain = separator == "\t" or (tabs and not separator)  # quotes may be letters there, as tabs need none
    if not any('"' in line for line in sample):
        return Dialect(separator, not plain)
    escapes = (False, True) if any('\\"' in line for line in sample) else (False,)
    quoted = [Dialect(separator, True, escaped) for escaped in escapes]
    fitting = [each for each in quoted if _fits(each, sample)]
    if fitting and (not plain or _needed(fitting[0], sample)):
        return fitting[0]
    return Dialect(separator, not plain)


def others_as_good(dialect: Dialect, sample: Sequence[str]) -> list[Dialect]:
    """The dialects with another sign that cut all rows of a sample into as many cells."""
    width = width_of(dialect, sample)
    signs = [sign for sign in SIGNS if sign != dialect.separator and sign in sample[0]] if width > 1 else []
    return [each for sign in signs if width_of(each := found_dialect(sample, False, sign), sample) == width]


def width_of(dialect: Dialect, sample: Sequence[str]) -> int:
    """How many cells all rows of a sample have, whose last one may be cut off; 0 where they differ or do not fit."""
    if not _fits(dialect, sample):
        return 0
    widths: set[int] = set()
    with suppress(csv.Error):
        widths.update(map(len, dialect.rows(sample)))
    return widths.pop() if len(widths) == 1 else 0


def _weighed(sample: Sequence[str], separators: Sequence[str]) -> str:
    """What separates the cells, of several that could: what cuts all rows into most cells; or else what is likely."""
    widths = {sign: width_of(found_dialect(sample, False, sign), sample) for sign in separators}
    widest = max(widths.values())
    if widest > 1:
        return next(sign for sign, width in widths.items() if width == widest)
    import clevercsv  # brings much, and is needed for such tables only

    found = clevercsv.Detector().detect("\n".join(sample), delimiters=list(separators))
    weighed = found.delimiter if found is not None else None
    return weighed if weighed is not None and weighed in separators else separators[0]


def _needed(dialect: Dialect, sample: Sequence[str]) -> bool:
    """Whether a sample has what only quotes keep together: a quote written twice, or a cell with a separator or a line
    end in it; or if all cells of the first line are in quotes, or those with a comma and no others, as Excel writes
    them between tabs. A single cell in quotes may be something that is said.
    """
    first = sample[0].split(dialect.separator) if dialect.separator else [sample[0]]
    if any('""' in line for line in sample) or all(map(_is_enclosed, first)):
        return True
    with suppress(csv.Error):  # the last row may be cut off
        for row in dialect.rows(sample):
            if any("\n" in cell or (dialect.separator and dialect.separator in cell) for cell in row):
                return True
    cells = [cell for line in sample for cell in line.split(dialect.separator)] if dialect.separator else []
    enclosed = [cell for cell in cells if _is_enclosed(cell)]
    with_comma = [cell for cell in cells if "," in cell]
    return len(enclosed) >= _EVIDENCE and enclosed == with_comma


def _is_enclosed(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'


def _fits(dialect: Dialect, sample: Sequence[str]) -> bool:
    """Whether the quotes of a sample, whose last row may be cut off, are written so."""
    widths: Counter[int] = Counter()
    try:
        for row in dialect.rows(sample):
            widths[len(row)] += 1
    except csv.Error as error:
        return "end of data" in str(error) and widths.total() > (1 - UNFIT) * len(sample)
    odd = widths.total() - max(widths.values(), default=0)
    return odd <= max(1, UNFIT * widths.total())  # the first row may have a cell less


def _unquoted(cell: str) -> str:
    inner = cell[1:-1]
    whole = len(cell) > 4 and cell[0] == cell[-1] == '"' and '""' in inner and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if whole else cell
