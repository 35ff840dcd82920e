"""Tables for people and papers, written in eight formats with pandas.

A `Table` holds what is shown. Settings and provenance travel along as `notes`: comment lines in LaTeX, a list below in
Markdown and HTML, a second sheet in Excel, metadata in Parquet, fields in JSON. CSV and TSV have no place for them that
every reader would skip, so those hold headings and rows only. What is read by programs (csv, tsv, xlsx, parquet, json)
has numbers at full precision; what is read by people has six significant digits.
"""

from __future__ import annotations

import errno
import html
import io
import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import LoomError, UsageError, from_os_error
from engine.storage.files import export, export_text

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
_LONG = 30
"""Characters from which the cells of a LaTeX column are broken into lines."""
_LATEX_LETTER, _LATEX_GAP = 0.0125, 0.032
"""Widths of a letter and of the gap at a column, as shares of a text line of an article at 10 point."""


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


def write_table(table: Table, path: Path, format: str) -> None:
    """Write a table; an earlier file of that name is replaced when the new one is complete, a device is written to.

    Args:
        table: what to write.
        path: the file.
        format: a key of `TABLE_FORMATS`.

    Raises:
        UsageError: unknown format.
        LoomError: a library is missing, or the file cannot be written.
    """
    checked_format(format)
    if format in _TEXTS:
        export_text(path, _TEXTS[format](table))
    else:
        with export(path) as scratch:
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
        if kind == "string":
            cells = [None if cell is None else str(cell) for cell in cells]
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
    text: str = _frame(table).to_csv(index=False, lineterminator="\n")
    return text


def _tsv(table: Table) -> str:
    text: str = _frame(table).to_csv(index=False, sep="\t", lineterminator="\n")
    return text


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


_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_<>|[]~"} | {"\n": "<br>", "\r": ""})


def _markdown(table: Table) -> str:
    def escape(text: str) -> str:
        return text.translate(_MARKDOWN)

    body = _shown(table, escape).to_markdown(
        index=False,
        disable_numparse=True,
        colalign=["right" if numeric else "left" for numeric in _numeric(table)] if table.rows else None,
    )
    head = f"**{escape(table.caption)}**\n\n" if table.caption else ""
    return head + body + "\n" + "".join(f"\n- {escape(note)}" for note in table.notes) + "\n" * bool(table.notes)


_LATEX = str.maketrans(
    {mark: f"\\{mark}" for mark in "&%$#_{}"}
    | {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "[": "{[}",  # at the start of a row these two would be taken for an argument of the row above
        "*": "{*}",
        "\n": " ",
        "\r": "",
    }
)


def _latex(table: Table) -> str:
    def escape(text: str) -> str:
        return text.translate(_LATEX)

    widest = [
        max(len(_cell(cell)) for cell in (name, *(row[position] for row in table.rows)))
        for position, name in enumerate(table.columns)
    ]
    long = [width > _LONG for width in widest]
    narrow = sum(width for width, broken in zip(widest, long, strict=True) if not broken)
    room = 1.0 - _LATEX_LETTER * narrow - _LATEX_GAP * len(widest)
    share = max(0.08, room / max(1, sum(long)))
    layout = "".join(
        f"p{{{share:.2f}\\linewidth}}" if broken else "r" if numeric else "l"
        for broken, numeric in zip(long, _numeric(table), strict=True)
    )
    body = _shown(table, escape).to_latex(
        index=False,
        escape=False,
        column_format=layout,
        caption=escape(table.caption) or None,
        label=f"tab:{table.name}",
        position="htbp",
    )
    comments = ["needs \\usepackage{booktabs}", *table.notes]
    return "".join(f"% {' '.join(line.split())}\n" for line in comments) + body


def _html(table: Table) -> str:
    def escape(text: str) -> str:
        return html.escape(text).replace("\n", "<br>")

    body = _shown(table, escape).to_html(index=False, escape=False, border=0)
    caption = f"\n  <caption>{escape(table.caption)}</caption>" if table.caption else ""
    opening, rest = body.split(">", 1)
    notes = "".join(f"  <li>{escape(note)}</li>\n" for note in table.notes)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{html.escape(table.name)}</title>\n'
        f"{opening}>{caption}{rest}\n" + (f"<ul>\n{notes}</ul>\n" if notes else "") + "</html>\n"
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
    """Made in memory, as a zip file cannot be closed on a full disk; openpyxl still needs temporary files for it.

    Raises:
        LoomError: those could not be written.
    """
    failures: tuple[type[Exception], ...] = (OSError, *_errors_of_lxml())
    try:
        return _book(table)
    except failures as error:
        full = (
            error if isinstance(error, OSError) else OSError(errno.ENOSPC if "ENOSPC" in str(error) else 0, str(error))
        )
        folder = tempfile.tempdir or "the folder for temporary files"
        raise from_os_error(full, f"making {path} by way of {folder}") from error


def _errors_of_lxml() -> tuple[type[Exception], ...]:
    """What openpyxl lets through where it writes with lxml, which it does wherever that is installed."""
    if find_spec("lxml") is None:
        return ()
    from lxml.etree import LxmlError  # type: ignore[import-untyped, unused-ignore]

    return (LxmlError,)


def _book(table: Table) -> bytes:
    """Two sheets: the table, and where it comes from."""
    import pandas as pd
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    about = pd.DataFrame({"about": [line for line in (table.caption, *table.notes) if line]}, dtype=object)
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl") as book:
        for sheet, frame in (("table", _frame(table)), ("about", about)):
            clean = frame.replace(ILLEGAL_CHARACTERS_RE, "\ufffd", regex=True)
            clean.to_excel(book, sheet_name=sheet, index=False)
            for row in book.sheets[sheet].iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cell.data_type = "s"  # a sentence that begins with "=" is no formula
    return made.getvalue()
