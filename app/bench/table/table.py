"""The table of gathered sentences: filling, removing, copying, exporting."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.bench.table.latex_text import latex_text
from app.core import readings as resolve
from app.core import requests
from app.core.answers import take_decoded
from app.core.picks import Pick
from app.core.state import Decoded, GatheredRow
from app.run.context import Context
from engine.errors import LoomError, from_os_error

if TYPE_CHECKING:
    from engine.session import Session


class TableController(QObject):
    """Gathers rows in the state and writes them out.

    Signals:
        told: something that went well.
        failed: message, hint.
    """

    told = Signal(str)
    failed = Signal(str, str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._state, self._desk = context.state, context.desk
        self._count = count()

    def add_selected(self) -> None:
        """Gather the clicked sentence with what each model makes of it."""
        self._add_one(resolve.decoded_row(self._state.selection_text, self._state.selected))

    def add_reconstructed(self) -> None:
        """Gather the typed sentence with its reconstructions."""
        self._add_one(resolve.decoded_row(self._state.reconstructed.text, self._state.reconstructed))

    def add_path(self) -> None:
        """Gather the steps of the interpolation."""
        self._add(resolve.series_rows(self._state.path))

    def add_samples(self) -> None:
        """Gather the prior samples."""
        self._add(resolve.series_rows(self._state.samples))

    def add_rows(self, rows: tuple[GatheredRow, ...]) -> None:
        """Gather rows that another tab has made."""
        self._add(rows)

    def take(self, pick: Pick) -> None:
        """Gather what was sent; the models are asked what they make of it, unless the pick says it."""
        row = resolve.picked_row(pick)
        if row is not None:
            self._add((row,))
            return
        variants, choice = self._state.usable(), self._state.choice
        decoded = Decoded(text=pick.text)

        def work(session: Session) -> Iterator[requests.Result]:
            if pick.is_point:
                return requests.decode_points(session, pick, variants, choice)
            return requests.reconstruct(session, pick.text, variants, choice)

        def take(result: requests.Result) -> None:
            nonlocal decoded
            decoded = take_decoded(decoded, result)

        def finish(problem: str) -> None:
            if problem:
                self.failed.emit(problem, "")
            else:
                self._add_one(resolve.decoded_row(pick.text, decoded))

        self._desk.ask(f"table {next(self._count)}", work, take, finish)  # one does not take the place of another

    def remove(self, index: int) -> None:
        """Take a row out."""
        rows = self._state.gathered
        self._state.gathered = (*rows[:index], *rows[index + 1 :])

    def clear(self) -> None:
        """Take all rows out."""
        self._state.gathered = ()

    def as_text(self) -> str:
        """The table with tabs between the cells, as spreadsheets paste it."""
        header, cells = resolve.table_cells(self._state.columns, self._state.gathered)
        return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in [header, *cells]) + "\n"

    def export(self, path: Path, name: str) -> bool:
        """Write the table; tells how that went.

        Args:
            path: the file.
            name: the format: csv, md or tex.
        """
        from engine.evaluation.tables import Table, write_table

        header, cells = resolve.table_cells(self._state.columns, self._state.gathered)
        safe = latex_text if name == "tex" else str
        table = Table(
            name="comparison",
            columns=tuple(safe(text) for text in header),
            rows=tuple(tuple(safe(text) for text in row) for row in cells),
            caption=safe(f"Sentences of run {self._state.subject}, side by side"),
            notes=tuple(safe(text) for text in resolve.table_notes(self._state.subject, self._state.gathered)),
        )
        try:
            write_table(table, path, name)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return False
        except OSError as error:
            words = from_os_error(error, f"writing {path}")
            self.failed.emit(words.message, words.hint)
            return False
        self.told.emit(f"Wrote {len(cells)} row{'s' * (len(cells) != 1)} to {path}")
        return True

    def _add_one(self, row: GatheredRow | None) -> None:
        if row is not None:
            self._add((row,))

    def _add(self, rows: tuple[GatheredRow, ...]) -> None:
        fresh = tuple(row for row in rows if row not in self._state.gathered)
        if fresh:
            self._state.gathered = (*self._state.gathered, *fresh)
        if rows:
            words = f"Added {len(fresh)} row{'s' * (len(fresh) != 1)} to the table"
            self.told.emit(words if fresh else "The table has these rows already")
