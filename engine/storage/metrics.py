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
    """

    def __init__(self, path: Path, start: int) -> None:
        self._path = path
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

    A torn last line (the machine stopped while it was written) and whatever follows a damaged one are left out.
    """
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        try:
            line = json.loads(text) if text.endswith("\n") else None
        except ValueError:
            line = None
        if not isinstance(line, dict) or not isinstance(line.get("step"), int):
            break
        lines.append(line)
    return lines
