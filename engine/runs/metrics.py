"""What a training writes down while it runs: JSON lines of a variant, appended whole.

`metrics.jsonl` holds the terms, `probe.jsonl` what became of the probe sentences; FORMAT.md specifies both. A reader
may follow a file while it grows: a line without its end does not count yet. Each line is sealed with its own digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import LoomError
from engine.runs.packed import open_log
from engine.storage.digests import SEAL, seal_holds, sealed
from engine.storage.files import write_text, writing_failed

if TYPE_CHECKING:
    from engine.runs.run import Run

NEGLIGIBLE_SPREAD = 0.01
"""Spread of mu, as a part of sigma, below which z is noise: sentences then share all of it but 0.01 %."""


class StepLog:
    """A file of JSON lines, one object with a "step" each.

    Args:
        path: of the file; made if missing, in a folder that is there.
        start: the step that is taken up. What was logged after it will be logged again, and is dropped here.

    Attributes:
        damaged: numbers of the lines that could not be read, or are not what was written, and are dropped too.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._path = path
        self.damaged = damaged_lines(path)
        kept = [line for line in read_lines(path) if line["step"] <= start]
        write_text(path, "".join(_sealed_line(line) for line in kept), make_folder=False)

    def add(self, line: Mapping[str, Any]) -> None:
        """Append a line.

        Raises:
            LoomError: it could not be written, because the disk is full or the folder is gone, say.
        """
        try:
            with open(self._path, "a", encoding="utf-8") as handle:
                handle.write(_sealed_line(line))
        except OSError as error:
            raise writing_failed(error, self._path) from error


def read_lines(path: Path, splits: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The complete lines of a log, none if there is no such file.

    A torn last line (the machine stopped while it was written) and damaged ones are left out; `damaged_lines` names
    the latter.

    Args:
        path: of the log.
        splits: of which lines are wanted, "test" say; none for all. The others are not even parsed.
    """
    wanted = [re.compile(rb'"split": ?"%b"' % split.encode()) for split in splits]
    lines = [line for _, line in _parsed(path, wanted) if line is not None]
    return [line for line in lines if line.get("split") in splits] if splits else lines


def damaged_lines(path: Path) -> list[int]:
    """Numbers, from 1, of the lines of a log that cannot be read or were changed; a torn last line is none of them."""
    return [number for number, line in _parsed(path) if line is None]


def _parsed(path: Path, wanted: Sequence[re.Pattern[bytes]] = ()) -> list[tuple[int, dict[str, Any] | None]]:
    """Number and content of every line that has its end; None for what is no line of a log.

    Where something is wanted, only of lines in which one of the patterns is found.
    """
    if not path.exists():
        return []
    try:
        lines = _complete_lines(path)
    except LoomError:  # packed, and not a line of it can be had
        return [(1, None)]
    return [
        (number, parsed_line(text))
        for number, text in enumerate(lines, start=1)
        if not wanted or any(pattern.search(text) for pattern in wanted)
    ]


def _complete_lines(path: Path) -> list[bytes]:
    with open_log(path) as handle:
        return handle.read().split(b"\n")[:-1]


def parsed_line(text: bytes) -> dict[str, Any] | None:
    """A line of a log without its seal; None for what is no line of a log, or not what was written."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or not isinstance(line.get("step"), int) or not seal_holds(line):
        return None
    line.pop(SEAL, None)
    return line


def all_sealed(path: Path) -> bool:
    """Whether every complete line of a log that can be read has a digest."""
    return all(re.search(rb'"%b": ?"' % SEAL.encode(), line) for line in _complete_lines(path))


def log_damage(run: Run, variant: str, until: int | None = None) -> str:
    """What is lost of a variant's terms, in words: lines that were damaged, and steps that have none; "" if nothing is.

    Args:
        run: it belongs to.
        variant: its name.
        until: the step up to which a line is expected wherever the settings have one; None for the newest checkpoint's.
    """
    path, config = run.metrics_path(variant), run.settings.train
    steps = run.checkpoints(variant).steps()
    until = until if until is not None else steps[-1] if steps else 0
    damaged = damaged_lines(path)
    gone = {
        *missing_steps(path, config.log_every, "train", until),
        *missing_steps(path, config.evaluate_every or config.checkpoint_every, "test", until),
    }
    told = []
    if damaged:
        told.append(f"Left out of the log of {variant}, as it cannot be read: line {_listed(damaged)}.")
    if gone:
        told.append(f"The log of {variant} has not all it should have of step {_listed(sorted(gone))}.")
    return " ".join(told)


def _listed(numbers: list[int], most: int = 8) -> str:
    return ", ".join(map(str, numbers[:most])) + (f" and {len(numbers) - most} more" if len(numbers) > most else "")


def missing_steps(path: Path, every: int, split: str, until: int) -> list[int]:
    """Steps up to `until` whose line of a split is not in a log that has one at every so many steps."""
    there = {line["step"] for line in read_lines(path, (split,))}
    return [step for step in range(every, until + 1, every) if step not in there]


def _sealed_line(line: Mapping[str, Any]) -> str:
    return json.dumps(sealed(line)) + "\n"
