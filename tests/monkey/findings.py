"""What a monkey finds, and what it did before: exceptions of any thread, Qt's messages, mismatches, endless waiting."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

Kind = Literal["exception", "Qt message", "mismatch", "busy for ever", "left behind", "the monkey's own"]

REMEMBERED = 30
"""Actions that are told with a finding."""
_TOLD = 20  # findings of one sort that are kept whole
_LOUD = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
_PLATFORM = "This plugin does not support"
"""The offscreen platform says so of what only a real one can do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be: what, where it was (in seconds of play), and what had been done before."""

    kind: Kind
    place: str
    told: str
    at: float
    actions: tuple[str, ...]

    def text(self) -> str:
        """All of it, for people."""
        lines = [f"--- {self.kind}: {self.place}, after {self.at:.1f} s of play", self.told]
        return "\n".join([*lines, "the last actions:", *(f"  {action}" for action in self.actions)])


class Journal:
    """The log of all actions, written before they are made, and the findings."""

    def __init__(self, log: Path | None = None) -> None:
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
        self._file = log.open("w", encoding="utf-8") if log is not None else None
        self._began = time.monotonic()
        self._actions: deque[str] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()
        self.findings: list[Finding] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def now(self) -> float:
        """Seconds of play."""
        return time.monotonic() - self._began

    def action(self, words: str) -> None:
        """Something is about to be done."""
        line = f"{self.now:9.3f}  {words}"
        self._actions.append(line)
        self.write(line)

    def write(self, line: str) -> None:
        """Write a line to the log at once: whatever comes next may end the process."""
        with self._lock:
            if self._file is not None and not self._file.closed:
                self._file.write(line + "\n")
                self._file.flush()

    def find(self, kind: Kind, place: str, told: str) -> None:
        """Something should not be; what is found again and again is counted."""
        key = kind, f"{place}: {told.strip().splitlines()[-1] if told.strip() else ''}"
        self.counts[key] += 1
        if self.counts[key] > 1 or sum(one.kind == kind for one in self.findings) >= _TOLD:
            self.write(f"{self.now:9.3f}  !! {kind} once more: {key[1]}")
            return
        found = Finding(kind, place, told, self.now, tuple(self._actions))
        self.findings.append(found)
        self.write(found.text())
        print(found.text(), file=sys.stderr, flush=True)

    def caught(self, error: BaseException, place: str) -> None:
        """An exception came out of the window's code."""
        told = "".join(traceback.format_exception(error))
        self.find("exception", place, told)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()


@contextmanager
def listening(journal: Journal) -> Iterator[None]:
    """Hear of every exception that nobody caught and of Qt's warnings; whoever listened before still does."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def raised(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        journal.caught(error, "a slot or an overridden method")
        if before[0] is not sys.__excepthook__:  # the usual one only prints, as the journal does
            before[0](kind, error, trace)

    def raised_in_thread(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            journal.caught(given.exc_value, f"thread {given.thread.name if given.thread else '?'}")
        if before[1] is not threading.__excepthook__:
            before[1](given)

    def unraisable(given: sys.UnraisableHookArgs) -> None:
        if given.exc_value is not None:
            journal.caught(given.exc_value, f"unraisable: {given.err_msg or ''} {given.object!r}")
        if before[2] is not sys.__unraisablehook__:
            before[2](given)

    def qt_said(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in _LOUD and not text.startswith(_PLATFORM):
            journal.find("Qt message", context.category or "default", text)

    sys.excepthook, threading.excepthook, sys.unraisablehook = raised, raised_in_thread, unraisable
    heard = qInstallMessageHandler(qt_said)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before
        qInstallMessageHandler(heard)
