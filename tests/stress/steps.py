"""The steps of publishing: every call that changes a folder or a file's length, counted, and one of them deadly.

A kill at a random moment seldom meets the instant between two renames. Here each such instant has a number.
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

_CHANGING = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "link", "fsync", "truncate", "ftruncate")


@dataclass(frozen=True, slots=True)
class StopAt:
    """Kill the process at the step of this number (from 0), before or after it is taken."""

    step: int
    after: bool


class Steps:
    """Counts the steps that this process takes in a folder, and kills it at one.

    Args:
        root: the folder; a step elsewhere does not count.
        stop_at: where to kill, or None.
    """

    def __init__(self, root: Path, stop_at: StopAt | None) -> None:
        self.count = 0
        self._root = str(root)
        self._stop_at = stop_at
        self._before: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> Steps:
        for name in _CHANGING:
            self._wrap(os, name, self._changes)
        for place in (builtins, io):
            self._wrap(place, "open", self._opens_for_writing)
        self._wrap(shutil, "copyfile", lambda given, named: self._within(given[1]))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None):
        self.close()

    def close(self) -> None:
        """Count no more."""
        while self._before:
            place, name, function = self._before.pop()
            setattr(place, name, function)

    def _wrap(self, place: Any, name: str, counts: Callable[[Any, Any], bool]) -> None:
        function = getattr(place, name)
        self._before.append((place, name, function))

        def step(*given: Any, **named: Any) -> Any:
            if not counts(given, named):
                return function(*given, **named)
            number, self.count = self.count, self.count + 1
            self._die(number, after=False)
            result = function(*given, **named)
            self._die(number, after=True)
            return result

        setattr(place, name, step)

    def _die(self, number: int, after: bool) -> None:
        if self._stop_at == StopAt(number, after):
            os.kill(os.getpid(), signal.SIGKILL)

    def _changes(self, given: Any, named: Any) -> bool:
        return bool(given) and (isinstance(given[0], int) or hasattr(given[0], "fileno") or self._within(given[0]))

    def _opens_for_writing(self, given: Any, named: Any) -> bool:
        mode = given[1] if len(given) > 1 else named.get("mode", "r")
        return isinstance(mode, str) and bool(set(mode) & set("wax+")) and self._within(given[0])

    def _within(self, path: Any) -> bool:
        try:
            return os.fsdecode(path).startswith(self._root)
        except TypeError:
            return False
