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
        free: what it has freed and the C library keeps.
        modules: of Python that are loaded, a number.
    """

    resident: float
    files: float
    heap: float
    free: float
    modules: int

    def text(self) -> str:
        """On one line."""
        rest = self.resident - self.files - self.heap - self.free
        return (
            f"{self.resident:.0f} MB: files {self.files:.0f}, heap {self.heap:.0f}, free {self.free:.0f}, "
            f"else {rest:.0f}; {self.modules} modules"
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
    heap, free = _heaps()
    return Held(resident, _files(), heap, free, len(sys.modules))


def _files() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return sum(int(lines[name].split()[0]) for name in ("RssFile", "RssShmem")) * 1024 / 1e6


def _heaps() -> tuple[float, float]:
    """Megabytes in use and free, over all heaps; blocks with a mapping of their own are in use."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if ask is None:
        return 0.0, 0.0
    ask.restype = _MallInfo2
    found = ask()
    return (found.uordblks + found.hblkhd) / 1e6, found.fordblks / 1e6
