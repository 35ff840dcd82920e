"""The Train page follows a run's folder, and others beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.core.jobs.live_worker import LiveWorker
from app.core.jobs.training_process import TrainingProcess
from app.core.settings import AppSettings
from app.core.values import Stage
from app.train import words
from app.train.compare import MOST
from app.train.files import OtherRun, TrainingFolder, Watched, load_folder
from app.train.own_training import MakeProcess, OwnTraining
from app.train.plots.curves import Split
from app.train.plots.panels import ShareOf
from app.train.state import Own, TrainingState, TrainWish
from engine.errors import LoomError
from engine.workspace import PACKAGED_DEMO, Workspace, repeated

POLL_MS = 700
"""Milliseconds between two looks at the files, while the page is in view."""
ASIDE_MS = 5000
"""And while it is not."""

_OTHER = "other "
"""Before the name of a run in the name of a channel of the worker."""

MakeWorker = Callable[..., LiveWorker]


class TrainController(QObject):
    """Keeps `watched`, `stage` and `others` of the training's state true.

    Attributes:
        training: that of this window's own.

    Signals:
        ready: what drawing needs is imported; the plots can be made.
        failed: message, hint.
    """

    ready = Signal()
    failed = Signal(str, str)

    def __init__(
        self,
        state: TrainingState,
        workspace: Workspace,
        settings: AppSettings,
        make_worker: MakeWorker = LiveWorker,
        make_process: MakeProcess = TrainingProcess,
    ) -> None:
        super().__init__()
        self.state, self._workspace = state, workspace
        self._make_worker = make_worker
        self.training = OwnTraining(state, workspace, settings, make_process)
        self._worker: LiveWorker | None = None
        self._path: Path | None = None
        self._in_view = False
        self._readers: dict[str, OtherRun] = {}
        self._others_read = 0.0  # when all of them were read last
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._poll)
        self.training.begun.connect(self.follow)
        self.training.failed.connect(self.failed)
        self.training.released.connect(partial(self._next.start, 0))

    # following

    @property
    def path(self) -> Path | None:
        """The folder that is followed."""
        return self._path

    @property
    def is_own(self) -> bool:
        """Whether the process of this window trains the run that is followed."""
        return self._path is not None and self.training.path == self._path

    def show(self, in_view: bool, run: str = "") -> None:
        """The page is in view or not; the first time, `run` is followed if nothing else is."""
        self._in_view = in_view
        if in_view and self._path is None:
            self.follow_run(run)
        elif in_view and self._worker is not None and self._next.isActive():
            self._next.start(0)

    def follow_run(self, name: str) -> None:
        """Follow a run of the workspace; says so if there is none."""
        try:
            path = self._workspace.run(name)
        except LoomError:
            self.state.stage = Stage("none", "No training to look at yet", "Start one, or open the folder of a run.")
            self._load_nothing()
            return
        self.follow(path)

    def follow(self, path: Path) -> None:
        """Follow a run's folder, whoever writes it."""
        self._stop_worker()
        state, again, self._path = self.state, path == self._path, path
        if not self.is_own:
            self.training.forget()
        state.watched, state.hover = None, None
        if not again:
            state.probe_step, state.kept_step = None, None
        state.face = "follow"
        state.stage = Stage("loading", f"Opening {path.name}")
        self._start_worker(partial(_load, path))

    def wish(self) -> TrainWish:
        """What is followed, and what is read of it."""
        state, folder = self.state, "" if self._path is None else str(self._path)
        return TrainWish(
            *(folder, state.read_from, state.share_of, state.probe_step, state.kept_step),
            *(self.training.paused, state.compared),
        )

    def want(self, wish: TrainWish) -> None:
        """Follow this, unless a training of this window's own is under way, and read that of it."""
        self.training.paused = wish.paused
        self.state.read_from, self.state.share_of = wish.read_from, wish.share_of
        for name in wish.compared:
            if name not in self.state.compared:
                self.compare(name)
        if wish.folder and not self.state.own.alive:
            self.follow(Path(wish.folder))
            self.state.probe_step, self.state.kept_step = wish.probe_step, wish.kept_step

    def retry(self) -> None:
        """Read the folder again after a failure."""
        if self._path is not None:
            self.follow(self._path)

    def hover(self, step: float | None) -> None:
        """The pointer is at a step of the plots, or at none: take the logged one that is nearest."""
        watched = self.state.watched
        if step is None or watched is None:
            self.state.hover = None
        else:
            self.state.hover = words.step_read(watched, step, "train")

    def show_share_of(self, value: str) -> None:
        """Which share of the KL is plotted."""
        self.state.share_of = cast(ShareOf, value)

    def read_from(self, split: str) -> None:
        """Whose values are read: the training batches' or the test text's."""
        self.state.read_from = cast(Split, split)

    def show_probe(self, step: int | None) -> None:
        """The evaluation whose sentences are shown; None follows the newest."""
        watched = self.state.watched
        if step is None or (watched is not None and step in words.evaluations(watched)):
            self.state.probe_step = step

    def keep(self, step: int | None) -> None:
        """The chosen checkpoint; None follows the newest."""
        watched = self.state.watched
        if step is None or (watched is not None and step in watched.checkpoints):
            self.state.kept_step = step

    def compare(self, name: str) -> None:
        """Lay another run over the curves, or take it away again."""
        state = self.state
        if name in state.compared:
            self._leave_out(name)
        elif len(state.compared) >= MOST:
            self.failed.emit(f"{MOST} other runs are shown at most.", "Take one of them away first.")
        else:
            state.compared = (*state.compared, name)
            self._read_other(name)

    def show_form(self, on: bool) -> None:
        """The form, or what is followed."""
        self.state.face = "form" if on else "follow"

    def show_text(self) -> None:
        """The text that is to be prepared."""
        self.state.face = "text"

    @property
    def chosen_step(self) -> int | None:
        """The step that "Show in Explore" opens; None for the newest checkpoint."""
        watched, step = self.state.watched, self.state.kept_step
        return step if watched is not None and step in watched.checkpoints[:-1] else None

    def can_explore(self) -> str:
        """Why the run that is followed cannot be opened on the Explore page, or ""."""
        if self._path is None:
            return "There is no run."
        if self._path not in (self._workspace.root / "runs" / self._path.name, PACKAGED_DEMO):
            return f"Copy the folder into {self._workspace.root / 'runs'} first, to explore it."
        return ""

    def close(self) -> None:
        """Follow nothing any more. A training goes on by itself; the next window takes it up."""
        self._next.stop()
        self._stop_worker()
        self.training.close()

    # the worker that reads

    def _leave_out(self, name: str) -> None:
        state = self.state
        state.compared = tuple(each for each in state.compared if each != name)
        state.others = {each: watched for each, watched in state.others.items() if each != name}
        self._readers.pop(name, None)
        if self._worker is not None:
            self._worker.forget(_OTHER + name)

    def _read_other(self, name: str) -> None:
        if self._worker is not None:
            reader = self._readers.setdefault(name, OtherRun(self._workspace, name))
            self._worker.request(_OTHER + name, reader)

    def _load_nothing(self) -> None:
        if self._worker is None:
            self._start_worker(_import_only)

    def _start_worker(self, load: Callable[[Callable[[str], None]], Any]) -> None:
        self._worker = self._make_worker(load, name="training")
        self._worker.loaded.connect(self._loaded)
        self._worker.load_failed.connect(self._unreadable)
        self._worker.answered.connect(self._answered)
        self._worker.completed.connect(self._completed)
        self._worker.refused.connect(self._refused)
        self._worker.start()
        self._readers.clear()  # each belongs to the thread of one worker
        for name in self.state.compared:
            self._read_other(name)

    def _stop_worker(self) -> None:
        self._next.stop()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    @Slot(object)
    def _loaded(self, folder: TrainingFolder | None) -> None:
        self.ready.emit()
        if folder is not None:
            self._poll()

    def _poll(self) -> None:
        if self._worker is not None and self._path is not None:
            self._worker.request("poll", _read)
            now = time.monotonic()
            if slowly := now - self._others_read >= ASIDE_MS / 1000:
                self._others_read = now
            for name, watched in self.state.others.items():
                if slowly or words.training_now(watched, Own()):  # what seems to rest may go on
                    self._read_other(name)

    @Slot(str, object)
    def _answered(self, channel: str, watched: Watched) -> None:
        state = self.state
        if channel != "poll":
            name = channel.removeprefix(_OTHER)
            if name in state.compared:
                found = {**state.others, name: watched}
                state.others = {each: found[each] for each in state.compared if each in found}
            return
        state.watched = watched
        if state.own.kind == "none" and self._was_paused(watched):
            self.training.recall(watched.path)
        elif state.own.kind == "paused" and watched.life == "running":
            self.training.forget()  # somebody has taken it up
        if watched.settings is not None:
            state.stage = Stage("ready")
        elif self.is_own and state.own.kind == "failed":
            state.stage = Stage("failed", state.own.text, state.own.hint)
        elif self.is_own and state.own.alive:
            state.stage = Stage("loading", state.own.text or "Starting", "")
        else:
            state.stage = Stage(
                "failed", f"There is no run in {watched.path}", "Start a training, or open another run."
            )

    @Slot(str, str, str)
    def _refused(self, channel: str, message: str, hint: str) -> None:
        if channel == "poll":
            self._unreadable(message, hint)
        else:
            self._leave_out(channel.removeprefix(_OTHER))
            self.failed.emit(message, hint)

    def _was_paused(self, watched: Watched) -> bool:
        """Whether an earlier window paused this very process; the files say only that it was told to stop."""
        number = (watched.process or {}).get("pid")
        return watched.life == "stopped" and self.training.paused == (str(watched.path), number)

    @Slot(str)
    def _completed(self, channel: str) -> None:
        if channel == "poll":
            self._next.start(POLL_MS if self._in_view else ASIDE_MS)

    @Slot(str, str)
    def _unreadable(self, message: str, hint: str) -> None:
        self.state.stage = Stage("failed", message, repeated(hint, self._workspace))


def _load(path: Path, _tell: Callable[[str], None]) -> TrainingFolder:
    return load_folder(path)


def _import_only(_tell: Callable[[str], None]) -> None:
    load_folder(Path())


def _read(folder: TrainingFolder) -> Iterator[Watched]:
    return folder.poll()
