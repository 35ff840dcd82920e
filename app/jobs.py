"""The only place that starts processes and threads.

Long work is a `ProcessJob`: one of the project's own commands, followed through the JSON lines it writes. Live work
is a `LiveWorker`: one thread that owns what it loaded (the models, or an open cache) and answers small requests.
Both speak to the rest of the app through signals delivered on the GUI thread, and neither outlives `stop()`.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, Signal

from engine.errors import LoomError
from engine.workspace import CHECKOUT

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

    def stop(self, wait: int = 3000) -> None:
        """Ask the command to stop, then insist. Returns when the process is gone.

        Args:
            wait: milliseconds given for a clean end.
        """
        self._stopping = True
        if not self.running:
            return
        if (
            sys.platform == "win32"
        ):  # a console process cannot be asked there; results are published whole, so this is safe
            self._process.kill()
        else:
            self._process.terminate()
        if not self._process.waitForFinished(wait):
            self._process.kill()
            self._process.waitForFinished(wait)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardError().data())).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip())

    def _take(self, line: str) -> None:
        if not line or self._stopping:
            return
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict) or "event" not in event:
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
            self.failed.emit(*(self._error or _words_of(self._plain, self.arguments, code)))

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._stopping:
            self.failed.emit(f"Could not start {sys.executable}.", "Install the project again with `make setup`.")


def _words_of(lines: Sequence[str], arguments: Sequence[str], code: int) -> tuple[str, str]:
    """A message and a hint from what a failed command printed as plain text."""
    command = "python main.py " + " ".join(arguments)
    if not lines or any(line.startswith("Traceback") for line in lines):
        last = f" ({lines[-1]})" if lines else ""
        return f"The command ended with exit code {code}{last}.", f"To see everything it prints, run: {command}"
    message = lines[0].removeprefix("error:").removeprefix("Error:").strip()
    return message, " ".join(lines[1:3]) or f"To see everything it prints, run: {command}"


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

    def stop(self, wait: float = 20.0) -> None:
        """Finish the thread; nothing is delivered any more. Returns when it has ended (`wait` in seconds)."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(wait)

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
            self._post("load_failed", 0, *_words(error))
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
            self._post("refused", stamp, channel, *_words(error))


def _words(error: Exception) -> tuple[str, str]:
    """A failure as a message and a hint; what is not foreseen is also printed, for the report of the defect."""
    if isinstance(error, LoomError):
        return error.message, error.hint
    traceback.print_exception(error)
    return f"Something unforeseen went wrong ({type(error).__name__}: {error}).", "The details are in the terminal."
