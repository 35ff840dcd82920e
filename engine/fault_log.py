"""The log of what went wrong in the window without having been foreseen; `doctor` names it.

An entry is a line with the time and what went wrong, and beneath it, indented, what is known of it. The file and the
one before it, which has `.1` after its name, are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_log_path

from engine.errors import LoomError, from_os_error

if TYPE_CHECKING:
    from logging.handlers import RotatingFileHandler  # brings much that the window's first paint does without

MOST_BYTES = 256 * 1024
"""Of the file; with more it becomes the one before, whose entries go."""
_ENTRY = re.compile(r"(\d{4}-\d\d-\d\dT\S+) (.+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """When something went wrong, in the form of ISO 8601, and what, in a line."""

    time: str
    what: str


class FaultLog:
    """The file in the person's own folder for logs, or at `path`; there once it has an entry."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or user_log_path("latent-loom", appauthor=False) / "window.log"

    def add(self, what: str, details: str) -> None:
        """Append an entry.

        Args:
            what: what went wrong, in a line.
            details: lines that say where.

        Raises:
            LoomError: it could not be written.
        """
        from logging import makeLogRecord

        now = datetime.now().astimezone().isoformat(timespec="seconds")
        indented = "\n".join(f"  {line}".rstrip() for line in details.splitlines())
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handler = _handler(self.path)
            try:
                handler.emit(makeLogRecord({"msg": f"{now} {' '.join(what.split())}\n{indented}"}))
            finally:
                handler.close()  # another window may write next, and turn the files over
        except OSError as error:
            raise from_os_error(error, f"writing {self.path}") from error

    def entries(self) -> list[Entry]:
        """What is in the file, the newest last.

        Raises:
            LoomError: it cannot be read.
        """
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise from_os_error(error, f"reading {self.path}") from error
        found = (_ENTRY.fullmatch(line) for line in text.splitlines())
        return [Entry(match[1], match[2]) for match in found if match]

    def told(self) -> str:
        """Where it is and what is in it, in words."""
        try:
            entries = self.entries()
        except LoomError as error:
            return error.message
        if not entries:
            return f"{self.path}: nothing has gone wrong unforeseen"
        count = f"{len(entries)} entr{'ies' if len(entries) > 1 else 'y'}"
        return f"{self.path}: {count}, the last of {entries[-1].time} ({entries[-1].what})"


def _handler(path: Path) -> RotatingFileHandler:
    """What writes a file of bounded size, and raises where it cannot instead of telling the console."""
    from logging import LogRecord
    from logging.handlers import RotatingFileHandler

    class Strict(RotatingFileHandler):
        def handleError(self, record: LogRecord) -> None:
            raise

    return Strict(path, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace", delay=True)
