"""A disk with little room: a small tmpfs in a mount namespace of one's own, or else a limit on the size of files.

The namespace ends with its process, and the mount with it: nothing can be left behind.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

BOUNDS = 4096
"""Bytes: a tmpfs grows by pages."""
_NEW_NAMESPACE = 0x00020000
_REMOUNT, _RECURSIVE, _PRIVATE = 32, 16384, 1 << 18
_PLENTY = 256 << 20


@dataclass(slots=True)
class Disk:
    """A disk that can be filled.

    Attributes:
        place: where it is mounted; None where this process may not mount, and files are limited in size instead.
    """

    place: Path | None

    @classmethod
    def mounted(cls, place: Path) -> Disk:
        """One mounted at a folder, if that is allowed; gives this process a mount namespace of its own."""
        place.mkdir(parents=True, exist_ok=True)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_NAMESPACE) or libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None):
            return cls(None)
        return cls(place if _mount(place, _PLENTY, 0) else None)

    @property
    def how(self) -> str:
        """Which of the two ways it is."""
        return "a small tmpfs" if self.place else "files limited in size"

    def with_copy(self, copied: Path) -> Path:
        """Bring a workspace onto the disk, in place of an earlier one; returns where it lies."""
        if self.place is None:
            return copied
        root = self.place / "w"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(copied, root)
        return root

    def leave(self, room: int) -> int | None:
        """Leave so many bytes; returns the size that files must be limited to instead, if they must."""
        if self.place is None:
            return room
        found = os.statvfs(self.place)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        if not _mount(self.place, used + room, _REMOUNT):
            raise OSError(f"The size of {self.place} could not be changed.")
        return None

    def make_room(self) -> None:
        """Leave plenty."""
        if self.place is not None:
            _mount(self.place, _PLENTY, _REMOUNT)


def _mount(place: Path, size: int, flags: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", flags, f"size={size}".encode()) == 0
