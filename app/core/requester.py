"""The way to ask the models, or another worker, and to get the answers back on the thread of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Slot

from app.core.jobs.live_worker import LiveWorker, Work

Take = Callable[[Any], None]
Finish = Callable[[str], None]


@dataclass(frozen=True)
class _Ask:
    work: Work
    take: Take
    finish: Finish


class Requester(QObject):
    """Passes requests to a worker, such as that of the models, and its results back to whoever asked.

    What is asked is kept until it is answered, the newest of each channel only: where there is no worker yet, or the
    worker goes before it has answered, the next one is asked.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: LiveWorker | None = None
        self._asks: dict[str, _Ask] = {}
        self._next: dict[str, _Ask] = {}

    def attach(self, worker: LiveWorker) -> None:
        """Use this worker from now on."""
        self._worker = worker
        worker.answered.connect(self._answered)
        worker.completed.connect(self._completed)
        worker.refused.connect(self._refused)
        for channel, ask in list(self._asks.items()):
            worker.request(channel, ask.work)

    def detach(self) -> None:
        """The worker is gone; what it has not answered is asked of the next one."""
        self._worker = None
        self._asks |= self._next
        self._next.clear()

    def forget_all(self) -> None:
        """Nobody waits for anything any more."""
        for channel in list(self._asks):
            self.forget(channel)

    def ask(self, channel: str, work: Work, take: Take, finish: Finish) -> None:
        """Ask the models; a newer ask of the channel replaces this one.

        Args:
            channel: "select", "reconstruct", "interpolate", "samples" or another tab's own.
            work: runs in the worker's thread, given the session.
            take: gets each result, on the GUI thread.
            finish: called at the end with "" or with what went wrong in words.
        """
        self._next.pop(channel, None)
        self._asks[channel] = _Ask(work, take, finish)
        if self._worker is not None:
            self._worker.request(channel, work)

    def follow(self, channel: str, work: Work, take: Take, finish: Finish) -> None:
        """As `ask`, but what is under way is answered first; of what comes meanwhile only the newest is asked then.

        For a slider that is dragged: if each move took the place of the one before, nothing would be seen until the
        hand rests.
        """
        if self.awaits(channel) and self._worker is not None:
            self._next[channel] = _Ask(work, take, finish)
        else:
            self.ask(channel, work, take, finish)

    def awaits(self, channel: str) -> bool:
        """Whether something was asked on a channel that is not answered to its end."""
        return channel in self._asks

    def forget(self, channel: str) -> None:
        """Nobody waits for this channel any more."""
        self._asks.pop(channel, None)
        self._next.pop(channel, None)
        if self._worker is not None:
            self._worker.forget(channel)

    @Slot(str, object)
    def _answered(self, channel: str, result: object) -> None:
        if channel in self._asks:
            self._asks[channel].take(result)

    @Slot(str)
    def _completed(self, channel: str) -> None:
        self._finish(channel, "")

    @Slot(str, str, str)
    def _refused(self, channel: str, message: str, hint: str) -> None:
        self._finish(channel, f"{message} {hint}".strip())

    def _finish(self, channel: str, problem: str) -> None:
        ask, following = self._asks.pop(channel, None), self._next.pop(channel, None)
        if ask is not None:
            ask.finish(problem)
        if following is not None and not self.awaits(channel):
            self.ask(channel, following.work, following.take, following.finish)
