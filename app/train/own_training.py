"""The training of this window's own: starts, pauses, resumes and stops it, and takes up that of an earlier window."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.core.jobs.training_process import TrainingProcess
from app.core.settings import AppSettings
from app.train import words
from app.train.form.state import Form
from app.train.state import Own, OwnKind, TrainingState
from engine.errors import LoomError, from_os_error
from engine.storage.files import write_text
from engine.training.plan import document_of, to_toml
from engine.workspace import Workspace

MakeProcess = Callable[[Path], TrainingProcess]


class OwnTraining(QObject):
    """Keeps `own` and `waited` of the training's state true.

    Attributes:
        paused: folder and process number of the training that was paused last.

    Signals:
        begun: the folder of a training that has just been started, or taken up.
        failed: message, hint.
        told: what the training has decided or begun with, in words.
        released: the process is gone.
    """

    begun = Signal(object)
    failed = Signal(str, str)
    told = Signal(str)
    released = Signal()

    def __init__(
        self,
        state: TrainingState,
        workspace: Workspace,
        settings: AppSettings,
        make_process: MakeProcess = TrainingProcess,
    ) -> None:
        super().__init__()
        self.state, self._workspace, self._settings = state, workspace, settings
        self._make_process = make_process
        self._process: TrainingProcess | None = None
        self._path: Path | None = None
        self.paused = "", 0
        self._began = 0.0
        self._beat = QTimer(self)
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self._count)

    @property
    def path(self) -> Path | None:
        """The folder of the run that it trains, or trained last."""
        return self._path

    @property
    def name(self) -> str:
        """The name of that run, or ""."""
        return self._path.name if self._path is not None else ""

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
        if form.weights_from:
            arguments += ["--from", form.weights_from]
        self._launch(self._workspace.new_run(form.run), arguments, self._workspace.root)

    def can_resume(self) -> bool:
        """Whether the run that is followed can be taken up by this window."""
        watched = self.state.watched
        return (
            watched is not None
            and watched.settings is not None
            and watched.path.parent.name == "runs"
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
        """Have the process end soon; what came after its last checkpoint may be lost. Asked once more, kill it."""
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
            self.begun.emit(path)
        else:
            process.deleteLater()
            self._settings.training = (Path(), 0, 0.0)

    def close(self) -> None:
        """A training goes on by itself; the next window takes it up."""
        self._beat.stop()
        if self._process is not None:
            self._process.let_go()
            self._process.deleteLater()
            self._process = None

    def recall(self, path: Path) -> None:
        """A training that was paused is followed again."""
        self.state.own, self._path = Own("paused"), path

    def forget(self) -> None:
        """What the process of another run said last does not belong to the run that is followed now."""
        if not self.state.own.alive:
            self.state.own, self._path = Own(), None

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
        self.begun.emit(path)

    def _take(self, process: TrainingProcess, path: Path, own: Own) -> None:
        self._process, self._path = process, path
        process.reported.connect(self._reported)
        process.ended.connect(self._ended)
        self.state.own = own

    @Slot(object)
    def _reported(self, event: dict[str, Any]) -> None:
        own, kind = self.state.own, event["event"]
        if kind == "note":
            text = f"{self.name}: {event.get('text', '')}"
            if event.get("level") == "warning":
                self.failed.emit(text, "")
            else:
                self.told.emit(text)
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
        if kind == "paused" and self._path is not None:
            watched = self.state.watched
            process = watched.process if watched is not None and watched.path == self._path else None
            number = (process or {}).get("pid")  # a launcher may have another one
            known = number if isinstance(number, int) else self._settings.training[1]
            self.paused = str(self._path), known
        if kind == "failed":
            self.failed.emit(message, hint)
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self._settings.training = (Path(), 0, 0.0)
        self.released.emit()

    def _count(self) -> None:
        """A second has passed of a start."""
        if self.state.own.kind == "starting":
            self.state.waited = round(time.monotonic() - self._began)
        else:
            self._beat.stop()


def _log_of(path: Path) -> Path:
    """The file of a training's events, which the window that started it reads."""
    return path.parent / ".started" / f"{path.name}.events"
