"""What nobody foresaw: an exception that leaves a slot, an event handler or a thread is told and logged, and the window
goes on.

Python and Qt hand such an exception to hooks, which are set here; nothing is caught. What repeats itself, as with every
move of the mouse, is told once until it has been quiet for a while, and logged once.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import LoomError
from engine.fault_log import FaultLog

QUIET = 10.0
"""Seconds without a fault after which the same one is told again: the person has done something anew."""
_LONGEST = 160  # signs of what went wrong in the banner
_FRAMES = 12  # of the end of a traceback, by which a fault is known again
_APP = Path(__file__).resolve().parent.parent
_PLACES = {"train": "on the Train page", "maps": "in the maps", "run": "in opening the run", "bench": "in the bench"}

Complain = Callable[[str, str, str], None]
"""Takes what went wrong, what to do, and the details for a report."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, for a person and for a report."""

    message: str
    hint: str
    details: str


class Faults(QObject):
    """Tells and logs; from `watch` until `stop`."""

    _happened = Signal(object)

    def __init__(self, log: FaultLog | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._log, self._clock = log or FaultLog(), clock
        self._last: dict[tuple[object, ...], float] = {}
        self._complain: Complain | None = None
        self._waiting: list[Fault] = []
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        self._happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)  # from whatever thread

    def watch(self) -> None:
        """Take what leaves a slot, an event handler or a thread."""
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._in_slot, self._in_thread, self._in_passing

    def stop(self) -> None:
        """Leave all to those who had it before."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def tell_by(self, complain: Complain) -> None:
        """Tell the person in this way from now on, also of what happened before there was one."""
        self._complain = complain
        waiting, self._waiting = self._waiting, []
        for fault in waiting:
            complain(fault.message, fault.hint, fault.details)

    # the hooks

    def _in_slot(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if self._take(error, trace):
            self._before[0](kind, error, trace)

    def _in_thread(self, about: threading.ExceptHookArgs) -> None:
        if about.exc_value is None or self._take(about.exc_value, about.exc_traceback):
            self._before[1](about)

    def _in_passing(self, about: sys.UnraisableHookArgs) -> None:
        """Something was cleared away: the log knows it, but nothing that a person wanted has failed."""
        if about.exc_value is None or self._take(about.exc_value, about.exc_traceback, told=False):
            self._before[2](about)

    def _take(self, error: BaseException, trace: TracebackType | None, told: bool = True) -> bool:
        """Log and tell a fault, unless it repeats itself; whether the console is to have it too."""
        from psygnal import EmitLoopError  # the first paint does without

        while isinstance(error, EmitLoopError) and (cause := error.__cause__) is not None:
            error, trace = cause, cause.__traceback__  # what a state's signal met on its way
        if not isinstance(error, Exception):
            return True  # Ctrl-C, and what ends the program
        key, now = _key(error, trace), self._clock()
        known, before = key in self._last, self._last.get(key, now)
        self._last[key] = now
        if known and now - before < QUIET:
            return False
        fault = _described(error, trace)
        if not known:
            fault = self._logged(fault, error)
        if told:
            self._happened.emit(fault)
        return True

    def _logged(self, fault: Fault, error: Exception) -> Fault:
        try:
            self._log.add(_line(error), fault.details)
            where = f"Logged in {self._log.path}."
        except LoomError as unwritten:
            where = f"It could not be logged: {unwritten.message}"
        return Fault(fault.message, f"{fault.hint} {where}", fault.details)

    def _tell(self, fault: Fault) -> None:
        if self._complain is None:
            self._waiting.append(fault)
        else:
            self._complain(fault.message, fault.hint, fault.details)


def _key(error: Exception, trace: TracebackType | None) -> tuple[object, ...]:
    """What makes a fault the same as another: its kind and where it arose, whatever its words."""
    places = []
    while trace is not None:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return type(error), *places[-_FRAMES:]


def _described(error: Exception, trace: TracebackType | None) -> Fault:
    import platform
    import traceback

    import PySide6

    from engine.version import app_version

    lines = "".join(traceback.format_exception(type(error), error, trace))
    versions = f"Latent Loom {app_version()}, Python {platform.python_version()}, PySide6 {PySide6.__version__}"
    details = f"{versions}, {platform.platform()}\n{time.strftime('%Y-%m-%d %H:%M:%S %z')}\n\n{lines}"
    if isinstance(error, LoomError):  # it was foreseen, but not here; its words are the better ones
        return Fault(error.message, error.hint, details)
    said = f"{_line(error).rstrip('.')}. What you did last may not have happened; the window goes on."
    return Fault(f"Something unforeseen went wrong {_place(trace)}.", said, details)


def _line(error: Exception) -> str:
    """What went wrong in one line that is not too long."""
    line = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _place(trace: TracebackType | None) -> str:
    """The part of the window in which it went wrong, as a person knows it: the innermost that has a name."""
    found = "in the window"
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        parts = file.relative_to(_APP).parts if file.is_relative_to(_APP) else ()
        if parts[:1] == ("bench",) and len(parts) > 2:
            found = f"in the {'Prior samples' if parts[1] == 'samples' else parts[1].capitalize()} tab"
        elif parts and parts[0] in _PLACES:
            found = _PLACES[parts[0]]
        trace = trace.tb_next
    return found
