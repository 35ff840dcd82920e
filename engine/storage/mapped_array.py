"""An array in a file that is read in places, without holding it in memory."""

from __future__ import annotations

import mmap
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from engine.errors import LoomError, from_os_error


class MappedArray:
    """An array in a file, of which runs of values are read here and there.

    Where the system can read at a place (all but Windows), the mapping is not used for it: Linux may map 2 MiB around
    every value that is looked at, and a training would soon be counted as holding the whole corpus in its memory.

    Args:
        array: the whole, mapped.
        descriptor: of the open file, which this object then closes; None where there is no file, or no such reading.
    """

    def __init__(self, array: npt.NDArray[Any], descriptor: int | None = None) -> None:
        self.array = array
        self._descriptor = descriptor
        if descriptor is not None:
            weakref.finalize(self, os.close, descriptor)

    def read(self, starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """`counts[i]` values from `starts[i]` on, for every i, one after the other, (sum of counts,)."""
        places = zip(starts.tolist(), counts.tolist(), strict=True)
        if self._descriptor is None:
            return np.concatenate([self.array[start : start + count] for start, count in places])
        file, size = self._descriptor, self.array.itemsize
        return np.frombuffer(
            b"".join([os.pread(file, count * size, start * size) for start, count in places]), dtype=self.array.dtype
        )

    @classmethod
    def of_file(cls, file: Path, dtype: np.dtype[Any]) -> Self:
        """The values of a whole file, which is mapped. Raises OSError where it cannot be read."""
        if not file.stat().st_size:  # an empty file cannot be mapped
            return cls(np.empty(0, dtype=dtype))
        with open(file, "rb") as handle:
            mapped = np.memmap(handle, dtype=dtype, mode="r")
            return cls(mapped, os.dup(handle.fileno()) if hasattr(os, "pread") else None)

    @classmethod
    def of_size(cls, file: Path, dtype: np.dtype[Any], count: int, damaged: Callable[[str], LoomError]) -> Self:
        """The values of a file that must be exactly `count`.

        Raises:
            LoomError: the file is missing or of another size, as `damaged` words it, or cannot be read.
        """
        try:
            size = file.stat().st_size
            if size != count * dtype.itemsize:
                raise damaged(f"{file.name} has {size} bytes instead of {count * dtype.itemsize}")
            return cls.of_file(file, dtype)
        except FileNotFoundError as error:
            raise damaged(f"{file.name} is missing") from error
        except OSError as error:
            raise from_os_error(error, f"reading {file}") from error


def let_go(array: npt.NDArray[Any]) -> None:
    """Drop the pages of a mapped file from this process; they stay in the system's cache, and are read-only."""
    mapped = array.base
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
