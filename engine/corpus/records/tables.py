"""Texts in tables of plain text: CSV, TSV and their relatives.

How a table is written is found out from its first lines, never from the name of its file alone: what separates the
cells (with CleverCSV, which weighs how evenly each candidate cuts the rows), whether quotes enclose cells, and how a
quote within a cell is written. Whether the first line names the columns is told by what stands in it. What was found
is noted, and a table whose rows do not fit is refused with the line where that shows.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from engine.corpus.lines import line_blocks
from engine.corpus.reading import BATCH, HUGE, SEPARATORS, Blocks, Reading
from engine.corpus.records.columns import SAMPLE, cleaned, text_key
from engine.errors import LoomError, UsageError

_SIGNS = {sign: name for name, sign in SEPARATORS.items()}
_NAMED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)"}
_NAME = re.compile(r"[\w(](?:[\w \-/#%()&+]|\.(?=\w))*")
_TOLD = re.compile(r"sep=([,;|\t])", re.IGNORECASE)
"""What Excel reads in the first line: which sign separates the cells."""
_LINES = 500
"""Lines that are looked at."""
_LETTERS = 200_000
_FEWEST = 3
"""Lines from which on a table may leave a doubt."""
_UNFIT = 0.05
"""Share of the rows looked at that may have more cells than the first line."""
_TABLE = 0.95
"""Share of the lines of a text file that have as many tabs as the first, if it is a table."""


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
            (line + "\n" for line in lines),  # the reader needs the ends of lines within quotes
            delimiter=self.separator or "\x1f",  # one is asked for, and this stands in no text
            doublequote=not self.escaped,
            escapechar="\\" if self.escaped else None,
            strict=True,
        )
        yield from filter(None, reader)

    def _plain(self, line: str) -> list[str]:
        """The cells of a line in which quotes are letters, but for a cell that a spreadsheet has put in quotes."""
        return [_unquoted(cell) for cell in line.split(self.separator)] if self.separator else [line]

    @property
    def words(self) -> str:
        """What was found, in words."""
        cells = f"{_NAMED[self.separator]} separate the cells" if self.separator else "there is one column"
        how = ', quotes in cells are written \\"' if self.escaped else ""
        return cells + how


def table_texts(path: Path, reading: Reading, *, tabs: bool) -> Blocks:
    """Yield the texts of a table.

    Args:
        path: of the file.
        reading: is told what was found out.
        tabs: whether its name says that tabs separate the cells.

    Raises:
        LoomError: the rows do not fit together, a quote is never closed, or no column holds text.
        UsageError: several columns could be meant, or several signs could separate the cells.
    """
    lines = chain.from_iterable(line_blocks(path, reading, numbered=True))
    head = _head(lines)
    sample = [line for line in head if line.strip()]
    told = _TOLD.fullmatch(sample[0].strip(" ")) if sample else None
    if told is not None:
        head[head.index(sample.pop(0))] = ""
    if not sample:
        return
    asked = SEPARATORS[reading.separator] if reading.separator is not None else told[1] if told is not None else ""
    dialect = found_dialect(sample, tabs, asked)
    reading.parted = _SIGNS.get(dialect.separator, "")
    if not asked:
        _refuse_doubt(path, sample, dialect)
    rows = _checked_rows(path, chain(head, lines), dialect)
    first = list(islice(rows, SAMPLE + 1))
    names = _names(first)
    header = names is not None
    usual = Counter(map(len, first)).most_common(1)[0][0]
    names = names or [str(place) for place in range(1, usual + 1)]
    if dialect.separator != ("\t" if tabs else ",") and reading.separator is None:
        reading.note(f"{path.name}: {dialect.words}.")
    if not header:
        reading.note(f"The first line of {path.name} names no columns; they are called {', '.join(names)}.")
    body = first[1:] if header else first
    _refuse_unfit(path, body, names, dialect, header)
    column = names.index(text_key([dict(zip(names, row, strict=False)) for row in body], str(path), reading, names))
    for batch in _in_batches(chain(body, rows)):
        fitting = [row for row in batch if len(row) <= len(names)]
        if len(fitting) < len(batch):
            reading.dropped["wide_row"] += len(batch) - len(fitting)
        yield cleaned([row[column] if column < len(row) else None for row in fitting], reading)


def _head(lines: Iterator[str]) -> list[str]:
    """The lines that are looked at."""
    head: list[str] = []
    letters = 0
    for line in lines:
        head.append(line)
        letters += len(line)
        if len(head) >= _LINES or letters > _LETTERS:
            break
    return head


def looks_like_table(lines: Sequence[str]) -> bool:
    """Whether lines of a text file are rows of cells with tabs between them."""
    lines = [line for line in lines if line.strip()]
    tabs = lines[0].count("\t") if lines else 0
    return tabs > 0 and sum(line.count("\t") == tabs for line in lines) >= _TABLE * len(lines) and len(lines) > 1


def found_dialect(sample: Sequence[str], tabs: bool, separator: str = "") -> Dialect:
    """How a table is written whose first lines these are.

    Args:
        sample: lines that are not empty.
        tabs: whether the name of the file says that tabs separate the cells.
        separator: what a person or the file itself says that it is, "" if neither does.
    """
    separators = [each for each in _SIGNS if each in sample[0]]
    if separator:
        pass
    elif tabs and "\t" in separators:
        separator = "\t"
    elif len(separators) > 1:
        separator = _weighed(sample, separators)
    else:
        separator = next(iter(separators), "")
    plain = separator == "\t" or tabs  # quotes may be letters there, as tabs need none
    if not any('"' in line for line in sample):
        return Dialect(separator, not plain)
    escapes = (False, True) if any('\\"' in line for line in sample) else (False,)
    quoted = [Dialect(separator, True, escaped) for escaped in escapes]
    fitting = [each for each in quoted if _fits(each, sample)]
    if fitting and (not plain or _needed(fitting[0], sample)):
        return fitting[0]
    return Dialect(separator, not plain)


def _refuse_doubt(path: Path, sample: Sequence[str], dialect: Dialect) -> None:
    """Refuse a table whose rows another sign would cut into as many cells, unless these have tabs between them."""
    if dialect.separator in ("", "\t") or len(sample) < _FEWEST:
        return
    others = [found_dialect(sample, False, sign) for sign in _SIGNS if sign != dialect.separator and sign in sample[0]]
    width = _width(dialect, sample)
    ways = [dialect, *(way for way in others if width > 1 and _width(way, sample) == width)]
    if len(ways) > 1:
        first = [", ".join(map(repr, next(way.rows(sample[:1])))) for way in ways]
        told = "; ".join(f"{_NAMED[way.separator]} give {cells}" for way, cells in zip(ways, first, strict=True))
        raise UsageError(
            f"Several signs could separate the cells of {path}: {told}.",
            f"Say which with --separator NAME: {', '.join(_SIGNS[way.separator] for way in ways)}.",
        )


def _weighed(sample: Sequence[str], separators: Sequence[str]) -> str:
    """What separates the cells, of several that could: what cuts all rows into most cells; or else what is likely."""
    widths = {sign: _width(found_dialect(sample, False, sign), sample) for sign in separators}
    widest = max(widths.values())
    if widest > 1:
        return next(sign for sign, width in widths.items() if width == widest)
    import clevercsv  # brings much, and is needed for such tables only

    found = clevercsv.Detector().detect("\n".join(sample), delimiters=list(separators))
    weighed = found.delimiter if found is not None else None
    return weighed if weighed is not None and weighed in separators else separators[0]


def _needed(dialect: Dialect, sample: Sequence[str]) -> bool:
    """Whether a sample has what only quotes keep together: a quote written twice, or a cell with a separator or a line
    end in it; or if all cells of the first line are in quotes. A single cell in quotes may be something that is said.
    """
    cells = sample[0].split(dialect.separator) if dialect.separator else [sample[0]]
    if any('""' in line for line in sample) or all(len(each) > 1 and each[0] == each[-1] == '"' for each in cells):
        return True
    with suppress(csv.Error):  # the last row may be cut off
        for row in dialect.rows(sample):
            if any("\n" in cell or (dialect.separator and dialect.separator in cell) for cell in row):
                return True
    return False


def _width(dialect: Dialect, sample: Sequence[str]) -> int:
    """How many cells all rows of a sample have, whose last one may be cut off; 0 where they differ or do not fit."""
    if not _fits(dialect, sample):
        return 0
    widths: set[int] = set()
    with suppress(csv.Error):
        widths.update(map(len, dialect.rows(sample)))
    return widths.pop() if len(widths) == 1 else 0


def _fits(dialect: Dialect, sample: Sequence[str]) -> bool:
    """Whether the quotes of a sample, whose last row may be cut off, are written so."""
    rows, done = dialect.rows(sample), 0
    wide = 0
    try:
        width = len(next(rows))
        for row in rows:
            done += 1
            wide += len(row) != width
    except StopIteration:
        return True
    except csv.Error as error:
        return "end of data" in str(error) and done > (1 - _UNFIT) * len(sample)
    return wide <= _UNFIT * done


def _names(first: Sequence[Sequence[str]]) -> list[str] | None:
    """The names of the columns, if the first row holds such: short, different, without the marks of sentences, and no
    numbers where all others are numbers.
    """
    cells = [cell.strip() for cell in first[0]]
    if len(set(cells)) < len(cells) or not all(_is_name(cell) for cell in cells):
        return None
    numbers = [place for place, cell in enumerate(cells) if _is_number(cell)]
    if any(all(_is_number(row[place]) for row in first[1:] if place < len(row)) for place in numbers):
        return None
    return [cell or str(place) for place, cell in enumerate(cells, start=1)]


def _is_name(cell: str) -> bool:
    return len(cell.split()) <= 3 and (not cell or _NAME.fullmatch(cell) is not None)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse_unfit(
    path: Path, rows: Sequence[Sequence[str]], names: Sequence[str], dialect: Dialect, header: bool
) -> None:
    """Refuse rows that have more cells than there are names; and where nothing names the columns, rows that differ."""
    if not header:
        odd = [row for row in rows if len(row) != len(names)]
        if len(odd) > _UNFIT * len(rows):
            raise LoomError(
                f"The first rows of {path} have from {min(map(len, rows))} to {max(map(len, rows))} cells, and no line "
                f"names the columns: {dialect.words}.",
                "If each line is a sentence, give the file a name that ends in .txt; else write the table again with a "
                "line of names, and with quotes around cells that hold a separator.",
            )
    wide = [row for row in rows if len(row) > len(names)]
    if len(wide) > _UNFIT * len(rows):
        told = " | ".join(wide[0])
        told = told if len(told) <= 120 else told[:120] + " …"
        raise LoomError(
            f"{len(wide)} of the first {len(rows)} rows of {path} have more cells than its first line, which has "
            f"{len(names)} ({', '.join(names)}): {dialect.words}, and the text seems to hold some too. "
            f"The first such row: {told}",
            "Write the table again with quotes around cells that hold a separator, or with tabs between the cells.",
        )


def _checked_rows(path: Path, lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    count = 0

    def counted() -> Iterator[str]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    rows, begun = dialect.rows(counted()), 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise LoomError(
                f"{path}, from line {begun}, is not proper CSV: {error}.",
                "Look for a quote that is opened there and never closed, or not written twice within a cell.",
            ) from error
        if row is None:
            return
        begun = count + 1
        yield row


def _unquoted(cell: str) -> str:
    inner = cell[1:-1]
    whole = len(cell) > 4 and cell[0] == cell[-1] == '"' and '""' in inner and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if whole else cell


def _in_batches(rows: Iterable[list[str]]) -> Generator[list[list[str]], None, None]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
