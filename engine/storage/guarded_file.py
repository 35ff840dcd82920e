"""A file for the HDF5 library that outlives a full disk.

When the system refuses a write, the HDF5 library (2.0 and earlier) cannot close its file any more and brings the
whole process down when it ends. So it writes through this object: after the first refusal it keeps the rest in memory,
lets HDF5 close in peace, and hands the error to whoever asks with `check`. The file is then thrown away.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any


class GuardedFile(io.RawIOBase):
    """A binary file for reading and writing whose failed writes are told by `check`, not by `write`.

    Args:
        path: the file.
        new: start an empty one instead of opening what is there.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, new: bool) -> None:
        super().__init__()
        self._raw = open(path, "w+b" if new else "r+b", buffering=0)  # noqa: SIM115 - closed by close()
        self._error: OSError | None = None
        self._kept: list[tuple[int, bytes]] = []

    def check(self) -> None:
        """Raise the first refusal, if there was one.

        Raises:
            OSError: as the system gave it.
        """
        if self._error is not None:
            raise self._error

    def readable(self) -> bool:
        """True."""
        return True

    def writable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte of the file; the end counts what is kept in memory."""
        if whence == os.SEEK_END:
            end = self._raw.seek(0, os.SEEK_END)
            end = max([end, *(start + len(data) for start, data in self._kept)])
            return self._raw.seek(end + offset)
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """The byte that is read or written next."""
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the file and from what is kept in memory; missing bytes are zero."""
        view = memoryview(buffer).cast("B")
        start, size = self._raw.tell(), len(view)
        done = 0
        while done < size and (got := self._raw.readinto(view[done:])):
            done += got
        view[done:] = bytes(size - done)
        for offset, data in self._kept:
            low, high = max(offset, start), min(offset + len(data), start + size)
            if low < high:
                view[low - start : high - start] = data[low - offset : high - offset]
        self._raw.seek(start + size)
        return size

    def write(self, data: Any) -> int:
        """Write all of it, to the file or, after a refusal, to memory."""
        view = memoryview(data).cast("B")
        start, size = self._raw.tell(), len(view)
        if self._error is None:
            try:
                done = 0
                while done < size:
                    done += self._raw.write(view[done:])
                return size
            except OSError as error:
                self._error = error
        self._kept.append((start, bytes(view)))
        self._raw.seek(start + size)
        return size

    def truncate(self, size: int | None = None) -> int:
        """Set the file's length."""
        length = self._raw.tell() if size is None else size
        if self._error is None:
            try:
                return self._raw.truncate(length)
            except OSError as error:
                self._error = error
        return length

    def flush(self) -> None:
        """Nothing is buffered here; the publisher flushes to the disk."""

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
        super().close()
