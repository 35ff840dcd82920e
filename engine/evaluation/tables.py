"""Tables for people and papers, written in eight formats with pandas.

A `Table` holds what is shown. Settings and provenance travel along as `notes`: comment lines in LaTeX, a list below in
Markdown and HTML, a second sheet in Excel, metadata in Parquet, fields in JSON. CSV and TSV have no place for them that
every reader would skip, so those hold headings and rows only. What is read by programs (csv, tsv, xlsx, parquet, json)
has numbers at full precision and texts as they are, spaces and line ends included; what is read by people has six
significant digits, and marks escaped that would do something there. Where a format cannot hold a text, `remarks` says
so.
"""

from __future__ import annotations

import csv
import html
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from engine.errors import LoomError, UsageError
from engine.evaluation.cell_text import (
    MOST_IN_A_CELL,
    encodable,
    in_xml,
    length_in_excel,
    like_a_formula,
    may_not_stay_text,
    one_kind_of_line,
    printable,
)
from engine.evaluation.latex import beyond_pdflatex, latex_table
from engine.evaluation.workbook import workbook
from engine.right_to_left import reads_right_to_left
from engine.storage.files import export, export_all, fill

if TYPE_CHECKING:
    import pandas as pd

TABLE_FORMATS = {
    "csv": "CSV",
    "tsv": "TSV (tabs)",
    "md": "Markdown",
    "tex": "LaTeX (booktabs)",
    "html": "HTML",
    "xlsx": "Excel",
    "parquet": "Parquet",
    "json": "JSON",
}
"""Every format by its name, which is also the ending of its files, with what people call it."""

_NEEDS = {"md": "tabulate", "tex": "jinja2", "xlsx": "openpyxl", "parquet": "pyarrow"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns, with what is needed to understand them.

    Args:
        name: short, for files and labels: "reconstruction".
        columns: distinct headings.
        rows: one cell per column: text, a number, True or False, or None where there is no value.
        caption: one sentence for people.
        notes: settings and provenance, a line each: seed, n, how a number was computed.

    Raises:
        LoomError: a row is longer or shorter than the headings, or two headings are equal.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.columns)) != len(self.columns):
            raise LoomError(f"The table {self.name} has two columns of the same name: {', '.join(self.columns)}.")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise LoomError(
                    f"Row {number} of the table {self.name} has {len(row)} cells for {len(self.columns)} columns."
                )


def noted(table: Table, note: str) -> Table:
    """A table with one more note, before the others; as it is where that is empty."""
    return replace(table, notes=(note, *table.notes)) if note else table


def checked_format(format: str) -> str:
    """Return the format if tables can be written in it here.

    Raises:
        UsageError: there is no such format.
        LoomError: the library it needs is not installed.
    """
    if format not in TABLE_FORMATS:
        raise UsageError(f"Tables cannot be written as {format!r}.", f"Formats are {', '.join(TABLE_FORMATS)}.")
    library = _NEEDS.get(format)
    if library and find_spec(library) is None:
        raise LoomError(
            f"Tables in {TABLE_FORMATS[format]} need the library {library}, which is not installed.",
            f"Install it: pip install {library}. Or choose another format, such as csv.",
        )
    return format


def format_of(asked: str | None, target: Path | None, otherwise: str) -> str:
    """What was asked for, else what the file ends in; a UsageError where these are two. Raises as `checked_format`."""
    ending = target.suffix.lstrip(".").lower() if target is not None else ""
    chosen = checked_format(asked or ending or otherwise)
    if ending in TABLE_FORMATS and ending != chosen:
        raise UsageError(
            f"--format {chosen} and the ending of {target} are two formats.", "Leave one out, or give them alike."
        )
    return chosen


def write_table(table: Table, path: Path, format: str) -> tuple[str, ...]:
    """Write a table; an earlier file of that name is replaced when the new one is complete, a device is written to.

    Args:
        table: what to write.
        path: the file.
        format: a key of `TABLE_FORMATS`.

    Returns:
        What to tell a person of it, as `remarks` has it.

    Raises:
        UsageError: unknown format.
        LoomError: a library is missing, or the file cannot be written.
    """
    checked_format(format)
    with export(path) as scratch:
        write_at(table, path, format, scratch)
    return remarks(table, format)


def write_tables(tables: Sequence[tuple[Path, Table]], format: str) -> tuple[str, ...]:
    """Write several tables, each to its file: all of them, or none if one cannot be written.

    Returns:
        What to tell a person of them, as `remarks` has it, each once.

    Raises:
        UsageError, LoomError: as `write_table`.
    """
    checked_format(format)
    export_all((path, partial(write_at, table, path, format)) for path, table in tables)
    return tuple(dict.fromkeys(remark for _, table in tables for remark in remarks(table, format)))


def write_at(table: Table, path: Path, format: str, scratch: Path) -> None:
    """Write a table for `path` at another place."""
    if format in _TEXTS:
        fill(scratch, _TEXTS[format](table))
    else:
        scratch.write_bytes(_parquet(table) if format == "parquet" else _xlsx(table, path))


def table_text(table: Table, format: str) -> str:
    """The table as text, for the clipboard or standard output.

    Args:
        table: what to write.
        format: csv, tsv, md, tex, html or json.

    Raises:
        UsageError: unknown format, or one that is not text.
        LoomError: a library is missing.
    """
    if checked_format(format) not in _TEXTS:
        raise UsageError(f"{TABLE_FORMATS[format]} is not text.", f"Choose one of {', '.join(_TEXTS)}.")
    return _TEXTS[format](table)


def _plain(value: Any) -> Any:
    """A cell as a plain value: numpy's numbers as Python's, and nothing for what is not a number."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value


def _frame(table: Table) -> pd.DataFrame:
    """A pandas frame with one type per column: whole numbers stay whole where some are missing."""
    import pandas as pd

    columns = {}
    for position, heading in enumerate(table.columns):
        cells = [_plain(row[position]) for row in table.rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        kind = next((name for name, members in _COLUMN_TYPES if kinds <= members), "string")
        if cells and not kinds:
            kind = "Float64"  # as pandas reads a column of a file that holds nothing
        if kind == "string":
            cells = [None if cell is None else encodable(str(cell)) for cell in cells]
        columns[heading] = pd.array(cells, dtype=kind)
    return pd.DataFrame(columns, columns=list(table.columns))


_COLUMN_TYPES: tuple[tuple[str, set[type]], ...] = (
    ("string", {str}),
    ("boolean", {bool}),
    ("Int64", {int}),
    ("Float64", {int, float}),
)


def _shown(table: Table, escape: Callable[[str], str]) -> pd.DataFrame:
    """A pandas frame of cells as people read them, headings included."""
    import pandas as pd

    rows = [[escape(_cell(_plain(value))) for value in row] for row in table.rows]
    return pd.DataFrame(rows, columns=[escape(heading) for heading in table.columns], dtype=object)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _numeric(table: Table) -> list[bool]:
    """Per column, whether it holds numbers, which stand at the right."""
    return [
        any(isinstance(_plain(row[position]), int | float) for row in table.rows)
        and not any(isinstance(row[position], str) for row in table.rows)
        for position in range(len(table.columns))
    ]


def _csv(table: Table) -> str:
    return _separated(table, ",")


def _tsv(table: Table) -> str:
    return _separated(table, "\t")


def _separated(table: Table, separator: str) -> str:
    """Lines that end with a line feed, for which the module `csv` would leave a bare carriage return unquoted."""
    lines: list[str] = []
    writer = csv.writer(SimpleNamespace(write=lines.append), delimiter=separator, lineterminator="\r\n")
    frame = _frame(table)
    columns = [frame[heading].astype(object).where(frame[heading].notna(), "").tolist() for heading in frame.columns]
    writer.writerow(table.columns)
    writer.writerows(zip(*columns, strict=True))
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)


def _json(table: Table) -> str:
    """Like `rows` of records; what JSON has no number for (infinity) becomes null."""

    def value(cell: Any) -> Any:
        cell = _plain(cell)
        return None if isinstance(cell, float) and math.isinf(cell) else cell

    document = {
        "name": table.name,
        "caption": table.caption,
        "notes": list(table.notes),
        "columns": list(table.columns),
        "rows": [dict(zip(table.columns, map(value, row), strict=True)) for row in table.rows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_<>|[]~$^"} | {"\n": "<br>", "\t": " "})
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BLOCK = re.compile(r"^([-+#=]|\d{1,9}(?=[.)]))")
"""What a list, a heading or a number begins with."""


def _markdown(table: Table) -> str:
    def escape(text: str) -> str:
        return _ENTITY.sub(r"\&", printable(text).translate(_MARKDOWN))

    def line(text: str) -> str:
        return _BLOCK.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", escape(text))

    body = _shown(table, escape).to_markdown(
        index=False,
        disable_numparse=True,
        colalign=["right" if numeric else "left" for numeric in _numeric(table)] if table.rows else None,
    )
    head = f"**{escape(table.caption)}**\n\n" if table.caption else ""
    return head + body + "\n" + "".join(f"\n- {line(note)}" for note in table.notes) + "\n" * bool(table.notes)


def _latex(table: Table) -> str:
    return latex_table(
        table.columns,
        [[_cell(_plain(value)) for value in row] for row in table.rows],
        _numeric(table),
        table.caption,
        f"tab:{table.name}",
        table.notes,
    )


_AS_TEXT = " style='mso-number-format:\"\\@\"'"
"""Has a spreadsheet that opens a page, or is given one by the clipboard, take a cell for text, not for a formula."""


def _html(table: Table) -> str:
    def escape(text: str) -> str:
        said = html.escape(printable(text)).replace("\n", "<br>").replace("\t", "&#9;")
        return f'<div dir="rtl">{said}</div>' if reads_right_to_left(text) else said

    def cell(value: Any) -> str:
        as_text = _AS_TEXT if isinstance(value, str) and may_not_stay_text(value) else ""
        return f"      <td{as_text}>{escape(_cell(_plain(value)))}</td>\n"

    head = "".join(f"      <th>{escape(heading)}</th>\n" for heading in table.columns)
    rows = "".join(f"    <tr>\n{''.join(map(cell, row))}    </tr>\n" for row in table.rows)
    caption = f"  <caption>{escape(table.caption)}</caption>\n" if table.caption else ""
    notes = "".join(f"  <li>{escape(note)}</li>\n" for note in table.notes)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{html.escape(table.name)}</title>\n'
        f"<table>\n{caption}  <thead>\n    <tr>\n{head}    </tr>\n  </thead>\n  <tbody>\n{rows}  </tbody>\n</table>\n"
        + (f"<ul>\n{notes}</ul>\n" if notes else "")
        + "</html>\n"
    )


_TEXTS: dict[str, Callable[[Table], str]] = {
    "csv": _csv,
    "tsv": _tsv,
    "md": _markdown,
    "tex": _latex,
    "html": _html,
    "json": _json,
}


def _parquet(table: Table) -> bytes:
    frame = _frame(table)
    frame.attrs = {"name": table.name, "caption": table.caption, "notes": list(table.notes)}
    return bytes(frame.to_parquet(index=False))


def _xlsx(table: Table, path: Path) -> bytes:
    """Two sheets: the table, and where it comes from."""
    import pandas as pd

    about = [line for line in (table.caption, *table.notes, *remarks(table, "xlsx")) if line]
    return workbook({"table": _frame(table), "about": pd.DataFrame({"about": about}, dtype=object)}, path)


def remarks(table: Table, format: str) -> tuple[str, ...]:
    """What a format cannot hold of a table as it is, or what readers may take amiss; a sentence each, often none."""
    texts = [cell for row in (table.columns, *table.rows) for cell in row if isinstance(cell, str)]
    return tuple(
        words.format(cells=f"{count:,} cell{'s' * (count != 1)}")
        for formats, concerns, words in _REMARKS
        if format in formats and (count := sum(map(concerns, texts)))
    )


_REMARKS: tuple[tuple[tuple[str, ...], Callable[[str], bool], str], ...] = (
    (
        ("xlsx",),
        lambda text: in_xml(text) != text.replace("\r\n", "\n").replace("\r", "\n"),
        "Characters that no workbook can hold were replaced by \ufffd in {cells}.",
    ),
    (
        ("xlsx",),
        lambda text: length_in_excel(text) > MOST_IN_A_CELL,
        f"Excel takes {MOST_IN_A_CELL:,} characters a cell; what was more was cut off in {{cells}}. csv, json and "
        "parquet keep all.",
    ),
    (
        ("csv", "tsv", "parquet"),
        lambda text: encodable(text) != text,
        "Halves of characters, which no file of text can hold, were replaced by \ufffd in {cells}.",
    ),
    (
        ("md", "tex", "html"),
        lambda text: printable(text) != one_kind_of_line(text),
        "Control characters, which cannot be shown, were replaced in {cells}.",
    ),
    (
        ("tex",),
        beyond_pdflatex,
        "pdfLaTeX sets ? for signs that it does not know, in {cells}. LuaLaTeX and XeLaTeX need a font that has them.",
    ),
    (
        ("csv", "tsv"),
        like_a_formula,
        "A spreadsheet may take a text that begins with =, +, - or @ for a formula, as in {cells}. xlsx keeps it text.",
    ),
)
