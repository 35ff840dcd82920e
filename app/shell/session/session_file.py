"""The file of a session: read once, published whole after each change. It lives in a thread of its own.

Several windows may have the same settings folder. The newest of them says what was open and typed; rows of the table
are of all of them: what another window has gathered since is kept, and only what was removed here is removed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from app.shell.session.document import Head, Lines, Remembered, Wishes, read, rows_in, text_of
from engine.errors import LoomError, from_os_error
from engine.storage.files import write_text
from engine.storage.locks import wait_until_free

Stamp = tuple[int, int, int]


class SessionFile:
    """Reads and writes one session.

    Attributes:
        remembered: what was read; None if there was nothing, or nothing that can be used.
        problem: what to tell a person of a file that cannot be used; "" where all is well.
    """

    def __init__(self, path: Path) -> None:
        """Read the file."""
        self._path = path
        self._lines = Lines()
        self._stamp: Stamp | None = None
        self._rows: list[str] = []  # of this window, as they were written last
        self._others: list[str] = []  # of other windows
        self._told = 0
        self._usable = True
        self.remembered: Remembered | None = None
        self.problem = ""
        text = self._text()
        if text is not None:
            try:
                self.remembered = read(text)
            except ValueError as error:
                self._set_aside(str(error))
            else:
                self._rows = self._lines.rows(self.remembered.wishes)
                self._stamp = _stamp(path)

    def write(self, head: Head, wishes: Wishes) -> Iterator[str]:
        """Publish what is wanted now; yields what a person is to be told, if anything.

        Raises:
            LoomError: it cannot be written.
        """
        rows = self._lines.rows(wishes)
        if not self._usable:
            return
        with _alone(self._path):
            if self._stamp != _stamp(self._path):
                self._look_for_others({*rows, *self._rows})
            self._others = others = [row for row in self._others if row not in rows]
            if self._usable:
                write_text(self._path, text_of(head, self._lines.features(wishes), [*others, *rows]))
            self._stamp, self._rows = _stamp(self._path), rows
        if self.problem:
            yield self.take_problem()
        if len(others) > self._told:
            several = f"{len(others)} rows" if len(others) > 1 else "a row"
            yield f"Another window has {several} in its table that this one has not; the next start shows them too."
        self._told = len(others)

    def take_problem(self) -> str:
        """What to tell a person, once."""
        problem, self.problem = self.problem, ""
        return problem

    def _look_for_others(self, own: Collection[str]) -> None:
        """Another window has written: rows that this one neither has nor has removed are its."""
        text = self._text()
        if text is not None:
            try:
                self._others = [row for row in rows_in(text) if row not in own]
            except ValueError as error:
                self._set_aside(str(error))

    def _text(self) -> str | None:
        """What is in the file; None if there is none, or it cannot be read."""
        try:
            return self._path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None
        except OSError as error:
            self._set_aside(from_os_error(error, f"reading {self._path}").message)
            return None

    def _set_aside(self, reason: str) -> None:
        """Put a file that cannot be used under another name, so that it is not written over."""
        told = f"What the window remembers in {self._path} cannot be used ({reason})."
        names = (f"{self._path.stem}-unused-{number}{self._path.suffix}" for number in count(1))
        place = next(place for name in names if not os.path.lexists(place := self._path.with_name(name)))
        try:
            os.replace(self._path, place)
            self.problem = f"{told} It was kept as {place.name}; the window begins afresh."
        except OSError:
            self._usable = False
            self.problem = f"{told} It is left as it is, so nothing of this window is remembered."


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Without another window that writes; on a disk without locks, without a lock."""
    try:
        lock = wait_until_free(path)
    except LoomError:
        yield
        return
    with lock:
        yield


def _stamp(path: Path) -> Stamp | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
