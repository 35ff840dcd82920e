"""Memory that is free again goes back to the system, and what nobody can reach any more is free.

The C library keeps what the program has freed, to be quick when it is wanted again, and gives back only what lies at
the end of its heap; where some sentence of the last request still stands, that is little. glibc gives back the rest if
it is asked to. Elsewhere nothing is done: other libraries do it by themselves, or cannot be asked.

Python finds what refers to itself in rounds of its own, the last of which come seldom; a picture may hang on it. With
what is imported left out (`jobs/collecting.py`), a round takes some hundredths of a second.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, QTimer

from app.core.jobs.aside import Aside, aside

LOOK_MS = 2000
_ARENA_MAX, _HEAPS = -8, 2
"""The number of this setting in glibc's malloc.h, and its value."""
_RESTS = 0.05
"""Share of one core below which the program rests: nothing is asked, shown or moved."""
_WORKED = 0.5
"""Seconds of processor time after which there may be something to give back."""
_LONG = 30.0
"""Seconds of processor time after which it is given back even while the program works."""


def share_heaps() -> None:
    """Have all threads allocate in two heaps, where the library can be told; before the first other thread begins.

    glibc gives up to eight heaps to every core, and what is free in one serves no other: threads that come and go with
    each run leave each of theirs half empty.
    """
    if sys.platform == "linux" and (settle := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        settle(_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Return what is free to the system, if there is a way. It can take some tens of milliseconds, but not Python."""
    trim = _trim()
    if trim is not None:
        trim(0)


class GivingBack(QObject):
    """Gives back what is free whenever the program has worked and then rests, in a thread of its own.

    How busy it is it reads from its processor time, so whatever works is counted: the models, the maps, the window.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        action: Callable[[], None] = give_back,
        spent: Callable[[], float] = time.process_time,
        aside: Callable[[Callable[[], None]], Aside] = aside,
        collect: Callable[[], object] = gc.collect,
    ) -> None:
        """Begin.

        Args:
            parent: ends it with itself.
            action: what is done.
            spent: seconds of processor time so far, of all threads.
            aside: does something in another thread.
            collect: is done before where the program rests; in the window's thread, as what it finds may be of that.
        """
        super().__init__(parent)
        self._action, self._collect, self._spent, self._aside = action, collect, spent, aside
        self._last = self._given = spent()
        self._thread: Aside | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        if _trim() is not None:
            self._timer.start()

    def look(self) -> None:
        """See whether now is the time."""
        now = self._spent()
        worked, busy = now - self._given, now - self._last
        self._last = now
        rests = busy < _RESTS * LOOK_MS / 1000
        if worked >= _LONG or (worked >= _WORKED and rests):
            if rests:
                self._collect()
            self._given = now
            self._thread = self._aside(self._action)

    def stop(self) -> None:
        """The window is closed; returns when nothing is under way."""
        self._timer.stop()
        if self._thread is not None:
            self._thread.join()


@cache
def _trim() -> Callable[[int], int] | None:
    """The function of the C library, where it has it: it is glibc's own."""
    if sys.platform == "win32":
        return None  # there is no one library to look into
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim.argtypes = (ctypes.c_size_t,)
    return trim
