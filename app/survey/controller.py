"""The survey that is shown: which, what is known of it, and a new one that is made by the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.core.jobs.live_worker import LiveWorker, Work
from app.core.jobs.process_job import ProcessJob
from app.core.values import Column, Stage
from app.survey import requests, words
from app.survey.state import Draft, Known, SurveyState
from engine.evaluation.surveys.request import Group, Kind
from engine.evaluation.surveys.response import Response
from engine.workspace import Workspace


class SurveyController(QObject):
    """Keeps the state of the page true. Files are read and written beside the window's thread.

    Signals:
        told: a word to the person.
        failed: what went wrong, and what to do next.
        kept: the id of a response that was written.
        not_kept: why one that is being given could not be; it is written with the next, or when the page is looked at.
        made: the command has made a survey.
    """

    told = Signal(str)
    failed = Signal(str, str)
    kept = Signal(str)
    not_kept = Signal(str)
    made = Signal()

    def __init__(
        self,
        state: SurveyState,
        workspace: Workspace,
        make_worker: Callable[..., LiveWorker] = LiveWorker,
        make_job: Callable[[Sequence[str]], ProcessJob] = ProcessJob,
    ) -> None:
        super().__init__()
        self.state, self._workspace = state, workspace
        self._make_worker, self._make_job = make_worker, make_job
        self._worker: LiveWorker | None = None
        self._job: ProcessJob | None = None
        self._wanted = ""  # a survey that is to be shown once it is listed
        self._unkept: dict[tuple[str, str], Response] = {}  # by survey and id, until they are written
        self._merges = count(1)

    def look(self) -> None:
        """See which surveys there are, and read the one that is shown anew; what was not kept yet is tried again."""
        self._keep_again()
        self._ask("names", requests.names)
        if self.state.name:
            self._read()

    def choose(self, name: str) -> None:
        """Show another survey."""
        if name != self.state.name:
            self.state.name, self.state.known = name, None
            self._read()

    def leave_out(self, most_failed: int | None) -> None:
        """Count only respondents who failed at most so many catch trials; None counts everybody."""
        self.state.most_failed = most_failed
        if self.state.name:
            self.state.stage = Stage("loading", f"Counting {self.state.name} anew")
            self._read()

    def merge(self, files: Sequence[Path], name: str) -> None:
        """Take files that respondents have sent into a survey, "" for none; all of them, however quickly they come."""
        if not name:
            self.told.emit("Choose the survey first that these files answer.")
        elif files:
            self._ask(f"merge {next(self._merges)}", lambda workspace: requests.merge(workspace, name, files))

    def write_pages(self, folder: Path, name: str) -> None:
        """Write web pages of a survey for as many respondents as are expected, from the next form on."""
        self._ask("pages", lambda workspace: requests.pages(workspace, name, folder))

    def export(self, folder: Path, format: str, name: str, known: Known) -> None:
        """Write all tables of a survey."""
        self._ask("export", lambda _: requests.export(name, known.tables, folder, format))

    def newest(self, name: str, response: Response) -> Response:
        """A response as far as it has been given: it may be that not all of it could be kept."""
        return self._unkept.get((name, response.response), response)

    def keep(self, name: str, response: Response) -> None:
        """Write what was answered so far. A later state of it may go ahead, as it holds all of this one."""
        self._unkept[name, response.response] = response
        self._ask(f"keep {name} {response.response}", partial(requests.keep, name=name, response=response))

    # a new survey

    def begin(self, run: str, columns: Sequence[Column]) -> None:
        """A new survey is to be made of a run."""
        labels = {column.name: column.label for column in columns}
        draft = replace(self.state.draft, run=run, labels=labels)
        if (run, labels) != (self.state.draft.run, self.state.draft.labels):
            draft = replace(draft, chosen=words.usual(draft), name=None)
        self._change(draft)

    def set_kind(self, kind: Kind) -> None:
        """Another kind of survey, with what is usual for it."""
        draft = replace(self.state.draft, kind=kind)
        self._change(replace(draft, chosen=words.usual(draft)))

    def set_group(self, group: Group, on: bool) -> None:
        """Ask about a pair or model, or not; they keep the order in which they can be chosen."""
        wanted = {*self.state.draft.chosen, group} if on else {*self.state.draft.chosen} - {group}
        self._change(
            replace(self.state.draft, chosen=tuple(each for each in words.possible(self.state.draft) if each in wanted))
        )

    def set_number(self, key: str, value: int) -> None:
        """questions, catch, respondents, repeats or seed."""
        changed: dict[str, Any] = {key: value}
        self._change(replace(self.state.draft, **changed))

    def set_name(self, name: str) -> None:
        """What it is called."""
        self._change(replace(self.state.draft, name=name.strip()))

    def make(self) -> None:
        """Have the command make it."""
        draft = self.state.draft
        if draft.problem or self._job is not None:
            return
        self.state.job = Stage("computing", "Starting")
        self._wanted = draft.survey_name
        job = self._job = self._make_job([*words.command(draft), "--workspace", str(self._workspace.root)])
        job.reported.connect(self._reported)
        job.finished.connect(self._finished)
        job.failed.connect(self._not_made)
        job.start()

    def give_up(self) -> None:
        """Stop making it; nothing of it is left behind."""
        if self._job is not None:
            self._job.stop()
            self._job = None
        self._wanted = ""
        self.state.job = Stage()

    def close(self) -> None:
        """End whatever was started; answers that were given are written first."""
        self.give_up()
        self._keep_again()
        if self._worker is not None:
            self._worker.stop(finish=True)
            self._worker = None

    # within

    def _change(self, draft: Draft) -> None:
        self.state.draft = replace(draft, problem=words.problem(draft, self.state.names))

    def _ask(self, channel: str, work: Work) -> None:
        if self._worker is None:
            worker = self._worker = self._make_worker(lambda _tell: self._workspace, name="survey")
            worker.answered.connect(self._answered)
            worker.refused.connect(self._refused)
            worker.start()
        self._worker.request(channel, work)

    def _keep_again(self) -> None:
        for (name, _), response in list(self._unkept.items()):
            self.keep(name, response)

    def _read(self) -> None:
        if self.state.known is None:
            self.state.stage = Stage("loading", f"Reading {self.state.name}")
        name, most_failed = self.state.name, self.state.most_failed
        self._ask("look", partial(requests.look, name=name, most_failed=most_failed))

    @Slot(str, object)
    def _answered(self, channel: str, result: Any) -> None:
        if channel == "names":
            self._take_names(result)
        elif channel == "look":
            self._take(result)
        elif channel.startswith("keep "):
            self._kept(*result)
        elif channel.startswith("merge "):
            said, problem = result
            self.told.emit(said)
            if problem:
                self.failed.emit("Some files were refused.", problem)
            self._read()
        else:
            self.told.emit(result)

    @Slot(str, str, str)
    def _refused(self, channel: str, message: str, hint: str) -> None:
        if channel == "look":
            self.state.known, self.state.stage = None, Stage("failed", message, hint)
        elif channel.startswith("keep "):
            problem = f"{message} {hint}".strip()
            if self.state.taking is not None:
                self.not_kept.emit(problem)
            else:
                self.failed.emit("Answers of a survey are not kept yet; looking at this page again tries it.", problem)
        else:
            self.failed.emit(message, hint)

    def _kept(self, name: str, response: Response) -> None:
        if self._unkept.get((name, response.response)) == response:
            del self._unkept[name, response.response]
        self.kept.emit(response.response)
        if self.state.taking is None and name == self.state.name:
            self._read()

    def _take_names(self, names: tuple[str, ...]) -> None:
        self.state.names = names
        if self.state.draft.run:
            self._change(self.state.draft)
        if self._wanted in names:
            self.choose(self._wanted)
            self._wanted = ""
        elif self.state.name not in names:
            self.state.name, self.state.known = "", None
            self.state.stage = Stage("none", words.NOTHING, words.HOW)
            if names:
                self.choose(names[0])

    def _take(self, known: Known) -> None:
        self.state.known, self.state.stage = known, Stage("ready")

    @Slot(object)
    def _reported(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "progress" and event.get("total"):
            done, total = float(event["done"]), float(event["total"])
            text = f"{str(event['stage']).capitalize()}: {done:.0f} of {total:.0f} {event.get('unit', '')}"
            self.state.job = Stage("computing", text, fraction=done / total)
        elif event["event"] == "note":
            self.told.emit(str(event.get("text", "")))

    @Slot(object)
    def _finished(self, _result: Mapping[str, Any]) -> None:
        self._drop_job()
        self.state.job = Stage()
        self.made.emit()
        self.look()

    @Slot(str, str)
    def _not_made(self, message: str, hint: str) -> None:
        self._drop_job()
        self._wanted = ""
        self.state.job = Stage("failed", message, hint)

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
