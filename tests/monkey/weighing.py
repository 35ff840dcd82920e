"""What the process holds, by kind: code and files that were read, the C library's heaps, and all else."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes, 0 where the system does not say.

    Attributes:
        resident: in all.
        files: of them pages of files, most of them the code of libraries that were wanted so far.
        heap: what the program has allocated and not freed.
        modules: of Python that are loaded, a number.
    """

    resident: float
    files: float
    heap: float
    modules: int

    def text(self) -> str:
        """On one line."""
        return (
            f"{self.resident:.0f} MB: files {self.files:.0f}, else {self.resident - self.files:.0f}, "
            f"of it on the heap and in use {self.heap:.0f}; {self.modules} modules"
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
    return Held(resident, _files(), _heap(), len(sys.modules))


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
