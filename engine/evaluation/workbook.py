"""Excel workbooks whose texts stay texts.

openpyxl guesses from a text what kind of cell it is: one that begins with "=" becomes a formula, one such as "#N/A" an
error. It refuses some characters that XML cannot hold and writes others, of which the workbook cannot be read any more
(findings/openpyxl_writes_what_it_cannot_read.sh), and cuts long texts. All of this is settled here before it sees them.
"""

from __future__ import annotations

import errno
import io
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import from_os_error
from engine.evaluation.cell_text import cut, in_xml, like_a_formula
from engine.right_to_left import reads_right_to_left

if TYPE_CHECKING:
    import pandas as pd


def workbook(sheets: Mapping[str, pd.DataFrame], path: Path) -> bytes:
    """Made in memory, as a zip file cannot be closed on a full disk; openpyxl still needs temporary files for it.

    Args:
        sheets: by their names.
        path: what it is made for, to be named in errors.

    Raises:
        LoomError: those files could not be written.
    """
    failures: tuple[type[Exception], ...] = (OSError, *_errors_of_lxml())
    try:
        return _book(sheets)
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


def _book(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    import pandas as pd

    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl") as book:
        for sheet, frame in sheets.items():
            clean = frame.map(_text, na_action="ignore")
            clean.columns = [_text(heading) for heading in frame.columns]
            clean.to_excel(book, sheet_name=sheet, index=False)
            for row in book.sheets[sheet].iter_rows():
                for cell in row:
                    _keep_as_text(cell)
    return made.getvalue()


def _text(value: Any) -> Any:
    return cut(in_xml(value)) if isinstance(value, str) else value


def _keep_as_text(cell: Any) -> None:
    from openpyxl.styles import Alignment

    if isinstance(cell.value, str):
        cell.data_type = "s"
        if reads_right_to_left(cell.value):
            cell.alignment = Alignment(horizontal="right", vertical=cell.alignment.vertical, readingOrder=2)
        cell.quotePrefix = like_a_formula(cell.value)  # it stays a text when a person edits it
