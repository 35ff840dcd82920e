"""The table of gathered sentences: filling, removing, copying, exporting."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.bench.bench_tab import BenchTab
from app.bench.rows import GatheredRow, decoded_row, picked_row
from app.bench.table import words
from app.bench.table.latex_text import latex_text
from app.bench.table.state import TableState
from app.bench.table.view import TableView
from app.core import requests
from app.core.answers import take_decoded
from app.core.picks import Pick
from app.core.refresh import Refresh
from app.core.values import Decoded
from app.run.context import Context
from engine.errors import LoomError, from_os_error

if TYPE_CHECKING:
    from engine.session import Session

_FORMATS = {"csv": "CSV (*.csv)", "md": "Markdown (*.md)", "tex": "LaTeX (*.tex)"}


class Table(BenchTab):
    """Gathers rows in its state and writes them out."""

    name = "Table"
    view: TableView

    def __init__(self, context: Context, view: TableView | None = None) -> None:
        super().__init__(context)
        self.state = TableState()
        self._count = count()
        self.view = view or TableView()
        self.view.remove_requested.connect(self.remove)
        self.view.clear_requested.connect(self.clear)
        self.view.copy_requested.connect(self.copy)
        self.view.export_requested.connect(self.ask_where)
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_rows: ("gathered", "columns", "shown"),
            },
            [self.state, context.state],
            in_view=False,
        )

    def take(self, pick: Pick, slot: str = "") -> None:
        """Gather what was sent; the models are asked what they make of it, unless the pick says it."""
        row = picked_row(pick)
        if row is not None:
            self.add_rows((row,))
            return
        variants, choice = self._explorer.usable(), self._explorer.choice
        decoded = Decoded(text=pick.text)

        def work(session: Session) -> Iterator[requests.Result]:
            if pick.is_point:
                return requests.decode_points(session, pick, variants, choice)
            return requests.reconstruct(session, pick.text, variants, choice)

        def take(result: requests.Result) -> None:
            nonlocal decoded
            decoded = take_decoded(decoded, result)

        def finish(problem: str) -> None:
            made = decoded_row(pick.text, decoded)
            if problem:
                self.failed.emit(problem, "")
            elif made is not None:
                self.add_rows((made,))

        # one does not take the place of another
        self._context.models.ask(f"table {next(self._count)}", work, take, finish)

    def add_rows(self, rows: tuple[GatheredRow, ...]) -> None:
        """Gather rows that another tab or the maps have made; those that are there already are left out."""
        fresh = tuple(row for row in rows if row not in self.state.gathered)
        if fresh:
            self.state.gathered = (*self.state.gathered, *fresh)
        if rows:
            told = f"Added {len(fresh)} row{'s' * (len(fresh) != 1)} to the table"
            self.told.emit(told if fresh else "The table has these rows already")

    def remove(self, index: int) -> None:
        """Take a row out."""
        rows = self.state.gathered
        self.state.gathered = (*rows[:index], *rows[index + 1 :])

    def clear(self) -> None:
        """Take all rows out."""
        self.state.gathered = ()

    def as_text(self) -> str:
        """The table with tabs between the cells, as spreadsheets paste it."""
        header, cells = words.table_cells(self._explorer.columns, self.state.gathered)
        return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in [header, *cells]) + "\n"

    def export(self, path: Path, name: str) -> bool:
        """Write the table; tells how that went.

        Args:
            path: the file.
            name: the format: csv, md or tex.
        """
        from engine.evaluation.tables import Table, write_table

        header, cells = words.table_cells(self._explorer.columns, self.state.gathered)
        safe = latex_text if name == "tex" else str
        table = Table(
            name="comparison",
            columns=tuple(safe(text) for text in header),
            rows=tuple(tuple(safe(text) for text in row) for row in cells),
            caption=safe(f"Sentences of run {self._explorer.subject}, side by side"),
            notes=tuple(safe(text) for text in words.table_notes(self._explorer.subject, self.state.gathered)),
        )
        try:
            write_table(table, path, name)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return False
        except OSError as error:
            told = from_os_error(error, f"writing {path}")
            self.failed.emit(told.message, told.hint)
            return False
        self.told.emit(f"Wrote {len(cells)} row{'s' * (len(cells) != 1)} to {path}")
        return True

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.as_text())
        self.told.emit("Copied the table")

    def ask_where(self, name: str) -> None:
        """Ask for a file to export to, in the format `name` unless the person takes another."""
        if not self.state.gathered:
            self.told.emit("The table is empty; add sentences to it first.")
            return
        dialog = QFileDialog(self.view.window(), "Export the table", f"comparison.{name}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([_FORMATS[name], *(text for key, text in _FORMATS.items() if key != name)])
        dialog.setDefaultSuffix(name)
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(next(key for key, text in _FORMATS.items() if text == chosen))
        )
        dialog.fileSelected.connect(lambda file: self._export_as(Path(file), dialog.defaultSuffix()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export_as(self, path: Path, chosen: str) -> None:
        suffix = path.suffix.lstrip(".").lower()
        self.export(path, suffix if suffix in _FORMATS else chosen)

    # what the view is told

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_rows(self) -> None:
        self.view.show_rows(self.state.gathered)
