"""Places that are written to, never replaced as files are: terminals, pipes, what a process has open (/dev/stdout)."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import LoomError

_MOST_LINKS = 40
"""Links that lead to links, as systems follow them."""
_DESCRIPTORS = Path("/dev/fd")


def is_stream(path: Path) -> bool:
    """Whether a path names something that is written to and never replaced: a terminal, a pipe, /dev/stdout."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(kind) or stat.S_ISFIFO(kind) or (stat.S_ISREG(kind) and held_open(path) is not None)


def held_open(path: Path) -> Path | None:
    """Where a path comes by what a process has open, as /dev/stdout comes by /proc/123/fd/1; else None."""
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(path.parent))
        if folder == _DESCRIPTORS or folder.is_relative_to("/proc"):
            return folder / path.name
        if not path.is_symlink():
            return None
        path = folder / os.readlink(path)
    return None


@contextmanager
def stream_to(path: Path) -> Iterator[BinaryIO]:
    """A device or a pipe, open for writing.

    Raises:
        LoomError: nobody reads the pipe.
        OSError: it cannot be opened.
    """
    held = held_open(path)
    if held is not None and held.name.isdigit() and held.parent in (_DESCRIPTORS, Path(f"/proc/{os.getpid()}/fd")):
        sys.stdout.flush()  # what was printed before it
        descriptor = os.dup(int(held.name))  # opened anew, it would be written from its beginning
    else:
        descriptor = _opened(path)
    with open(descriptor, "wb") as stream:
        yield stream


def _opened(path: Path) -> int:
    """A descriptor of a device or a pipe; it waits for no reader, which would hold up a window."""
    try:
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise LoomError(f"Nobody reads {path}.", "Start its reader first, or name a file.") from error
        raise
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor
