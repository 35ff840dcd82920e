"""A training as a process that does not need the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer, Signal

from app.core.jobs.words import event_of, words_of_lines
from engine.workspace import CHECKOUT

_LOOK_MS = 250
_AGAIN_MS = 300
_PATIENCE_MS = 4000
"""Milliseconds that a training is given to end by itself when it is interrupted."""
_APART = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP and DETACHED_PROCESS."""


class TrainingProcess(QObject):
    """A training as a process that does not need this window: its events go to a file, which is read as it grows.

    Signals:
        reported: one JSON event as a dict (see engine/events.py).
        ended: the process is gone; "done", "stopped" (it was asked to, by whomever) or "failed", a message, a hint.
    """

    reported = Signal(object)
    ended = Signal(str, str, str)

    def __init__(self, log: Path, parent: QObject | None = None, main: Path = CHECKOUT / "main.py") -> None:
        super().__init__(parent)
        self._log, self._main = log, main
        self._at = 0
        self._rest = b""
        self._plain: list[str] = []
        self._end: tuple[str, str, str] | None = None
        self._arguments: tuple[str, ...] = ()
        self._child: subprocess.Popen[bytes] | None = None
        self._process: psutil.Process | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self, arguments: Sequence[str]) -> None:
        """Start the command; returns at once.

        Raises:
            OSError: the file for its events cannot be written, or the process not be started.
        """
        self._arguments = tuple(arguments)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        with open(self._log, "wb") as events:
            child = subprocess.Popen(
                [sys.executable, str(self._main), *arguments, "--events"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=events,
                env=environment,
                start_new_session=True,  # a Ctrl-C in the window's terminal is not meant for it
                creationflags=_APART,
            )
        self._child, self._process = child, psutil.Process(child.pid)
        self._timer.start()

    def adopt(self, pid: int, created: float) -> bool:
        """Take up a process that an earlier window started; False if it is gone.

        Args:
            pid: its number.
            created: when it was created, as `identity` told.
        """
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - created) > 1:
                return False
        except psutil.Error:
            return False
        self._process = process
        self._timer.start()
        return True

    @property
    def identity(self) -> tuple[int, float]:
        """Number and time of creation of the process, by which `adopt` finds it again."""
        return (self._process.pid, self._process.create_time()) if self._process is not None else (0, 0.0)

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        if self._child is not None:
            return self._child.poll() is None
        try:
            return self._process is not None and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def ask_to_stop(self) -> None:
        """Ask it to write a checkpoint and end; `ended` tells when it has."""
        if self._process is None or not self.running:
            return
        if sys.platform == "win32":  # it cannot be asked there; whatever is published is whole, so this is safe
            self.kill()
            return
        with suppress(psutil.Error):
            self._process.send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        """Have it end where it is, without a checkpoint; what came after the last one is lost. Returns at once."""
        if sys.platform == "win32":
            self.kill()
            return
        self.ask_to_stop()
        QTimer.singleShot(_AGAIN_MS, self, self.ask_to_stop)  # asked twice, a command does not go on to a safe point
        QTimer.singleShot(_PATIENCE_MS, self, self.kill)

    def kill(self) -> None:
        """End it at once; what came after the last checkpoint is lost."""
        if self._process is not None and self.running:
            with suppress(psutil.Error):
                self._process.kill()

    def let_go(self) -> None:
        """Look no more; the process goes on by itself."""
        self._timer.stop()
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0  # or Python would complain that it is still running
        self._child = self._process = None

    def _look(self) -> None:
        running = self.running  # asked first: whatever it wrote before it ended is read then
        self._read()
        if running:
            return
        self._timer.stop()
        code = self._child.returncode if self._child is not None else 1
        if self._end is None and code < 0:
            self._end = "stopped", "The process was ended; what came after its last checkpoint is lost.", ""
        self.ended.emit(*(self._end or ("failed", *words_of_lines(self._plain, self._arguments, code))))

    def _read(self) -> None:
        try:
            with open(self._log, "rb") as handle:
                handle.seek(self._at)
                data = handle.read()
        except OSError:
            return
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip())

    def _take(self, line: str) -> None:
        event = event_of(line)
        if event is None:
            self._plain = [*self._plain[-19:], line] if line else self._plain
        elif event["event"] == "done":
            self._end = "done", "", ""
        elif event["event"] in ("error", "failed"):
            message = str(event.get("message", ""))
            stopped = message.startswith(("Stopped", "Interrupted"))
            self._end = "stopped" if stopped else "failed", message, str(event.get("hint", ""))
        else:
            self.reported.emit(event)
