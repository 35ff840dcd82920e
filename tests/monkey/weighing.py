"""What the process holds, by kind: code and files that were read, the C library's heaps, and all else."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes, 0 where the system does not say.

    Attributes:
        resident: in all.
        files: of them pages of files, most of them the code of libraries that were wanted so far.
        heap: what the program has allocated and not freed, small things of Python aside.
        arenas: what Python has for its small things.
        small: of that what they take; the rest lies free between them and cannot be given back.
        modules: of Python that are loaded, a number.
    """

    resident: float
    files: float
    heap: float
    arenas: float
    small: float
    modules: int

    def text(self) -> str:
        """On one line."""
        return (
            f"{self.resident:.0f} MB: files {self.files:.0f}, else {self.resident - self.files:.0f}, "
            f"of it on the heap and in use {self.heap:.0f}, Python's small things {self.arenas:.0f} ({self.small:.0f} "
            f"in use); {self.modules} modules"
        )


class _MallInfo2(ctypes.Structure):
    """glibc's `struct mallinfo2`, in the order of its malloc.h."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    ]


def weigh() -> Held:
    """What this process holds now."""
    resident = psutil.Process().memory_info().rss / 1e6
    return Held(resident, _files(), _heap(), *_small(), len(sys.modules))


def _files() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return sum(int(lines[name].split()[0]) for name in ("RssFile", "RssShmem")) * 1024 / 1e6


def _heap() -> float:
    """Megabytes in use over all heaps, blocks with a mapping of their own among them.

    What is free is not told apart: glibc counts it whether it was given back to the system or not.
    """
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if ask is None:
        return 0.0
    ask.restype = _MallInfo2
    found = ask()
    return float(found.uordblks + found.hblkhd) / 1e6


def _small() -> tuple[float, float]:
    """Megabytes of Python's arenas, and of what lies in them; 0 where this Python does not say."""
    say = getattr(sys, "_debugmallocstats", None)
    if say is None:
        return 0.0, 0.0
    with tempfile.TemporaryFile() as told:  # it writes to the C library's stderr
        kept = os.dup(2)
        os.dup2(told.fileno(), 2)
        try:
            say()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        told.seek(0)
        text = told.read().decode()
    return _told(text, r"arenas \* \d+ bytes/arena"), _told(text, "bytes in allocated blocks")


def _told(text: str, what: str) -> float:
    """Megabytes that stand behind these words."""
    found = re.search(rf"{what} += +([\d,]+)", text)
    return float(found[1].replace(",", "")) / 1e6 if found else 0.0
