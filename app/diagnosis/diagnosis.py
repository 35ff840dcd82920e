"""The diagnosis of the open run: what is known at once, what is measured by a command, and who is shown it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.core import theme
from app.core.jobs.process_job import ProcessJob
from app.core.jobs.words import time_left
from app.core.refresh import Refresh
from app.core.values import Stage
from app.diagnosis import requests, words
from app.diagnosis.state import QUICK, DiagnosisState, Known
from app.run.context import Context
from app.widgets.save_dialog import Exporter, ask_where_to_save
from engine.evaluation.tables import TABLE_FORMATS

if TYPE_CHECKING:
    from app.core.theme import Theme
    from app.diagnosis.view import DiagnosisView
    from app.widgets.pictures.figure import Figure

_FILTERS = {
    "csv": "Numbers for programs (*.csv)",
    "json": "All of it, as diagnose --json (*.json)",
    **{name: f"{text} (*.{name})" for name, text in TABLE_FORMATS.items() if name not in ("csv", "json")},
}
MakeJob = Callable[..., ProcessJob]


class Diagnosis(Exporter):
    """Keeps `ExplorerState.findings` true, and has the window that explains them.

    Signals:
        pictured: the `Figure` of the page is to be saved.
        lesson_requested: the lesson on collapse is to be read.
    """

    pictured = Signal(object)
    lesson_requested = Signal()

    def __init__(self, context: Context, over: QWidget, make_job: MakeJob = ProcessJob) -> None:
        """Args: context: of the open run; over: the window; make_job: how a command is started."""
        super().__init__()
        self._context, self._explorer = context, context.state
        self._over, self._make_job = over, make_job
        self.state = DiagnosisState()
        self.view: DiagnosisView | None = None
        self._job: ProcessJob | None = None
        self._began, self._stage, self._fraction = 0.0, "", 0.0
        self._beat = QTimer(self)  # encoding cannot count; the seconds that pass show that it is alive
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self._show_progress)
        self._models = self._explorer.run, self._explorer.shown_step
        for signal in (self._explorer.events.run, self._explorer.events.shown_step):
            signal.connect(self._models_changed, check_nargs=False, max_args=0)
        for signal in (self._explorer.events.maps, self._explorer.events.broken):
            signal.connect(self._maps_changed, check_nargs=False, max_args=0)
        self.refresh = Refresh(
            {
                self._show_subject: ("run", "shown_step", "known", "result", "created"),
                self._show_page: ("known", "result", "columns", "maps"),
                self._show_choice: ("known", "result", "quick", "job"),
                self._show_job: ("known", "result", "job", "maps"),
            },
            [self.state, self._explorer],
            in_view=False,
        )

    # what a person does

    def open(self) -> None:
        """Show the window, made when it is wanted first; what a command has kept meanwhile is looked for."""
        if self.view is None:
            from app.diagnosis.view import DiagnosisView

            view = self.view = DiagnosisView(self._over)
            view.measure_requested.connect(self.measure)
            view.stop_requested.connect(self.stop)
            view.quick_chosen.connect(self.choose)
            view.copy_requested.connect(self.copy)
            view.export_requested.connect(self.ask_where)
            view.picture_requested.connect(self._picture)
            view.lesson_requested.connect(self.lesson_requested)
            view.finished.connect(self._put_away)
        if self.state.result is None and self._job is None and self._explorer.maps.kind == "ready":
            self._look()
        self.refresh.show(True)
        self.refresh.flush()
        self.view.fit(self._over)
        self.view.show()
        self.view.raise_()
        self.view.activateWindow()
        self.view.text.setFocus()

    def _put_away(self) -> None:
        """The window is closed; the command goes on."""
        self.refresh.show(False)
        if self._job is not None:
            self.told.emit("The diagnosis goes on being measured; Ctrl+I shows it.")

    @property
    def _in_view(self) -> bool:
        return self.view is not None and self.view.isVisible()

    def choose(self, quick: bool) -> None:
        """Whether the first thousand sentences are enough."""
        self.state.quick = quick

    def measure(self) -> None:
        """Run `diagnose` on the models that are shown; anew where the same is there already."""
        state, explorer = self.state, self._explorer
        if self._job is not None or state.known.sources is None:
            return
        sources, sentences = state.known.sources, self._sentences()
        arguments = ["diagnose", explorer.run, "--workspace", str(self._context.workspace.root)]
        arguments += ["--step", str(sources["step"]), "--variants", ",".join(sources["models"])]
        arguments += ["--sentences", str(sentences)]
        if state.result is not None and state.result["sentences"] == sentences:
            arguments.append("--anew")
        self._began, self._stage, self._fraction = time.monotonic(), "", 0.0
        job = self._job = self._make_job(arguments)
        job.reported.connect(self._progressed)
        job.finished.connect(self._measured)
        job.failed.connect(self._not_measured)
        state.job = Stage("computing", "Starting to measure")
        job.start()
        self._beat.start()

    def stop(self) -> None:
        """Give up what is being measured."""
        self._beat.stop()
        if self._job is not None:
            self._job.stop()
            self._job = None
        self.state.job = Stage()

    @property
    def under_way(self) -> str:
        """What is being measured, in a sentence; "" for nothing."""
        if self._job is None:
            return ""
        share = f" ({self._fraction:.0%} done)" if self._fraction else ""
        return f"The diagnosis of {self._explorer.subject} is being measured{share}."

    def copy(self) -> None:
        """Put the numbers and the report on the clipboard."""
        if self.state.result is not None:
            QGuiApplication.clipboard().setText(words.as_text(self.state.result, self.state.created))
            self.told.emit("Copied the diagnosis")

    def ask_where(self) -> None:
        """Ask for a file to write the diagnosis to."""
        if self.state.result is None:
            return
        name = f"{self.state.result['run']}-diagnosis"
        folder = self._context.settings.export[0] if self._context.settings is not None else Path()  # that of the table
        ask_where_to_save(self.view or self._over, "Export the diagnosis", _FILTERS, "csv", name, folder, self.export)

    def export(self, path: Path, chosen: str = "csv") -> None:
        """Write the diagnosis, in the reader's thread; the ending of the name says how, else the chosen one."""
        result = self.state.result
        if result is not None and (named := self.named(path, _FILTERS, chosen)) is not None:
            work = lambda _: requests.write(*named, result, words.long_table(result))  # noqa: E731
            self._context.archive.ask("diagnosis export", work, self.told.emit, self._exported)

    def _exported(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem, "")

    def everything(self) -> None:
        """Show all anew, as after a change of theme."""
        self.refresh.everything()

    def close(self) -> None:
        """The window is closed."""
        self.refresh.stop()
        self.stop()

    # what is known

    def _models_changed(self) -> None:
        now = self._explorer.run, self._explorer.shown_step
        if now != self._models:
            self._models = now
            self._forget()

    def _maps_changed(self) -> None:
        """Other maps of the same models may be shown: what is measured of these goes on, and what is known stays."""
        if self._explorer.maps.kind == "ready":
            self._look()

    def _look(self) -> None:
        explorer = self._explorer
        work = partial(
            requests.look,
            workspace=self._context.workspace,
            name=explorer.run,
            step=explorer.shown_step,
            broken=frozenset(explorer.broken),
        )
        self._context.archive.ask("diagnosis", work, self._take, self._looked)

    def _forget(self) -> None:
        """Other models are to be shown, or none."""
        if self._job is not None:
            self.told.emit("The diagnosis was given up, as other models are to be shown")
        self.stop()
        self._context.archive.forget("diagnosis")
        self.state.quick = True
        self.state.known, self.state.result, self.state.created = Known(), None, ""
        self._explorer.findings = {}

    def _take(self, known: Known) -> None:
        state = self.state
        same = known.sources is not None and known.sources == state.known.sources
        if self._job is not None and not same:
            self._forget()  # they were trained on, or are not here any more
        state.known = known
        if not same or state.result is None or known.created > state.created:  # else it was read before that was there
            state.result, state.created = known.result, known.created
            if known.result is not None and known.result["sentences"] >= known.sentences:
                state.quick = False
        self._explorer.findings = words.findings(known, state.result)

    def _looked(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem, "")

    # the command

    @Slot(object)
    def _progressed(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "note" and event.get("level") == "warning":
            self.told.emit(str(event.get("text", "")))
        if event["event"] != "progress" or self.state.known.sources is None:
            return
        self._stage = str(event.get("stage", ""))
        names = [
            column.label for column in words.labels(self._explorer.columns, tuple(self.state.known.sources["models"]))
        ]
        effort = 5.0 * self._sentences(), 100.0 * min(200, self._sentences())  # passes through the decoder
        come = words.fraction(names, self._stage, float(event.get("done") or 0), float(event.get("total") or 0), effort)
        self._fraction = max(self._fraction, come or 0.0)
        self._show_progress()

    def _show_progress(self) -> None:
        seconds = time.monotonic() - self._began
        what = words.stage_in_words(self._stage) if self._stage else "Starting to measure"
        left = time_left(self._fraction, seconds) or f"{seconds:.0f} s"
        self.state.job = Stage("computing", f"{what} · {left}", fraction=self._fraction or None)

    @Slot(object)
    def _measured(self, result: Mapping[str, Any]) -> None:
        self._drop_job()
        state = self.state
        if not requests.belongs(result, state.known.sources):
            self._tell_failure("What was measured is not of the models that are shown.", "Measure again.")
            return
        state.job = Stage()
        state.result, state.created = result, datetime.now(UTC).isoformat(timespec="seconds")
        self._explorer.findings = words.findings(state.known, result)
        if not self._in_view:
            self.told.emit("The diagnosis is there: press the verdict beneath a map, or Ctrl+I.")

    @Slot(str, str)
    def _not_measured(self, message: str, hint: str) -> None:
        self._drop_job()
        self._tell_failure(message, hint)

    def _tell_failure(self, message: str, hint: str) -> None:
        self.state.job = Stage("failed", message, hint)
        if not self._in_view:
            self.failed.emit(f"The diagnosis was not measured: {message}", hint)

    def _drop_job(self) -> None:
        self._beat.stop()
        if self._job is not None:
            self._job.deleteLater()
            self._job = None

    def _sentences(self) -> int:
        known = self.state.known
        return min(QUICK, known.sentences) if self.state.quick else known.sentences

    def _picture(self) -> None:
        figure = self.figure()
        if figure is not None:
            self.pictured.emit(figure)
        else:
            self.told.emit("There is nothing to save as a picture yet.")

    # what the view is told

    def _show_subject(self) -> None:
        state = self.state
        if self.view is not None:
            self.view.show_subject(self._explorer.subject, self._about() if state.known.estimates else "")

    def figure(self) -> Figure | None:
        """The page as a figure; None while there is nothing to say."""
        page = self._page()
        if page is None or self.view is None:
            return None
        from app.diagnosis.view import STYLE
        from app.widgets.pictures.document import Document
        from app.widgets.pictures.figure import MARGIN, Figure, wide

        facts = (self._about(),)
        width = wide(self.view.text.viewport().width() + 2 * MARGIN)
        subject = f"Run {self._explorer.subject}"  # whatever page of the window is in view
        return Figure("diagnosis", "Diagnosis", (Document(page, STYLE),), facts, subject, width)

    def _page(self) -> Callable[[Theme], str] | None:
        """What is known as a page in a theme; None where that is nothing."""
        from app.diagnosis.page import estimated_page, measured_page

        state, columns = self.state, self._explorer.columns
        if state.result is not None:
            return partial(measured_page, state.result, columns)
        return partial(estimated_page, state.known, columns) if state.known.estimates else None

    def _about(self) -> str:
        state = self.state
        return words.about(state.result, state.created) if state.result is not None else "From the maps alone"

    def _show_page(self) -> None:
        if self.view is None:
            return
        page, state = self._page(), self.state
        if page is not None:
            self.view.show_text(page(theme.current()))
        else:
            self.view.show_text(f"<p>{escape(self._explorer.maps.note('There are no maps to diagnose.'))}</p>")
        self.view.show_exports(state.result is not None)

    def _show_choice(self) -> None:
        state = self.state
        if self.view is None:
            return
        n = state.known.sentences
        choices = [f"The first {QUICK:,} sentences", f"{n:,} sentences"] if n > QUICK else [f"{n:,} sentences"]
        there = state.result is not None and state.result["sentences"] == self._sentences()
        can = state.known.sources is not None and state.job.kind != "computing"
        chosen = 1 if n > QUICK and not state.quick else 0
        self.view.show_choice(choices, chosen, "" if not can else "Measure again" if there else "Measure")

    def _show_job(self) -> None:
        if self.view is None:
            return
        job, known = self.state.job, self.state.known
        text = f"{job.text} {job.hint}".strip()
        if not text and self.state.result is None and known.estimates:
            text = known.why_not or known.problem or _MEASURE
        fraction = job.fraction if job.kind == "computing" else 0.0
        self.view.show_job(job.kind == "computing", text, fraction, job.kind == "failed")


_MEASURE = (
    "An estimate from the KL of the maps. Measure also finds out whether the decoder listens to z, how much z tells "
    "about the sentence, and how good the model is (log p(x)), each with an interval; it takes a minute or more."
)
