"""The only place that starts processes and threads.

Long work is a `ProcessJob`: one of the project's own commands, followed through the JSON lines it writes. Live work
is a `LiveWorker`: one thread that owns what it loaded (the models, or an open cache) and answers small requests.
Both speak to the rest of the app through signals delivered on the GUI thread, and are silent from `stop()` on. What
that takes to end ends behind the window; the program waits for it when there is no window any more (`wait_for_ends`).
A `TrainingProcess` is a training, which may go on when the window is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal

from app.core.job_words import event_of, words_of_error, words_of_lines
from engine.workspace import CHECKOUT

_LOG_MS = 250
_PATIENCE_MS = 3000
"""Milliseconds that a command is given to end cleanly before it is killed."""
_APART = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP and DETACHED_PROCESS."""
Work = Callable[[Any], Iterator[Any]]
"""Takes what the worker loaded and yields results, one a slice of work; it is given up between two of them."""


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
        _ending.add(self)
        if sys.platform == "win32":  # a console process cannot be asked there, and whatever it publishes is whole
            self._process.kill()
        else:
            self._process.terminate()
            QTimer.singleShot(_PATIENCE_MS, self, self._process.kill)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and kill it if that does not come; whether it has ended."""
        if self.running and not self._process.waitForFinished(round(1000 * seconds)):
            self._process.kill()
            self._process.waitForFinished(_PATIENCE_MS)
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
        self._timer.setInterval(_LOG_MS)
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


class LiveWorker(QObject):
    """One thread that loads something and then answers requests about it, the newest first.

    A request belongs to a channel ("select", "reconstruct", ...). A newer request of a channel replaces the older
    one, wherever that stands: waiting, or between two of its results. Requests of different channels take turns,
    result by result, the newest first, so that a long one never keeps a person waiting for a short one.

    Signals (all on the GUI thread):
        told: a word about the loading.
        loaded: what was loaded.
        load_failed: message, hint. The worker is finished then.
        answered: channel, one result of the newest request of that channel.
        completed: channel; its newest request has given all its results.
        refused: channel, message, hint; its newest request failed.
    """

    told = Signal(str)
    loaded = Signal(object)
    load_failed = Signal(str, str)
    answered = Signal(str, object)
    completed = Signal(str)
    refused = Signal(str, str, str)
    _posted = Signal(object)

    def __init__(
        self,
        load: Callable[[Callable[[str], None]], Any],
        parent: QObject | None = None,
        name: str = "live",
        close: Callable[[Any], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._load, self._close = load, close
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, tuple[int, Work]] = {}
        self._count = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start the thread, which loads first; requests made meanwhile wait."""
        self._thread.start()

    def request(self, channel: str, work: Work) -> None:
        """Ask for something; whatever the channel was asked before is given up."""
        with self._wake:
            self._count += 1
            self._newest[channel] = self._count
            self._waiting[channel] = (self._count, work)
            self._wake.notify()

    def forget(self, channel: str) -> None:
        """Give up what the channel was asked."""
        with self._wake:
            self._newest.pop(channel, None)
            self._waiting.pop(channel, None)

    def stop(self) -> None:
        """Have the thread end; nothing is delivered any more. Returns at once: it ends behind the window."""
        if self._stopping:
            return
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if not self.running:
            self.deleteLater()
            return
        self.setParent(None)
        _ending.add(self)

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it has come."""
        if self.running:
            self._thread.join(seconds)
        return not self.running

    def _deliver(self, post: tuple[str, int, tuple[Any, ...]]) -> None:
        """On the GUI thread: pass a result on, unless it is of an older request."""
        signal, stamp, values = post
        if not self._stopping and (not stamp or self._newest.get(values[0]) == stamp):
            getattr(self, signal).emit(*values)

    def _post(self, signal: str, stamp: int, *values: Any) -> None:
        if not self._stopping:
            self._posted.emit((signal, stamp, values))

    def _run(self) -> None:
        try:
            loaded = self._load(lambda words: self._post("told", 0, words))
        except Exception as error:  # the job boundary: whatever goes wrong becomes words
            self._post("load_failed", 0, *words_of_error(error))
            return
        self._post("loaded", 0, loaded)
        try:
            self._answer(loaded)
        finally:
            if self._close is not None:
                self._close(loaded)

    def _answer(self, loaded: Any) -> None:
        active: dict[str, tuple[int, Iterator[Any]]] = {}
        while True:
            with self._wake:
                while not self._stopping and not self._waiting and not active:
                    self._wake.wait()
                if self._stopping:
                    return
                for channel, (stamp, work) in self._waiting.items():
                    active[channel] = (stamp, work(loaded))
                self._waiting.clear()
                active = {name: entry for name, entry in active.items() if self._newest.get(name) == entry[0]}
            if active:
                channel = max(active, key=lambda name: active[name][0])
                self._advance(channel, active)

    def _advance(self, channel: str, active: dict[str, tuple[int, Iterator[Any]]]) -> None:
        stamp, results = active[channel]
        try:
            self._post("answered", stamp, channel, next(results))
        except StopIteration:
            del active[channel]
            self._post("completed", stamp, channel)
        except Exception as error:  # the job boundary: whatever goes wrong becomes words
            del active[channel]
            self._post("refused", stamp, channel, *words_of_error(error))


class _Ending(QObject):
    """What was told to stop and has not ended yet. It is kept until then: nothing may be taken from under a thread."""

    def __init__(self) -> None:
        super().__init__()
        self._left: list[ProcessJob | LiveWorker] = []
        self._look: QTimer | None = None

    def add(self, job: ProcessJob | LiveWorker) -> None:
        """Keep a job until it has ended."""
        self._left.append(job)
        if self._look is None:
            self._look = QTimer(self)
            self._look.setInterval(_LOG_MS)
            self._look.timeout.connect(self._let_go)
        self._look.start()

    def wait(self, seconds: float) -> bool:
        """Wait for all of them; whether all have ended."""
        until = time.monotonic() + seconds
        for job in self._left:
            job.wait(max(0.0, until - time.monotonic()))
        self._let_go()
        return not self._left

    def _let_go(self) -> None:
        for job in [each for each in self._left if not each.running]:
            self._left.remove(job)
            job.deleteLater()
        if not self._left and self._look is not None:
            self._look.stop()


_ending = _Ending()


def wait_for_ends(seconds: float = 20.0) -> bool:
    """Wait until everything that was told to stop has ended. Only for where no person waits: it holds up the thread.

    Args:
        seconds: after which it is left as it is.

    Returns:
        Whether all have ended.
    """
    return _ending.wait(seconds)
