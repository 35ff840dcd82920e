"""Opens a run: its maps, computed first if need be, and its models, loaded meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.core import theme
from app.core.jobs.live_worker import LiveWorker, Work
from app.core.jobs.process_job import ProcessJob
from app.core.jobs.torch_import import import_torch
from app.core.jobs.words import time_left
from app.core.values import OnMaps, Stage
from app.run.atlas import Opened, newest_step, open_atlas
from app.run.context import Context
from app.run.job_progress import JobProgress
from app.widgets.colour_scale import ramp
from engine.errors import LoomError
from engine.workspace import Workspace, repeated

AFTER_PAINT = 30
"""Milliseconds after which the painting of what has just been shown has begun."""

_WATCH_MS = 5000
"""Milliseconds between two looks for a newer checkpoint."""

MakeWorker = Callable[..., LiveWorker]
MakeJob = Callable[..., ProcessJob]


def load_maps(
    workspace: Workspace, name: str, tell: Callable[[str], None], step: int | None = None, chosen: str = ""
) -> Opened:
    """Open a run's maps, of its newest checkpoint or of a step; for a worker's thread. As `open_atlas`."""
    ramp(theme.current().mode)  # the first use of the colours takes half a second, which must not fall into a paint
    return open_atlas(workspace, name, tell, step, chosen)


def load_session(workspace: Workspace, name: str, tell: Callable[[str], None], step: int | None = None) -> Any:
    """Load the models of a run, from its newest checkpoint or that of a step; for a worker's thread.

    Raises:
        LoomError: the run cannot be read, or none of its models.
    """
    tell("Starting PyTorch")
    import_torch()
    import torch

    # A few rows at a time gain nothing from several threads, which then wait for each other (and for whatever else
    # the machine does): 4 x beam 10 took 300 ms with two threads beside a training, 70 ms with one.
    torch.set_num_threads(1)
    from engine.runs.run import Run
    from engine.session import Session

    tell("Loading the models")
    return Session.load_live(Run.open(workspace.run(name)), step)


def after_paint(owner: QObject, action: Callable[[], None]) -> None:
    """Do something once what has just been shown is painted, unless its owner is gone by then."""
    QTimer.singleShot(AFTER_PAINT, owner, action)


class RunController(QObject):
    """Keeps `state.maps` and `state.models` true, from opening to ready or failed.

    Signals:
        note: something worth telling, of the run or from a job that runs.
        coarse: the maps that are shown are the quick ones, and better ones are to be made.
    """

    note = Signal(str)
    coarse = Signal()

    def __init__(
        self,
        context: Context,
        workspace: Workspace,
        make_worker: MakeWorker = LiveWorker,
        make_job: MakeJob = ProcessJob,
        load_models: Callable[..., Any] = load_session,
        after_paint: Callable[[QObject, Callable[[], None]], None] = after_paint,
        warm: Callable[[Any], Iterator[None]] = lambda opened: iter(()),
    ) -> None:
        """Make a controller.

        Args:
            context: of which it keeps state, atlas and desks.
            workspace: where runs and caches lie.
            make_worker, make_job, load_models, after_paint: how threads, processes and models are had.
            warm: done in the reader's thread once everything is there: what would hold up a first use.
        """
        super().__init__()
        self._warm = warm
        self._after_paint = after_paint
        self._context, self._state, self._workspace = context, context.state, workspace
        self._make_worker, self._make_job, self._load_models = make_worker, make_job, load_models
        self._reader: LiveWorker | None = None
        self._live: LiveWorker | None = None
        self._job: ProcessJob | None = None
        self._commands: list[list[str]] = []
        self._coarse = False
        self._computed = False
        self._wanted: int | None = None
        self._hidden: set[str] = set()
        self._hold = ExitStack()
        self._making, self._began, self._progress = "", 0.0, JobProgress(())
        self._beat = QTimer(self)  # some stages cannot count; the seconds that pass show that they are alive
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self._show_progress)
        self._watch = QTimer(self)  # a training may go on
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look_for_newer)

    def open(self, name: str, step: int | None = None) -> None:
        """Open a run, whatever was open before: its newest checkpoint, or that of a step."""
        self.close()
        self._context.models.forget_all()
        self._context.archive.forget_all()
        state = self._state
        state.selection_text, state.selection, state.on_maps = "", -1, OnMaps()
        state.run, state.step, state.broken, state.limits = name, step, {}, None
        state.shown_step, state.newest_step, self._wanted = step, None, step
        self._computed = self._coarse = False
        self._read()
        self._watch.start()

    def retry(self) -> None:
        """Try again after a failure."""
        if self._state.run:
            self.open(self._state.run, self._wanted)

    def unless_shown(self, name: str, step: int | None, action: Callable[[], None]) -> None:
        """Do something unless a run is open, or being opened, at a step or at the newest that there is now.

        Whether there is a newer one is read in the reader's thread, and the action done after that.
        """
        state = self._state
        if state.maps.kind in ("failed", "none"):
            action()  # what could not be opened then may be there now
        elif name != state.run or step != self._wanted:
            if name != state.run or step is None or step != state.shown_step:
                action()
        elif step is None and state.shown_step is not None:

            def found(newest: int | None) -> None:
                if newest not in (None, state.shown_step):
                    action()

            self._context.archive.ask("reopen", self._newest_step(), found, lambda _: None)

    @property
    def asked_step(self) -> int | None:
        """The step that was asked for, None for the newest."""
        return self._wanted

    def close(self) -> None:
        """Stop every job and thread, which let go of the files; they end behind the window."""
        self._watch.stop()
        self._stop_job()
        self._hold.close()
        self._context.models.detach()
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._stop_reader()
        self._state.models = Stage()

    def _read(self) -> None:
        self._stop_reader()
        self._state.maps = Stage("loading", "Opening the run")
        load = partial(_load_maps, self._workspace, self._state.run, **self._asked())
        self._reader = self._make_worker(load, name="reader", close=_close_opened)
        self._reader.told.connect(self._reading)
        self._reader.loaded.connect(self._opened)
        self._reader.load_failed.connect(self._not_opened)
        self._reader.start()

    @Slot(str)
    def _reading(self, words: str) -> None:
        self._state.maps = Stage("loading", words)

    def _failed(self, message: str, hint: str) -> Stage:
        """What has failed, with commands that can be given as they stand."""
        return Stage("failed", message, repeated(hint, self._workspace))

    @Slot(str, str)
    def _not_opened(self, message: str, hint: str) -> None:
        self._empty()
        self._state.maps = self._failed(message, hint)

    def _empty(self) -> None:
        """Of a run that cannot be opened there are no variants."""
        self._hide()
        self._state.columns = self._state.shown = ()

    def _hide(self) -> None:
        """Remember which variants are hidden: they stay so in the next run that has them."""
        if self._state.columns:
            self._hidden = {column.name for column in self._state.columns} - set(self._state.shown)

    @Slot(object)
    def _opened(self, opened: Opened | LoomError) -> None:
        state = self._state
        if isinstance(opened, LoomError):
            self._empty()
            state.maps = Stage("none", opened.message, repeated(opened.hint, self._workspace))
            return
        self._hold.close()
        self._hold = opened.hold
        state.shown_step = opened.step if opened.step is not None else state.step
        if opened.training and opened.fit != "ready" and state.step is None and opened.step is not None:
            # The newest step is soon another one; the maps that are made are those of this one, whatever comes.
            state.step = opened.step
            self._read()
            return
        if opened.note and not self._computed:  # told once, not again when the maps are made
            self.note.emit(opened.note)
        state.broken, state.limits = dict(opened.broken), opened.limits
        if opened.columns != state.columns:
            self._hide()
            names = tuple(column.name for column in opened.columns)
            state.columns = opened.columns
            state.shown = tuple(name for name in names if name not in self._hidden) or names
        if opened.no_models is not None:
            state.models = self._failed(opened.no_models.message, opened.no_models.hint)
        if opened.atlas is not None:
            self._context.atlas = opened.atlas
            if self._reader is not None:
                self._context.archive.attach(self._reader)
            state.maps = Stage("ready")
            if self._coarse:
                self._coarse = False
                self.coarse.emit()
        elif self._computed:
            reason = opened.reason or "The maps are still missing after they were computed."
            state.maps = Stage("failed", reason, "Look for messages in the terminal, then try again.")
        else:
            self._compute(opened)
        if opened.no_models is None and self._live is None:
            # Once the maps are painted: linking torch's libraries meanwhile makes that paint three times as long.
            state.models = Stage("loading", "Loading the models")
            self._after_paint(self, self._load)

    def _look_for_newer(self) -> None:
        """In the reader's thread: the run may lie on a slow disk."""
        if self._state.shown_step is not None and self._state.maps.kind == "ready":
            self._context.archive.ask("newest", self._newest_step(), self._found_newest, lambda _: None)

    def _newest_step(self) -> Work:
        name = self._state.run
        return lambda _: iter([newest_step(self._workspace, name)])

    def _found_newest(self, step: int | None) -> None:
        state = self._state
        state.newest_step = step if step is not None and step != state.shown_step else None

    def _compute(self, opened: Opened) -> None:
        """Have the command line make what is missing; a cache that is out of date stays until the new one is whole."""
        self._computed = True
        self._stop_reader()
        # Where maps are not shipped, principal components are there within seconds; better ones are made behind them.
        self._coarse = not opened.packaged
        self._commands = [] if opened.fit == "unmapped" else [["encode"]]
        self._commands.append(["project", "--method", "pca"] if self._coarse else ["project"])
        text = "The maps are out of date; making new ones" if opened.fit == "stale" else "Making the maps"
        reason = f"Because {opened.reason.rstrip('.')}." if opened.reason else ""
        self._state.maps = Stage("stale" if opened.fit == "stale" else "computing", text, reason)
        labels = [column.label for column in opened.columns if column.name not in opened.broken]
        self._making, self._began = text, time.monotonic()
        self._progress = JobProgress(labels, opened.packaged, encodes=opened.fit != "unmapped")
        self._next_command()

    def _next_command(self) -> None:
        command, *options = self._commands.pop(0)
        arguments = [command, self._state.run, "--workspace", str(self._workspace.root), *options]
        if self._state.step is not None:
            arguments += ["--step", str(self._state.step)]
        if self._state.broken:
            arguments += ["--variants", ",".join(self._state.usable())]
        self._job = self._make_job(arguments)
        self._job.reported.connect(self._progressed)
        self._job.finished.connect(self._job_finished)
        self._job.failed.connect(self._job_failed)
        self._job.start()
        self._beat.start()

    @Slot(object)
    def _progressed(self, event: dict[str, Any]) -> None:
        if event["event"] == "note" and event.get("level") == "warning":
            self.note.emit(str(event.get("text", "")))
        if event["event"] != "progress":
            return
        total = event.get("total")
        self._progress.take(str(event.get("stage", "")), float(event.get("done") or 0), float(total) if total else None)
        self._show_progress()

    def _show_progress(self) -> None:
        progress, seconds = self._progress, time.monotonic() - self._began
        if not progress.words:
            return
        time_words = time_left(progress.fraction, seconds) or (f"{seconds:.0f} s" if seconds >= 3 else "")
        hint = " · ".join(part for part in (progress.words, time_words) if part)
        self._state.maps = Stage("computing", f"{self._making}: {progress.fraction:.0%}", hint, progress.fraction)

    @Slot(object)
    def _job_finished(self, _result: dict[str, Any]) -> None:
        self._drop_job()
        if self._commands:
            self._next_command()
        else:
            self._read()

    @Slot(str, str)
    def _job_failed(self, message: str, hint: str) -> None:
        self._drop_job()
        self._state.maps = self._failed(message, hint)

    def _load(self) -> None:
        if self._live is not None or (self._reader is None and self._job is None):
            return  # loaded already, or closed meanwhile
        self._state.models = Stage("loading", "Loading the models")
        step = {} if self._state.shown_step is None else {"step": self._state.shown_step}
        load = partial(self._load_models, self._workspace, self._state.run, **step)
        self._live = self._make_worker(load, name="models")
        self._live.told.connect(self._loading)
        self._live.loaded.connect(self._loaded)
        self._live.load_failed.connect(self._not_loaded)
        self._live.start()

    def _asked(self) -> dict[str, Any]:
        """The step and the map that are to be opened, where they are not the newest and the usual one."""
        asked = {"step": self._state.step, "chosen": self._context.chosen_map or None}
        return {name: value for name, value in asked.items() if value is not None}

    @Slot(str)
    def _loading(self, words: str) -> None:
        self._state.models = Stage("loading", words)

    @Slot(object)
    def _loaded(self, session: Any) -> None:
        self._state.broken = {**self._state.broken, **session.failed}
        self._state.models = Stage("ready")
        if self._live is not None:
            self._context.models.attach(self._live)
        if self._reader is not None:
            self._reader.request("warm", self._warm)

    @Slot(str, str)
    def _not_loaded(self, message: str, hint: str) -> None:
        self._state.models = self._failed(message, hint)

    def _stop_reader(self) -> None:
        self._context.atlas = None
        if self._reader is not None:
            self._context.archive.detach()
            self._reader.stop()
            self._reader = None

    def _stop_job(self) -> None:
        self._beat.stop()
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _drop_job(self) -> None:
        """The command has ended."""
        self._beat.stop()
        if self._job is not None:
            self._job.deleteLater()
            self._job = None


def _load_maps(workspace: Workspace, name: str, tell: Callable[[str], None], **at: Any) -> Opened | LoomError:
    """What opening a run brings; where there are no runs at all, the reason why it cannot be opened."""
    try:
        return load_maps(workspace, name, tell, **at)
    except LoomError as error:
        if workspace.run_names():
            raise
        return error


def _close_opened(opened: Opened | LoomError) -> None:
    if isinstance(opened, Opened) and opened.atlas is not None:
        opened.atlas.close()
