"""Long work: one of the project's own commands as a process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.core.jobs.ending import end_behind
from app.core.jobs.words import event_of, words_of_lines
from engine.workspace import CHECKOUT

PATIENCE_MS = 3000
"""Milliseconds that a command is given to end at its next safe point, and then to clear up before it is killed."""


class ProcessJob(QObject):
    """One command of the project, run as a process of its own.

    Signals:
        reported: one JSON event as a dict (see engine/events.py).
        finished: the result of the command, as its `Done` event told it.
        failed: what went wrong and what to do next. A stopped job sends neither.
    """

    reported = Signal(object)
    finished = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self, arguments: Sequence[str], parent: QObject | None = None, main: Path = CHECKOUT / "main.py"
    ) -> None:
        super().__init__(parent)
        self.arguments = tuple(arguments)
        self._main = main
        self._rest = b""
        self._plain: list[str] = []
        self._error: tuple[str, str] | None = None
        self._result: dict[str, Any] = {}
        self._stopping = False
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONIOENCODING", "utf-8")
        self._process.setProcessEnvironment(environment)
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broke)

    def start(self) -> None:
        """Start the command; returns at once."""
        self._process.start(sys.executable, [str(self._main), *self.arguments, "--events"])

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def stop(self) -> None:
        """Ask the command to end, and kill it if it does not; no signal comes any more. Returns at once."""
        if self._stopping:
            return
        self._stopping = True
        if not self.running:
            self.deleteLater()
            return
        self.setParent(None)
        end_behind(self)
        if sys.platform == "win32":  # a console process cannot be asked there, and whatever it publishes is whole
            self._process.kill()
        else:
            self._process.terminate()
            QTimer.singleShot(PATIENCE_MS, self, self._process.terminate)  # the second time it ends where it is
            QTimer.singleShot(2 * PATIENCE_MS, self, self._process.kill)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and kill it if that does not come; whether it has ended."""
        if self.running and not self._process.waitForFinished(round(1000 * seconds)):
            self._process.kill()
            self._process.waitForFinished(PATIENCE_MS)
        return not self.running

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardError().data())).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip())

    def _take(self, line: str) -> None:
        if not line or self._stopping:
            return
        event = event_of(line)
        if event is None:
            self._plain = [*self._plain[-19:], line]
        elif event["event"] == "done":
            self._result = dict(event.get("result") or {})
        elif event["event"] in ("error", "failed"):
            self._error = str(event.get("message", "")), str(event.get("hint", ""))
        else:
            self.reported.emit(event)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._take(self._rest.decode("utf-8", "replace").strip())
        self._rest = b""
        if self._stopping:
            return
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.finished.emit(self._result)
        else:
            self.failed.emit(*(self._error or words_of_lines(self._plain, self.arguments, code)))

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._stopping:
            self.failed.emit(f"Could not start {sys.executable}.", "Install the project again with `make setup`.")
