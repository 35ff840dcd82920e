"""Texts in tables of plain text: CSV, TSV and their relatives.

How the table is written is found out (`dialects`), and whether a title stands above it, its first line names the
columns, and rows have names of their own, by what stands there. What was found is noted. Rows that do not fit are
counted, and a table in which many do not is refused: what would be read of it is not what was meant.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from engine.corpus.beside.choosing import kept_names
from engine.corpus.beside.values import cell_value
from engine.corpus.lines import line_blocks
from engine.corpus.reading import BATCH, SEPARATORS, Blocks, Reading, Values
from engine.corpus.records.columns import SAMPLE, cleaned, has_words, text_keys
from engine.corpus.records.dialects import SIGNS, UNFIT, Dialect, found_dialect, width_of
from engine.corpus.records.refusals import (
    FEWEST,
    TOLD,
    Head,
    can_be_evened,
    refuse_doubt,
    refuse_many,
    refuse_swallowed,
    refuse_unfit,
)
from engine.errors import LoomError

_NAME = re.compile(r"[\w(#][\w \-/#%()&+:'’?]*(?:\.(?=\w)[\w \-/#%()&+:'’?]*)*")
_ENTITY = re.compile(r"&#?\w{2,8};")
_EXCEL = re.compile(r"sep=([,;|\t])", re.IGNORECASE)
"""What Excel reads in the first line: which sign separates the cells."""
_LINES = 500
"""Lines that are looked at."""
_LETTERS = 200_000
_TITLES = 5
"""Lines above a table, at most."""
_TABLE = 0.95
"""Share of the lines of a text file that are cut alike, if it is a table."""
_CELLS = 100_000
"""Different cells that are remembered."""
_TABLE_LINES = 20
"""Lines from which on a text file may be a table without tabs."""


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
    begun = list(_beginning(lines))
    asked = SEPARATORS[reading.separator] if reading.separator is not None else ""
    asked = _without_titles(path, begun, reading) or asked
    sample = [line for line in begun if line.strip()]
    if not sample:
        return
    dialect = found_dialect(sample, tabs, asked)
    if not dialect.separator and _has_row_numbers(sample):
        dialect = found_dialect(sample, tabs, next(sign for sign in SIGNS if sign in sample[1]))
    reading.parted = SIGNS.get(dialect.separator, "")
    if not asked:
        refuse_doubt(path, sample, dialect)
    rows = _checked_rows(path, chain(begun, lines), dialect)
    head = _head(list(islice(rows, SAMPLE + 1)), dialect, reading.asked, sample)
    if dialect.separator != ("\t" if tabs else ",") and reading.separator is None:
        reading.note(f"{path.name}: {dialect.words}.")
    if not head.named:
        reading.note(f"The first line of {path.name} names no columns; they are called {', '.join(head.names)}.")
    refuse_unfit(path, head)
    names, width = head.names, len(head.names)
    records = [dict(zip(names, row, strict=False)) for row in head.rows]
    taken = text_keys(records, str(path), reading, list(names))
    columns = [names.index(name) for name in taken]
    kept = kept_names(records, names, str(path), reading, taken, cells=True)
    places = [None if name is None else names.index(name) for name in kept]
    done, unfit, cells = 0, 0, _Cells()
    for batch in _in_batches(chain(head.rows, rows)):
        texts: list[str | None] = []
        beside: list[Values] = []
        for row in batch:
            if len(row) != width and not can_be_evened(row, width):
                unfit += 1
                reading.dropped["wide_row" if len(row) > width else "short_row"] += 1
            else:
                texts += [row[column] if column < len(row) else None for column in columns]
                if places:
                    beside += [cells.of(row, places)] * len(columns)
        done += len(batch)
        refuse_many(path, unfit, done, dialect)
        refuse_swallowed(path, texts, dialect, width, reading.note)
        yield cleaned(texts, reading, beside)


class _Cells(dict[str, str | None]):
    """What each cell that was met says; most come again."""

    def __missing__(self, cell: str) -> str | None:
        if len(self) >= _CELLS:
            self.clear()
        said = self[cell] = cell_value(cell)
        return said

    def of(self, row: Sequence[str], places: Sequence[int | None]) -> Values:
        """What is kept of a row: the cells at some places, None where it has none."""
        return tuple([None if at is None or at >= len(row) else self[row[at]] for at in places])


def looks_like_table(lines: Sequence[str]) -> bool:
    """Whether the first lines of a text file are rows of a table: all alike, with tabs, bars or semicolons between the
    cells, or with commas beneath names.
    """
    # The semicolon of an entity of HTML separates no cells.
    lines = [_ENTITY.sub("&", line) for line in lines if line.strip()][:_LINES]
    if len(lines) < 2:
        return False
    tabs = lines[0].count("\t")
    if tabs:
        return sum(line.count("\t") == tabs for line in lines) >= _TABLE * len(lines)
    if len(lines) < _TABLE_LINES:
        return False
    dialect = found_dialect(lines, False)
    if width_of(dialect, lines) < 2 or all(not "".join(row[1:]).strip() for row in dialect.rows(lines)):
        return False
    rows = list(islice(dialect.rows(lines), SAMPLE))
    named = len(rows) > 1 and column_names(rows) is not None
    return named or (dialect.separator != "," and not _parts_sentences(rows))


def _parts_sentences(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the two cells of most rows are text both, so that a sign in the middle of a line parts no columns."""
    both = sum(len(row) == 2 and all(has_words(cell, 2) for cell in row) for row in rows)
    return both > len(rows) / 2


def _beginning(lines: Iterator[str]) -> Iterator[str]:
    """The lines that are looked at."""
    letters = 0
    for number, line in enumerate(lines, start=1):
        letters += len(line)
        yield line
        if number >= _LINES or letters > _LETTERS:
            return


def _without_titles(path: Path, lines: list[str], reading: Reading) -> str:
    """Empty the lines above the table, which are none of its rows, and tell of them; what one of them says of the
    separator, or "".
    """
    asked = ""
    places = [place for place, line in enumerate(lines) if line.strip()]
    for _ in range(_TITLES):
        if not places:
            break
        line = lines[places[0]].strip(" ")
        told = _EXCEL.fullmatch(line)
        if told is None and not _is_title([lines[place] for place in places]):
            break
        if told is not None:
            asked = told[1]
        else:
            reading.note(f"The line “{line.strip()[:TOLD]}” above the table of {path.name} is left out.")
        lines[places.pop(0)] = ""
    return asked


def _is_title(lines: Sequence[str]) -> bool:
    """Whether a line stands above a table: it has no separator, and all others have cells beneath names, perhaps behind
    more such lines.
    """
    for sign in SIGNS:
        start = next((place for place, line in enumerate(lines[: _TITLES + 1]) if sign in line), 0)
        rest = lines[start:]
        count = rest[0].count(sign)
        if start and len(rest) > FEWEST and sum(line.count(sign) >= count for line in rest) >= _TABLE * len(rest):
            return all(_is_name(cell.strip().strip('"')) for cell in rest[0].split(sign))
    return False


def _has_row_numbers(sample: Sequence[str]) -> bool:
    """Whether a line with the name of one column stands above rows that begin with their numbers, as R writes them."""
    if len(sample) < FEWEST or not _is_name(sample[0].strip().strip('"')):
        return False
    for sign in SIGNS:
        numbers = [line.split(sign)[0].strip('"') for line in sample[1:] if sign in line]
        if len(numbers) == len(sample) - 1 and all(map(str.isdecimal, numbers)):
            counted = list(map(int, numbers))
            if counted == list(range(counted[0], counted[0] + len(counted))):
                return True
    return False


def _head(first: list[list[str]], dialect: Dialect, asked: Sequence[str], sample: Sequence[str]) -> Head:
    """The names of the columns: those of the first row, or numbers; R leaves out that of the names of rows."""
    names = column_names(first, asked)
    if names is None:
        usual = Counter(map(len, first)).most_common(1)[0][0]
        return Head(dialect, tuple(map(str, range(1, usual + 1))), False, tuple(first))
    body = first[1:]
    longer = sum(len(row) == len(names) + 1 for row in body)
    numbered = all(_is_number(row[0]) for row in body)
    if body and longer >= (1 - UNFIT) * len(body) and (len(names) == 1 or sample[1].startswith('"')) and numbered:
        names = ["row", *names]
    return Head(dialect, tuple(names), True, tuple(body))


def column_names(first: Sequence[Sequence[str]], asked: Sequence[str] = ()) -> list[str] | None:
    """The names of the columns, if the first row holds such.

    It does if it has the name that was asked for, or a word above a column of numbers; it does not if it has a number
    there. A number that was asked for is a place where one stands above numbers. Otherwise names are short, without
    the marks of sentences, and none comes again beneath, as labels do (but as a whole, where tables were put together,
    names do). Of those that stand several times each but the
    first is counted, as `text`, `text (2)`, so that each can be asked for.
    """
    cells = [cell.strip() for cell in first[0]]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    names = [cell or str(place) for place, cell in enumerate(cells, start=1)]
    if len(set(names)) < len(names):
        if not all(not cell or _is_name(cell) for cell in cells) or _comes_again(cells, first[1:]):
            return None
        return _counted(names)
    columns = [[row[place] for row in first[1:] if place < len(row)] for place in range(len(cells))]
    numbers = [bool(column) and all(map(_is_number, column)) for column in columns]
    of_numbers = any(_is_number(cell) and number for cell, number in zip(cells, numbers, strict=True))
    if asked and set(asked) <= set(cells) and not (of_numbers and all(map(str.isdecimal, asked))):
        return names
    if of_numbers:
        return None
    if any(cell and number for cell, number in zip(cells, numbers, strict=True)):
        return names
    again = _comes_again(cells, [row for row in first[1:] if [*map(str.strip, row)] != cells])
    return names if not again and all(not cell or _is_name(cell) for cell in cells) else None


def _counted(names: Sequence[str]) -> list[str]:
    """Names of which each stands once: the second of one name has " (2)" behind it, unless a column is called so."""
    made: list[str] = []
    for name in names:
        number, one = 1, name
        while one in made or (number > 1 and one in names):
            number += 1
            one = f"{name} ({number})"
        made.append(one)
    return made


def _comes_again(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a cell of the first row stands in its column beneath too, as a label does and a name does not."""
    return any(
        cell and place < len(row) and row[place].strip() == cell for row in rows for place, cell in enumerate(cells)
    )


def _is_name(cell: str) -> bool:
    return len(cell.split()) <= 3 and _NAME.fullmatch(cell) is not None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


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


def _in_batches(rows: Iterable[list[str]]) -> Generator[list[list[str]], None, None]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
