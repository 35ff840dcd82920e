"""The command that gives sentences back: started, followed and stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.core.jobs.process_job import ProcessJob
from app.core.jobs.words import time_left
from app.run.context import Context
from engine.workspace import repeated

MakeJob = Callable[..., ProcessJob]


class GivingBack(QObject):
    """Has the sentences of the open run given back, by one command at a time.

    Attributes:
        fraction: of the sentences of all these models that are measured, 0 to 1.
        said: what is done now, and how long it still takes.

    Signals:
        changed: it has begun, come further or ended.
        advanced: more is kept than before.
        failed: what went wrong, in words.
    """

    changed, advanced = Signal(), Signal()
    failed = Signal(str)

    def __init__(self, context: Context, make_job: MakeJob = ProcessJob) -> None:
        """Args: context: of the open run; make_job: how processes are had."""
        super().__init__()
        self._context, self._make_job = context, make_job
        self._job: ProcessJob | None = None
        self.fraction, self.said = 0.0, ""
        self._of = 0
        self._done: dict[str, float] = {}
        self._round_ended = False
        self._began: tuple[float, float] | None = None  # when how much was done at first: starting says nothing of it

    @property
    def running(self) -> bool:
        """Whether the command runs."""
        return self._job is not None

    def start(self, variants: tuple[str, ...]) -> None:
        """Have all sentences given back by these models of the open run; while that is done, nothing."""
        atlas, explorer = self._context.atlas, self._context.state
        if self._job is not None or atlas is None or not variants:
            return
        arguments = ["evaluate", explorer.run, "--workspace", str(self._context.workspace.root), "--given-back"]
        arguments += ["--limit", "0", "--variants", ",".join(variants)]
        if explorer.shown_step is not None:
            arguments += ["--step", str(explorer.shown_step)]
        self.fraction, self.said, self._began = 0.0, "Starting to measure", None
        self._of, self._done, self._round_ended = atlas.n * len(variants), {}, False
        job = self._job = self._make_job(arguments)
        job.reported.connect(self._reported)
        job.finished.connect(self._finished)
        job.failed.connect(self._failed)
        job.start()
        self.changed.emit()

    def stop(self) -> None:
        """End the command; what it has measured is kept, and told once it has."""
        if self._job is not None:
            # It says nothing more, but is deleted once it has ended. Queued, as nothing may be asked while it is.
            self._job.destroyed.connect(self._gone, Qt.ConnectionType.QueuedConnection)
            self._job.stop()
            self._job = None
            self.changed.emit()

    @Slot()
    def _gone(self) -> None:
        self.advanced.emit()

    @Slot(object)
    def _reported(self, event: Mapping[str, Any]) -> None:
        stage, done, total = str(event.get("stage", "")), float(event.get("done") or 0), float(event.get("total") or 0)
        if event["event"] != "progress" or ": giving back" not in stage:  # the text may have to be prepared first
            return
        if self._round_ended:
            self.advanced.emit()  # the command keeps what it has measured before it goes on with something else
        self._done[stage] = max(done, self._done.get(stage, 0.0))
        self._round_ended = done >= total
        self.fraction = min(1.0, sum(self._done.values()) / self._of)
        now = time.monotonic()
        since, reached = self._began = self._began or (now, self.fraction)
        left = time_left((self.fraction - reached) / max(1e-9, 1.0 - reached), now - since)
        self.said = " · ".join(filter(None, (stage, left)))
        self.changed.emit()

    @Slot(object)
    def _finished(self, _result: object) -> None:
        self._drop()
        self.advanced.emit()

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._drop()
        self.failed.emit(f"{message} {repeated(hint, self._context.workspace)}".strip())

    def _drop(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self.changed.emit()
