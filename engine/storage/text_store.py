"""Sentences in a mapped file, one after the other, and where each begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from engine.errors import LoomError


class TextStore(Sequence[str]):
    """The original sentences, read from the disk one by one as they are asked for."""

    def __init__(
        self,
        data: npt.NDArray[np.uint8],
        offsets: npt.NDArray[np.int64],
        damaged: Callable[[str], LoomError] = LoomError,
    ) -> None:
        """Args: data: all bytes; offsets: (n + 1,) where each begins; damaged: makes the error of what is wrong."""
        self._data = data
        self._offsets = offsets
        self._damaged = damaged

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(f"sentence {index} of {len(self)}")
        begin, end = int(self._offsets[index]), int(self._offsets[index + 1])
        if not 0 <= begin <= end <= len(self._data):
            raise self._damaged(f"test.text.offsets has sentence {index:,} from byte {begin:,} to {end:,}")
        try:
            return self._data[begin:end].tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._damaged(f"sentence {index:,} of test.text is no UTF-8") from error

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))
