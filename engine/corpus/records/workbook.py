"""Texts in Excel workbooks (.xlsx): the columns of their only sheet that holds rows."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from engine.corpus.beside.choosing import kept_names
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.corpus.records.columns import SAMPLE, beside_of, cleaned, text_keys, values_of
from engine.corpus.records.tables import column_names
from engine.errors import LoomError, UsageError, from_os_error

_Row = tuple[Any, ...]
_TOLD = 3
"""Cells that are named in a message."""
_BLOCK = 1 << 20
_AGAIN = "Copy it again, or save the sheet as CSV in UTF-8."
_DAMAGED = (
    *(BadZipFile, ParseError, EOFError, zlib.error),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, NotImplementedError),
)
"""What openpyxl raises for a damaged file."""


def workbook_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a workbook; formulas give what was computed of them last, and are refused where nothing was.

    Raises:
        LoomError: the file is damaged, has no row, no column holds text, or cells hold formulas without a value.
        UsageError: several sheets hold rows, or several columns could be meant.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            sheet = _only_sheet(path, book)
            _refuse_formulas(path, sheet)
            yield from _sheet_texts(path, sheet, reading)
    except (*_DAMAGED, InvalidFileException) as error:
        raise LoomError(
            f"{path} cannot be read as an Excel workbook: {error}.",
            _AGAIN,
        ) from error
    except OSError as error:
        if error.errno is None:  # openpyxl reports what is no workbook so
            raise LoomError(f"{path} is no Excel workbook: {error}", _AGAIN) from error
        raise from_os_error(error, f"reading {path}") from error
    reading.done += path.stat().st_size


def _only_sheet(path: Path, book: Any) -> Any:
    filled = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some programs write wrong ones, and rows would be lost
        if next(_rows(sheet), None) is not None:
            filled.append(sheet)
    if not filled:
        raise LoomError(f"{path} is empty.", "Choose a workbook that holds text.")
    if len(filled) > 1:
        raise UsageError(
            f"{path} has several sheets with rows: {', '.join(sheet.title for sheet in filled)}.",
            "Save the one that is meant as a file of its own.",
        )
    return filled[0]


def _refuse_formulas(path: Path, sheet: Any) -> None:
    """Refuse a sheet with formulas of which no value is saved, as programs write that do not compute."""
    from openpyxl import load_workbook

    if not _has_formulas(path):
        return
    with closing(load_workbook(path, read_only=True)) as written:
        formulas = written[sheet.title]
        formulas.reset_dimensions()
        lacking = [
            cell.coordinate
            for cells, values in zip(formulas.iter_rows(), sheet.iter_rows(values_only=True), strict=False)
            for cell, value in zip(cells, values, strict=False)
            if value is None and cell.data_type == "f"
        ]
    if lacking:
        told = ", ".join(lacking[:_TOLD]) + (f" and {len(lacking) - _TOLD:,} more" if len(lacking) > _TOLD else "")
        raise LoomError(
            f"Cells of {path} hold formulas of which no value is saved: {told}.",
            "Open it in a spreadsheet and save it there, which computes them, or save the sheet as CSV in UTF-8.",
        )


def _has_formulas(path: Path) -> bool:
    """Whether any sheet has formulas; found out without taking the cells apart."""
    with ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with parts.open(name) as part:
                    before = b""
                    while block := part.read(_BLOCK):
                        if b"<f>" in before + block or b"<f " in before + block:
                            return True
                        before = block[-2:]
    return False


def _rows(sheet: Any) -> Iterator[_Row]:
    """The rows that hold something."""
    return (row for row in sheet.iter_rows(values_only=True) if any(value is not None for value in row))


def _sheet_texts(path: Path, sheet: Any, reading: Reading) -> Generator[list[str], None, None]:
    rows = _rows(sheet)
    first = list(islice(rows, SAMPLE + 1))
    first = _without_titles(path, first, reading)
    names = column_names([[_written(value) for value in row] for row in first], reading.asked)
    if names is None:
        names = [str(place) for place in range(1, max(map(len, first)) + 1)]
        reading.note(f"The first row of {path.name} names no columns; they are called {', '.join(names)}.")
    else:
        first = first[1:]
    sample = [_record(names, row) for row in first]
    keys = text_keys(sample, str(path), reading, names)
    kept = kept_names(sample, names, str(path), reading, keys, cells=False)
    records = (_record(names, row) for row in chain(first, rows))
    while batch := list(islice(records, BATCH)):
        beside = [beside_of(record, kept, keys) for record in batch] if kept else ()
        yield cleaned([values_of(record, keys, reading) for record in batch], reading, beside)


def _without_titles(path: Path, rows: list[_Row], reading: Reading) -> list[_Row]:
    """The rows without those of a single cell above wider ones, which are titles; they are told of."""
    widths = [sum(value is not None for value in row) for row in rows]
    start = next((place for place, width in enumerate(widths) if width > 1), 0)
    if start and all(width > 1 for width in widths[start:]):
        for row in rows[:start]:
            title = next(_written(value) for value in row if value is not None)
            reading.note(f"The row “{title[:120]}” above the table of {path.name} is left out.")
        return rows[start:]
    return rows


def _record(names: list[str], row: _Row) -> dict[str, Any]:
    return {name: row[place] if place < len(row) else None for place, name in enumerate(names)}


def _written(value: Any) -> str:
    return "" if value is None else str(value)
