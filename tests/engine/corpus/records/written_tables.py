"""Tables as other programs write them, and what the program reads of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.corpus.reading import Reading
from engine.corpus.records.tables import table_texts
from tests.engine.corpus.preparing import sentences

Write = Callable[[Sequence[Sequence[str]]], str]
SAID = [
    *(f"{line[:-1]}, and left." for line in sentences(150)),
    'The sign said "keep out", and we did.',
    '"No," she said; "not I".',
    "A tab\there and there.",
    "Two lines\nof one cell.",
    "Bars | stand here; semicolons too.",
]
ROWS = [(str(i), ("pos", "neg")[i % 2], line, f"{i / 10:.1f}") for i, line in enumerate(SAID)]
HEADER = ("id", "label", "text", "score")


def by_csv(delimiter: str, **how: object) -> Write:
    """What Python's csv module writes."""

    def write(rows: Sequence[Sequence[str]]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n", **how).writerows(rows)  # type: ignore[arg-type]
        return out.getvalue()

    return write


def read(path: Path, column: str | None = None) -> tuple[list[str], Reading]:
    reading = Reading(asked=(column,) if column else ())
    found = [text for batch in table_texts(path, reading, tabs=path.suffix == ".tsv") for text in batch]
    return found, reading
