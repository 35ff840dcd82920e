"""What a training writes down while it runs: JSON lines of a variant, appended whole.

`metrics.jsonl` holds the terms, `probe.jsonl` what became of the probe sentences; FORMAT.md specifies both. A reader
may follow a file while it grows: a line without its end does not count yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import from_os_error
from engine.storage.files import write_text


class StepLog:
    """A file of JSON lines, one object with a "step" each.

    Args:
        path: of the file; made if missing.
        start: the step that is taken up. What was logged after it will be logged again, and is dropped here.

    Attributes:
        damaged: numbers of the lines that could not be read and are dropped too.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._path = path
        self.damaged = damaged_lines(path)
        kept = [line for line in read_lines(path) if line["step"] <= start]
        write_text(path, "".join(json.dumps(line) + "\n" for line in kept))

    def add(self, line: Mapping[str, Any]) -> None:
        """Append a line.

        Raises:
            LoomError: it could not be written, because the disk is full, say.
        """
        try:
            with open(self._path, "a", encoding="utf-8") as handle:
                handle.write(json.dumps(line) + "\n")
        except OSError as error:
            raise from_os_error(error, f"writing {self._path}") from error


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The complete lines of a log, none if there is no such file.

    A torn last line (the machine stopped while it was written) and damaged ones are left out; `damaged_lines` names
    the latter.
    """
    return [line for _, line in _parsed(path) if line is not None]


def damaged_lines(path: Path) -> list[int]:
    """Numbers, from 1, of the lines of a log that cannot be read; a torn last line is none of them."""
    return [number for number, line in _parsed(path) if line is None]


def _parsed(path: Path) -> list[tuple[int, dict[str, Any] | None]]:
    """Number and content of every line that has its end; None for what is no line of a log."""
    if not path.exists():
        return []
    found: list[tuple[int, dict[str, Any] | None]] = []
    for number, text in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        well = isinstance(line, dict) and isinstance(line.get("step"), int)
        found.append((number, line if well else None))
    return found
