"""Tables that are not read, because what would be read is not what was meant; each with what to do about it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.corpus.records.dialects import SIGNS, UNFIT, Dialect, others_as_good
from engine.errors import LoomError, UsageError

FEWEST = 3
"""Lines from which on a table may leave a doubt."""
_BAD, _BAD_ROWS = 0.2, 200
"""Share of the rows that may not fit, after so many."""
_SWALLOWED = 5
"""Lines of a cell that are as good as rows, from which on they are taken for rows."""
TOLD = 120
"""Letters of a row in a message."""


@dataclass(frozen=True, slots=True)
class Head:
    """How a table begins: its dialect, the names of its columns, whether its first row has them, its first rows."""

    dialect: Dialect
    names: tuple[str, ...]
    named: bool
    rows: tuple[list[str], ...]


def can_be_evened(row: Sequence[str], width: int) -> bool:
    """Whether a row that is too long has nothing in the cells that are too many."""
    return len(row) > width and not "".join(row[width:]).strip()


def refuse_doubt(path: Path, sample: Sequence[str], dialect: Dialect) -> None:
    """Refuse a table whose rows another sign would cut into as many cells, unless these have tabs between them."""
    if dialect.separator in ("", "\t") or len(sample) < FEWEST:
        return
    ways = [dialect, *others_as_good(dialect, sample)]
    if len(ways) > 1:
        first = [", ".join(map(repr, next(way.rows(sample[:1])))) for way in ways]
        told = "; ".join(f"with {SIGNS[way.separator]}s {cells}" for way, cells in zip(ways, first, strict=True))
        raise UsageError(
            f"Several signs could separate the cells of {path}; its first row would be: {told}.",
            f"Say which with --separator NAME: {', '.join(SIGNS[way.separator] for way in ways)}.",
        )


def refuse_unfit(path: Path, head: Head) -> None:
    """Refuse a table of whose first rows many have more or fewer cells than there are columns."""
    width, rows = len(head.names), head.rows
    odd = [row for row in rows if len(row) != width and not can_be_evened(row, width)]
    if len(odd) <= UNFIT * len(rows):
        return
    if not head.named:
        raise LoomError(
            f"The first rows of {path} have from {min(map(len, rows))} to {max(map(len, rows))} cells, and no line "
            f"names the columns: {head.dialect.words}.",
            "If each line is a sentence, give the file a name that ends in .txt; else write the table again with a "
            "line of names, and with quotes around cells that hold a separator.",
        )
    told = " | ".join(odd[0])
    told = told if len(told) <= TOLD else told[:TOLD] + " …"
    how = "more" if len(odd[0]) > width else "fewer"
    raise LoomError(
        f"{len(odd)} of the first {len(rows)} rows of {path} have more or fewer cells than its first line, which has "
        f"{width} ({', '.join(head.names)}): {head.dialect.words}, and perhaps the text holds some too, or line ends. "
        f"The first such row has {how}: {told}",
        "Write the table again with quotes around cells that hold a separator or a line end, and with a name for each "
        "column.",
    )


def refuse_many(path: Path, unfit: int, done: int, dialect: Dialect) -> None:
    """Refuse a table of whose rows so far many do not fit."""
    if done >= _BAD_ROWS and unfit > _BAD * done:
        raise LoomError(
            f"{unfit:,} of the first {done:,} rows of {path} have more or fewer cells than its first line: "
            f"{dialect.words}, and the text seems to hold some too, or line ends.",
            "Write the table again with quotes around cells that hold a separator or a line end.",
        )


def _cells(line: str, dialect: Dialect) -> int:
    """How many cells a line would have as a row; 0 where it is none."""
    try:
        return len(next(iter(dialect.rows([line])), ()))
    except csv.Error:
        return 0


def refuse_swallowed(
    path: Path, texts: Iterable[str | None], dialect: Dialect, width: int, note: Callable[[str], None]
) -> None:
    """Refuse a cell that has whole rows in it: a quote is opened in one row and closed in another.

    Lines of a text may have as many commas as a row has, so of a few it is told only, by `note`.
    """
    sign = dialect.separator
    for text in texts:
        if text is not None and sign and width > 1 and text.count("\n") > 1:
            inner = text.split("\n")[1:-1]
            if not all(_cells(line, dialect) == width for line in inner):
                continue
            if len(inner) < _SWALLOWED:
                note(
                    f"A cell of {path.name} has lines in it that could be rows, “{inner[0][:TOLD]}”, and was read as "
                    "one text. If they are rows, a quote before them is opened and never closed."
                )
            else:
                raise LoomError(
                    f"A cell of {path} has {len(inner)} whole rows in it, from “{inner[0][:TOLD]}” on: a quote is "
                    "opened before them and closed behind.",
                    "Look for a quote that is opened and never closed in the row before.",
                )
