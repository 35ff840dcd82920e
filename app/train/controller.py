"""The Train page: follows a run's folder, and starts, pauses, resumes and stops a training of this window's own."""

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
from app.train.form.state import Form
from app.train.plots.curves import Split
from app.train.plots.panels import ShareOf
from app.train.state import Own, OwnKind, TrainingState, TrainWish
from engine.errors import LoomError, from_os_error
from engine.storage.files import write_text
from engine.training.plan import document_of, to_toml
from engine.workspace import PACKAGED_DEMO, Workspace, repeated

POLL_MS = 700
"""Milliseconds between two looks at the files, while the page is in view."""
ASIDE_MS = 5000
"""And while it is not."""

_OTHER = "other "
"""Before the name of a run in the name of a channel of the worker."""

MakeWorker = Callable[..., LiveWorker]
MakeProcess = Callable[[Path], TrainingProcess]


class TrainController(QObject):
    """Keeps `watched`, `stage` and `own` of the training's state true.

    Signals:
        ready: what drawing needs is imported; the plots can be made.
        failed: message, hint.
        released: the process of this window is gone.
    """

    ready = Signal()
    failed = Signal(str, str)
    released = Signal()

    def __init__(
        self,
        state: TrainingState,
        workspace: Workspace,
        settings: AppSettings,
        make_worker: MakeWorker = LiveWorker,
        make_process: MakeProcess = TrainingProcess,
    ) -> None:
        super().__init__()
        self.state, self._workspace, self._settings = state, workspace, settings
        self._make_worker, self._make_process = make_worker, make_process
        self._worker: LiveWorker | None = None
        self._process: TrainingProcess | None = None
        self._own_path: Path | None = None
        self._path: Path | None = None
        self._paused = "", 0
        self._in_view = False
        self._readers: dict[str, OtherRun] = {}
        self._began = 0.0
        self._beat = QTimer(self)
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self._count)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._poll)

    # following

    @property
    def path(self) -> Path | None:
        """The folder that is followed."""
        return self._path

    @property
    def is_own(self) -> bool:
        """Whether the process of this window trains the run that is followed."""
        return self._own_path is not None and self._own_path == self._path

    @property
    def own_name(self) -> str:
        """The run that the process of this window trains, or trained last."""
        return self._own_path.name if self._own_path is not None else ""

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
        self._path = path
        state = self.state
        if not self.is_own:
            self._leave_own_words()
        state.watched, state.hover, state.probe_step, state.kept_step = None, None, None, None
        state.face = "follow"
        state.stage = Stage("loading", f"Opening {path.name}")
        self._start_worker(partial(_load, path))

    def wish(self) -> TrainWish:
        """What is followed, and what is read of it."""
        state, folder = self.state, "" if self._path is None else str(self._path)
        return TrainWish(
            *(folder, state.read_from, state.share_of, state.probe_step, state.kept_step),
            *(self._paused, state.compared),
        )

    def want(self, wish: TrainWish) -> None:
        """Follow this, unless a training of this window's own is under way, and read that of it."""
        self._paused = wish.paused
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

    # the training of this window

    def start(self, form: Form) -> None:
        """Start the training that a form describes."""
        if form.plan is None or form.problems or self.state.own.alive:
            return
        place = self._workspace.root / "runs" / ".started"
        config = place / f"{form.run}.toml"
        try:
            write_text(config, to_toml(document_of(form.plan)))
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return
        arguments = ["train", form.corpus, "--run", form.run, "--config", str(config), "--device", form.device]
        self._launch(self._workspace.new_run(form.run), arguments, self._workspace.root)

    def can_resume(self) -> bool:
        """Whether the run that is followed can be taken up by this window."""
        watched = self.state.watched
        return (
            watched is not None
            and watched.settings is not None
            and self._path is not None
            and self._path.parent.name == "runs"
            and not watched.finished
            and not words.none_left(watched)
            and not self.state.own.alive
            and not words.training_now(watched, Own())
        )

    def resume(self) -> None:
        """Go on with the run that is followed."""
        watched = self.state.watched
        if not self.can_resume() or watched is None or watched.settings is None:
            return
        arguments = ["train", watched.settings.corpus.name, "--run", watched.name, "--resume"]
        self._launch(watched.path, arguments, watched.path.parent.parent)

    def pause(self) -> None:
        """Have the process write a checkpoint and end, to go on later."""
        if self._process is not None and self.state.own.kind in ("starting", "running"):
            self.state.own = Own("pausing")
            self._process.ask_to_stop()

    def stop(self) -> None:
        """Have the process end where it is: what came after its last checkpoint is lost. Asked once more, kill it."""
        if self._process is None or not self.state.own.alive:
            return
        if self.state.own.kind == "stopping":
            self._process.kill()
        else:
            self.state.own = Own("stopping")
            self._process.interrupt()

    def adopt(self) -> None:
        """Take up the training that an earlier window left running, unless this window has one."""
        path, pid, created = self._settings.training
        if not pid or self._process is not None:
            return
        process = self._make_process(_log_of(path))
        if process.adopt(pid, created):
            self._take(process, path, Own("running"))
        else:
            process.deleteLater()
            self._settings.training = (Path(), 0, 0.0)

    def close(self) -> None:
        """Follow nothing any more. A training goes on by itself; the next window takes it up."""
        self._next.stop()
        self._beat.stop()
        self._stop_worker()
        if self._process is not None:
            self._process.let_go()
            self._process.deleteLater()
            self._process = None

    def _launch(self, path: Path, arguments: list[str], root: Path) -> None:
        process = self._make_process(_log_of(path))
        try:
            process.start([*arguments, "--workspace", str(root)])
        except OSError as error:
            told = from_os_error(error, "starting the training")
            self.failed.emit(told.message, told.hint)
            process.deleteLater()
            return
        self._take(process, path, Own("starting", "Starting"))
        self._began, self.state.waited = time.monotonic(), 0
        self._beat.start()
        self._settings.training = (path, *process.identity)
        self.follow(path)

    def _take(self, process: TrainingProcess, path: Path, own: Own) -> None:
        self._process, self._own_path = process, path
        process.reported.connect(self._reported)
        process.ended.connect(self._ended)
        self.state.own = own

    @Slot(object)
    def _reported(self, event: dict[str, Any]) -> None:
        own, kind = self.state.own, event["event"]
        if kind == "note" and event.get("level") == "warning":
            self.failed.emit(str(event.get("text", "")), "")
        if own.kind != "starting":
            return
        if kind == "trainstep":
            self.state.own = Own("running")
        elif kind == "progress":
            self.state.own = Own("starting", words.starting(event))

    @Slot(str, str, str)
    def _ended(self, how: str, message: str, hint: str) -> None:
        asked = self.state.own.kind
        kinds: dict[str, OwnKind] = {"done": "done", "failed": "failed"}
        kind = kinds.get(how, "paused" if asked == "pausing" else "stopped")
        self.state.own = Own(kind, message, hint)
        if kind == "paused" and self._own_path is not None:
            process = self.state.watched.process if self.is_own and self.state.watched is not None else None
            number = (process or {}).get("pid")  # a launcher may have another one
            known = number if isinstance(number, int) else self._settings.training[1]
            self._paused = str(self._own_path), known
        if kind == "failed":
            self.failed.emit(message, hint)
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self._settings.training = (Path(), 0, 0.0)
        self._next.start(0)
        self.released.emit()

    def _count(self) -> None:
        """A second has passed of a start."""
        if self.state.own.kind == "starting":
            self.state.waited = round(time.monotonic() - self._began)
        else:
            self._beat.stop()

    def _leave_own_words(self) -> None:
        """What the process of another run said last does not belong to the run that is followed now."""
        if not self.state.own.alive:
            self.state.own, self._own_path = Own(), None

    # the worker that reads

    def _leave_out(self, name: str) -> None:
        state = self.state
        state.compared = tuple(each for each in state.compared if each != name)
        state.others = {each: watched for each, watched in state.others.items() if each != name}

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
            for name, watched in self.state.others.items():
                if words.training_now(watched, Own()):
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
            state.own = Own("paused")
        elif state.own.kind == "paused" and watched.life == "running":
            state.own = Own()  # somebody has taken it up
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
        return watched.life == "stopped" and self._paused == (str(watched.path), number)

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


def _log_of(path: Path) -> Path:
    """The file of a training's events, which the window that started it reads."""
    return path.parent / ".started" / f"{path.name}.events"
