"""Live work: one thread that owns what it loaded and answers small requests about it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.core.jobs.ending import PATIENCE_S, end_behind
from app.core.jobs.words import words_of_error

Work = Callable[[Any], Iterator[Any]]
"""Takes what the worker loaded and yields results, one a slice of work; it is given up between two of them."""


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
        self._stopping = self._finishing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._holder: threading.Thread | None = None
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

    def stop(self, finish: bool = False) -> None:
        """Have the thread end; nothing is delivered any more. Returns at once: it ends behind the window.

        Args:
            finish: whether it does first what it was asked for.
        """
        if self._stopping:
            return
        with self._wake:
            self._stopping, self._finishing = True, finish
            self._wake.notify()
        if not self.running:
            self.deleteLater()
            return
        self.setParent(None)
        end_behind(self)
        self._hold_the_exit()

    def _hold_the_exit(self) -> None:
        """Have the interpreter, should it end now, let the thread end first.

        A daemon thread is cut off where it is, which HDF5 does not survive: the process crashes, or waits for ever for
        the lock that the thread had. The thread is one all the same, for who forgets to stop it; a second one, which is
        not, waits for it.
        """
        name = f"end of {self._thread.name}"
        self._holder = threading.Thread(target=self._thread.join, args=(PATIENCE_S,), name=name)
        self._holder.start()

    @property
    def running(self) -> bool:
        """Whether the thread is alive, or the one that waits for it."""
        return self._thread.is_alive() or (self._holder is not None and self._holder.is_alive())

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it has come."""
        until = time.monotonic() + seconds
        for each in (self._thread, self._holder):
            if each is not None and each.is_alive():
                each.join(max(0.0, until - time.monotonic()))
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
            del loaded  # some import keeps an error with the frames it came through, and this one with all it holds

    def _answer(self, loaded: Any) -> None:
        active: dict[str, tuple[int, Iterator[Any]]] = {}
        while True:
            with self._wake:
                while not self._stopping and not self._waiting and not active:
                    self._wake.wait()
                if self._stopping and not (self._finishing and (self._waiting or active)):
                    return
                for channel, (stamp, work) in self._waiting.items():
                    active[channel] = (stamp, _results(work, loaded))
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


def _results(work: Work, loaded: Any) -> Iterator[Any]:
    """What a request gives; also what it does before its first result is done when that is asked for."""
    yield from work(loaded)
