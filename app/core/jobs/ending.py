"""The ends of jobs: what was told to stop ends behind the window, which never waits for it."""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

_LOOK_MS = 250
PATIENCE_S = 20.0
"""Seconds after which what does not end is left as it is."""


class Job(Protocol):
    """What can be told to stop: a QObject."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it has come."""
        ...

    def deleteLater(self) -> None:
        """As every QObject."""
        ...


class _Ending(QObject):
    """What was told to stop and has not ended yet. It is kept until then: nothing may be taken from under a thread."""

    def __init__(self) -> None:
        super().__init__()
        self._left: list[Job] = []
        self._look: QTimer | None = None

    def add(self, job: Job) -> None:
        """Keep a job until it has ended."""
        self._left.append(job)
        if self._look is None:
            self._look = QTimer(self)
            self._look.setInterval(_LOOK_MS)
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


def end_behind(job: Job) -> None:
    """Keep a job that was told to stop until it has ended."""
    _ending.add(job)


def wait_for_ends(seconds: float = PATIENCE_S) -> bool:
    """Wait until everything that was told to stop has ended. Only for where no person waits: it holds up the thread.

    Args:
        seconds: after which it is left as it is.

    Returns:
        Whether all have ended.
    """
    return _ending.wait(seconds)
