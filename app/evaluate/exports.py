"""The numbers on the clipboard, in files and as a report, as a person asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.core.jobs.process_job import ProcessJob
from app.evaluate import requests, words
from app.evaluate.measuring import MakeJob
from app.evaluate.page import FORMATS, EvaluatePage
from app.evaluate.picture import shown_table
from app.evaluate.state import EvaluateState
from app.run.context import Context
from app.widgets.save_dialog import Exporter, ask_new_folder, ask_where_to_save

if TYPE_CHECKING:
    from engine.evaluation.tables import Table

_FILTERS = {name: f"{text.partition(',')[0]} (*.{name})" for name, text in FORMATS}
Ask = Callable[..., None]
"""Asks a channel of the page's thread for some work, and who takes what comes of it."""


class Exports(Exporter):
    """Copies, writes files, and runs the command `report`."""

    def __init__(
        self,
        state: EvaluateState,
        context: Context,
        page: EvaluatePage,
        ask: Ask,
        compares: Callable[[], bool],
        make_job: MakeJob = ProcessJob,
    ) -> None:
        """Make one.

        Args:
            state, page: of the feature.
            context: of the window.
            ask: its thread.
            compares: whether it is still being computed how the shown variants differ.
            make_job: starts a command.
        """
        super().__init__()
        self._state, self._context, self._page = state, context, page
        self._ask, self._compares, self._make_job = ask, compares, make_job
        self._report: ProcessJob | None = None

    def copy(self) -> None:
        """Put what the table shows on the clipboard, for spreadsheets and texts."""
        table = self._shown_table()
        if table is not None and self._are_all_there():
            self._ask("copy", partial(requests.copied, table=table), self._put)

    def _put(self, texts: tuple[str, str]) -> None:
        data = QMimeData()
        data.setText(texts[0])
        data.setHtml(texts[1])
        QGuiApplication.clipboard().setMimeData(data)
        self.told.emit("Copied the table")

    def ask_where(self, format: str) -> None:
        """Ask for a file to write the numbers to."""
        if self._state.shown is None:
            return
        name, folder = f"{self._state.shown.run}-evaluation", self._folder()
        ask_where_to_save(self._page.window(), "Export the numbers", _FILTERS, format, name, folder, self.export)

    def _folder(self) -> Path:
        """Where the table of sentences was exported to last."""
        return self._context.settings.export[0] if self._context.settings is not None else Path()

    def export(self, path: Path, chosen: str) -> None:
        """Write the numbers, in the page's thread; the ending of the name says how, else the chosen one."""
        evaluation, table = self._state.shown, self._shown_table()
        if evaluation is None or table is None or not self._are_all_there():
            return
        if (named := self.named(path, _FILTERS, chosen)) is None:
            return
        path, format = named
        work = partial(
            requests.write,
            path=path,
            format=format,
            shown=table,
            evaluation=evaluation,
            differences=self._state.differences,
        )
        self._ask("export", work, self.told.emit)

    def ask_folder(self) -> None:
        """Ask for a folder to write the report to."""
        if self._state.evaluation is None or self._report is not None:
            return
        newer = self._context.state.newest_step
        if newer is not None:
            self.failed.emit(
                f"A report is of the newest step, {newer:,}, and an earlier one is shown.", "Show that one first."
            )
            return
        name = f"{self._state.known.run}-report"
        ask_new_folder(self._page.window(), "Write a report to a new folder", name, self._folder(), self.report)

    def report(self, folder: Path) -> None:
        """Run `report`, which writes the whole comparison as one folder; one at a time."""
        if self._report is not None:
            self.failed.emit("A report is being written already.", "Ask for the next one when it is there.")
            return
        known = self._state.known
        arguments = ["report", known.run, "-o", str(folder), "--workspace", str(self._context.workspace.root)]
        job = self._report = self._make_job(arguments)
        job.reported.connect(self._go_on)
        job.finished.connect(lambda _: self._reported(f"Wrote the report to {folder}."))
        job.failed.connect(self._not_reported)
        job.start()
        self._page.show_report("it has just begun")
        self.told.emit("Writing the report; the window can be used meanwhile.")

    @property
    def under_way(self) -> str:
        """What is being written, in a sentence; "" for nothing."""
        return "A report is being written." if self._report is not None else ""

    def close(self) -> None:
        """The window is closed."""
        if self._report is not None:
            self._report.stop()
            self._report = None

    def _go_on(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "progress":
            done, total = event.get("done"), event.get("total")
            self._page.show_report(f"{event.get('stage', '')}{f', {done} of {total}' if total else ''}")

    def _reported(self, told: str) -> None:
        self._drop_report()
        self.told.emit(told)

    def _not_reported(self, message: str, hint: str) -> None:
        self._drop_report()
        self.failed.emit(f"The report was not written: {message}", hint)

    def _drop_report(self) -> None:
        if self._report is not None:
            self._report.deleteLater()
            self._report = None
            self._page.show_report("")

    def _are_all_there(self) -> bool:
        """Whether nothing of what is shown is still to come; else that is told."""
        if self._compares():
            self.failed.emit("How the variants differ is still being computed.", "Try it again in a moment.")
            return False
        return True

    def _shown_table(self) -> Table | None:
        state = self._state
        evaluation = state.shown
        if evaluation is None:
            return None
        notes = (
            f"Run {evaluation.run}, step {evaluation.step:,}",
            words.about(evaluation),
            words.so_far(evaluation),
            words.language_model(evaluation),
            words.legend(evaluation, state.choice),
        )
        shown = words.table(evaluation, state.differences, state.choice)
        return shown_table(shown, tuple(note for note in notes if note))
