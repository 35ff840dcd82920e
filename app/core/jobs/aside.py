"""A moment's work beside the window's thread."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from types import TracebackType


class Aside:
    """Something short that a thread of its own does, which ends with it.

    `threading.Thread.start` waits until the thread runs, and so for whatever has the interpreter at that moment; this
    waits for nothing.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._ended = threading.Event()
        _thread.start_new_thread(self._run, (action,))  # not kept: who waits for the end keeps nothing of the work

    def is_alive(self) -> bool:
        """Whether it is still at it."""
        return not self._ended.is_set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, or so many seconds."""
        self._ended.wait(timeout)

    def _run(self, action: Callable[[], None]) -> None:
        with self:
            action()

    def __enter__(self) -> None:
        """It is at it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """It has ended; what went wrong goes where that of other threads goes."""
        if kind is not None:
            threading.excepthook(threading.ExceptHookArgs((kind, error, trace, None)))
        self._ended.set()
        return True


def aside(action: Callable[[], None]) -> Aside:
    """Do something short that nobody waits for in a thread of its own, which ends with it."""
    return Aside(action)
