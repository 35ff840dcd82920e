"""Where a person has something written: whether that can be, before long work for it.

And places that are written to, never replaced as files are: terminals, pipes, what a process has open (/dev/stdout).
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import LoomError, from_os_error, in_the_way, writing_nowhere

_MOST_LINKS = 40
"""Links that lead to links, as systems follow them."""
_DESCRIPTORS = Path("/dev/fd")
ANOTHER_FILE = "Name another file: -o FILE"
ANOTHER_FOLDER = "Name another folder: -o FOLDER"


def check_file(path: Path, instead: str = ANOTHER_FILE) -> None:
    """Find out before long work for a file what would keep it from being written; nothing is left or replaced.

    Args:
        path: of the file; folders that are missing are made with it. A device or a pipe is not opened.
        instead: what to do where it cannot be written.

    Raises:
        LoomError: a folder is there, or something else that is no file; it cannot be made there; it is a link that
            leads nowhere.
    """
    if is_stream(path):
        if not os.access(path, os.W_OK):
            raise LoomError(f"No permission to write to {path}.", instead)
        return
    place = Path(os.path.realpath(path))
    if os.path.exists(place) and not place.is_file():
        what = "a folder" if place.is_dir() else "no regular file, so nothing is put in its place"
        raise LoomError(f"{path} is {what}.", instead)
    if path.is_symlink() and not place.parent.is_dir():
        raise LoomError(f"{path} is a link to {place}, and there is no folder {place.parent}.", instead)
    check_folder(place.parent, instead, path)


def check_folder(folder: Path, instead: str = ANOTHER_FOLDER, written: Path | None = None) -> None:
    """As `check_file`, for a folder that files are to be put into, or that is to be made.

    Args:
        folder: it is made if it is missing.
        instead: what to do where it cannot be written.
        written: what is put into it, for the message; None for the folder itself.
    """
    place = Path(os.path.realpath(folder))
    above = next(each for each in (place, *place.parents) if os.path.exists(each))
    if not above.is_dir():
        raise in_the_way(above, f"writing {written or folder}")
    if not os.access(above, os.W_OK | os.X_OK):
        raise LoomError(f"No permission to write in {above}.", instead)
    try:
        tempfile.TemporaryFile(dir=above).close()  # it has no name
    except FileNotFoundError as error:
        first = above / (place / "file").relative_to(above).parts[0] if above != place else written or place / "file"
        raise writing_nowhere(first) from error
    except PermissionError as error:
        raise LoomError(f"No permission to write in {above}.", instead) from error
    except OSError as error:
        raise from_os_error(error, f"writing {written or folder}") from error


def takes_no_files(folder: Path) -> bool:
    """Whether no file can be made in a folder that is there, as in /proc."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False


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
