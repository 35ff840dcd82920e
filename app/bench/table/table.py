"""The table of gathered sentences: filling, removing, undoing, copying, exporting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication

from app.bench.bench_tab import BenchTab
from app.bench.rows import MOST_AT_ONCE, GatheredRow, decoded_row, picked_row, taken_row
from app.bench.table import exports, words
from app.bench.table.columns import columns_over
from app.bench.table.latex_text import latex_text
from app.bench.table.requests import rows_of_sentences
from app.bench.table.state import Rows, TableState, TableWish
from app.bench.table.view import FORMATS, TableView
from app.core import requests
from app.core.answers import take_decoded
from app.core.file_names import format_of, with_ending
from app.core.picks import Origin, Pick
from app.core.refresh import Refresh
from app.core.values import Column, Decoded
from app.run.context import Context
from app.widgets.save_dialog import ask_where_to_save
from engine.errors import LoomError, from_os_error

if TYPE_CHECKING:
    from engine.evaluation import tables
    from engine.session import Session

_FILTERS = {name: f"{called} (*.{name})" for name, called, _ in FORMATS}
_FOR_PEOPLE = ("md", "tex", "html")
_TOLD_EVERY = 10  # rows, while many sentences are decoded for the table


@dataclass
class _Gathering:
    """Sentences on their way into the table: how many there are to be, and the rows that are made of them so far."""

    total: int = 1
    made: list[GatheredRow] = field(default_factory=list)


class Table(BenchTab):
    """Gathers rows of any run in its state and writes them out; another run may be opened meanwhile."""

    name = "Table"
    view: TableView

    def __init__(self, context: Context, view: TableView | None = None) -> None:
        super().__init__(context)
        self.state = TableState()
        self._settings = context.settings
        if self._settings is not None:
            self.state.folder, self.state.format, self.state.text_only = self._settings.export
        if self.state.format not in _FILTERS:
            self.state.format = "csv"
        self._count = count()
        self._gatherings: dict[str, _Gathering] = {}  # by channel
        self.view = view or TableView()
        self._connect()
        self.refresh = Refresh(
            {
                self._show_rows: ("gathered", "columns", "shown"),
                self._show_choice: ("text_only",),
            },
            [self.state, context.state],
            in_view=False,
        )
        context.history.changed.connect(self._show_changes)
        self._show_changes()

    def _connect(self) -> None:
        view = self.view
        view.remove_requested.connect(self.remove)
        view.clear_requested.connect(self.clear)
        view.undo_requested.connect(self._context.history.undo)
        view.copy_requested.connect(self.copy)
        view.export_requested.connect(self.ask_where)
        view.text_only_chosen.connect(self.choose_text_only)

    def wish(self) -> TableWish:
        """The rows."""
        return TableWish(self.state.gathered)

    def want(self, wish: TableWish) -> None:
        """Have these rows."""
        self.state.gathered = wish.rows

    def take(self, pick: Pick, slot: str = "") -> None:
        """Gather what was sent; the models are asked what they make of it, unless the pick says it."""
        row = picked_row(pick)
        if row is not None:
            self.add_rows((row,))
            return
        if not self._can_ask():
            return
        choice, decoded = self._explorer.choice, Decoded(text=pick.text)

        def work(session: Session) -> Iterator[requests.Result]:  # of the models that answer, whichever run is open now
            if pick.is_point:
                return requests.decode_points(session, pick, session.variants, choice)
            return requests.reconstruct(session, pick.text, session.variants, choice)

        def take(result: requests.Result) -> None:
            nonlocal decoded
            decoded = take_decoded(decoded, result)

        def finish(problem: str) -> None:
            self._gatherings.pop(channel, None)
            made = decoded_row(pick.text, decoded, -1 if pick.is_point else pick.index)
            if made is not None and not problem:
                self.add_rows((made,))
            elif problem or decoded.failed:
                self.failed.emit(problem or next(iter(decoded.failed.values())), "")

        channel, _ = self._begin(1)
        self._context.models.ask(channel, work, take, finish)

    def take_rows(self, indices: Sequence[int], slot: str) -> None:
        """Gather test sentences, the first `MOST_AT_ONCE` of them, with what the models make of each: one change."""
        atlas, kept = self._context.atlas, list(indices)[:MOST_AT_ONCE]
        if atlas is None or not kept or not self._can_ask():
            return
        channel, gathering = self._begin(len(kept))
        made = gathering.made

        def take(row: GatheredRow | None) -> None:
            if row is not None:
                made.append(row)
                if len(made) % _TOLD_EVERY == 0 and len(made) < len(kept):
                    self.told.emit(words.taking(len(kept), len(indices), len(made)))

        def finish(problem: str) -> None:
            self._gatherings.pop(channel, None)
            self.add_rows(tuple(made))
            if problem:
                self.failed.emit(problem, "")

        work = partial(rows_of_sentences, atlas=atlas, indices=kept, choice=self._explorer.choice)
        self.told.emit(words.taking(len(kept), len(indices)))
        self._context.models.ask(channel, work, take, finish)

    def _can_ask(self) -> bool:
        """Whether there are models, or may be; else it is told why not."""
        models = self._explorer.models
        if models.kind == "failed":
            self.failed.emit(models.text, models.hint)
        return models.kind != "failed"

    def settle(self) -> None:
        """The models go: the rows that are made of what they were asked for come now, and no more of them."""
        ended, self._gatherings = self._gatherings, {}
        for channel in ended:
            self._context.models.forget(channel)
        if made := tuple(row for each in ended.values() for row in each.made):
            self.add_rows(made)
        if ended:
            self.told.emit(words.cut_short(len(made), sum(each.total for each in ended.values())))

    @property
    def under_way(self) -> str:
        """What is being decoded for the table, in a sentence; "" for nothing."""
        under_way = self._gatherings.values()
        if not under_way or self._explorer.models.kind == "failed":
            return ""
        return words.under_way(sum(len(each.made) for each in under_way), sum(each.total for each in under_way))

    def _with_beside(self, row: GatheredRow) -> GatheredRow:
        """A row with what stands beside its test sentence, where it is one of the open maps."""
        atlas, origin = self._context.atlas, self._explorer.origin
        if atlas is None or row.beside or not 0 <= row.index < atlas.n or row.origin.run != origin.run:
            return row
        said = {name: value for name, kept in atlas.kept.items() if (value := kept.value(row.index)) is not None}
        return replace(row, beside=said) if said else row

    def add_rows(self, rows: tuple[GatheredRow, ...]) -> None:
        """Gather rows that another tab or the maps have made; those that are there already are left out."""
        taken = [self._with_beside(taken_row(row, self._explorer.origin, self._columns_of(row.origin))) for row in rows]
        there = list(self.state.gathered)
        fresh = tuple(row for row in taken if row not in there)
        for row in taken:
            if row.index >= 0 and row in there:
                there[there.index(row)] = row  # which test sentence it is may not have been known before
        self.state.gathered = tuple(there)
        if fresh:
            self._change((*there, *fresh), f"add {words.rows_in_words(len(fresh))} to the table")
        if rows:
            told = f"Added {words.rows_in_words(len(fresh))} to the table"
            self.told.emit(told if fresh else "The table has these rows already")

    def remove(self, index: int) -> None:
        """Take a row out."""
        rows = self.state.gathered
        if index < len(rows):
            self._change((*rows[:index], *rows[index + 1 :]), "remove a row")
            self.told.emit("Removed a row; Undo (Ctrl+Z) brings it back")

    def clear(self) -> None:
        """Take all rows out."""
        if rows := self.state.gathered:
            self._change((), "clear the table")
            self.told.emit(f"Removed {words.rows_in_words(len(rows))}; Undo (Ctrl+Z) brings them back")

    def choose_text_only(self, on: bool) -> None:
        """Whether exports have the sentences alone."""
        self.state.text_only = on
        self._remember()

    def as_text(self) -> str:
        """The table with tabs between the cells, as spreadsheets paste it."""
        header, cells = words.table_cells(self._columns(), self.state.gathered)
        return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in [header, *cells]) + "\n"

    def export(self, path: Path, name: str) -> bool:
        """Write the table; tells how that went.

        Args:
            path: the file.
            name: the format, a key of `engine.evaluation.tables.TABLE_FORMATS`.
        """
        from engine.evaluation.tables import write_table

        rows, table = self.state.gathered, self._table(name)
        try:
            remarks = write_table(table, path, name)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return False
        except OSError as error:
            told = from_os_error(error, f"writing {path}")
            self.failed.emit(told.message, told.hint)
            return False
        what = "the sentences of " if self.state.text_only else ""
        written = words.written(len(rows), len(table.rows))
        self.told.emit(" ".join([f"Wrote {what}{written} to {path}.", *remarks]))
        return True

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.as_text())
        self.told.emit("Copied the table")

    def ask_where(self, name: str = "") -> None:
        """Ask for a file to export to, in the format `name`, or that of the last time, unless another is taken."""
        if not self.state.gathered:
            self.told.emit("The table is empty; add sentences to it first.")
            return
        name = name or self.state.format
        over, folder = self.view.window(), self.state.folder
        ask_where_to_save(over, "Export the table", _FILTERS, name, "comparison", folder, self.export_as)

    def export_as(self, path: Path, chosen: str) -> None:
        """Export to the file that a person named, in the format of its ending; folder and format are remembered.

        A name with no such ending gets that of the chosen format, as `with_ending` has it.
        """
        try:
            path = with_ending(path, _FILTERS, chosen)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return
        name = format_of(path, _FILTERS, chosen)
        if self.export(path, name):
            self.state.folder, self.state.format = path.absolute().parent, name
            self._remember()

    # what is behind it

    def _begin(self, total: int) -> tuple[str, _Gathering]:
        """Sentences begin their way into the table, on a channel of their own: none takes the place of others."""
        channel, gathering = f"table {next(self._count)}", _Gathering(total)
        self._gatherings[channel] = gathering
        return channel, gathering

    def _change(self, rows: Rows, what: str) -> None:
        """The table holds other rows; it can be undone."""
        with self.deed(what):
            self.state.gathered = rows

    def _columns(self) -> tuple[Column, ...]:
        known = self._explorer.columns
        return columns_over(known, [column.name for column in known], self.state.gathered)

    def _columns_of(self, origin: Origin) -> tuple[Column, ...]:
        """The columns of a run, as far as they are known here."""
        if origin.run in ("", self._explorer.run):
            return self._explorer.columns
        return next((row.columns for row in self.state.gathered if row.origin.run == origin.run), ())

    def _table(self, name: str) -> tables.Table:
        """What is exported in a format."""
        from engine.evaluation.tables import Table

        rows, whose = self.state.gathered, words.subject(self.state.gathered, self._explorer.subject)
        notes = list(words.table_notes(whose, rows))
        header: list[str]
        cells: list[list[Any]]
        if self.state.text_only:
            header, cells = words.table_cells(self._columns(), rows)
        elif name in _FOR_PEOPLE:
            header, cells = exports.for_people(rows)
            notes += [meaning for heading, meaning in exports.NOTES.items() if heading in header]
        else:
            header, cells = exports.for_programs(rows)
        safe = latex_text if name == "tex" else str
        return Table(
            name="comparison",
            columns=tuple(safe(text) for text in header),
            rows=tuple(tuple(safe(cell) if isinstance(cell, str) else cell for cell in row) for row in cells),
            caption=safe(f"Sentences of {whose}, side by side"),
            notes=tuple(safe(text) for text in notes),
        )

    def _remember(self) -> None:
        if self._settings is not None:
            self._settings.export = (self.state.folder, self.state.format, self.state.text_only)

    # what the view is told

    def _show_rows(self) -> None:
        shown = columns_over(self._explorer.columns, self._explorer.shown, self.state.gathered)
        self.view.show_rows(shown, self.state.gathered)

    def _show_changes(self) -> None:
        self.view.show_undo(self._context.history.undoes)

    def _show_choice(self) -> None:
        self.view.show_choice(self.state.text_only)
