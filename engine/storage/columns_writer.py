"""Writing what is kept beside the sentences into a group of HDF5, in pieces and within bounded memory.

What is told apart by its text, however many different texts there are: beyond `_MOST` of them the writer forgets those
it knows, so that a text may stand in the list of values again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.storage.columns import COLUMNS_KIND, COLUMNS_VERSION, Columns, KeptColumn
from engine.storage.hdf5_writing import CHUNK_ROWS, set_attributes

if TYPE_CHECKING:
    from engine.storage.guarded_file import GuardedFile

_BUFFER = 1 << 16  # sentences held before they are written
_CHUNK = 16 * CHUNK_ROWS
_MOST = 200_000
_TEXT_CHUNK = 1 << 14


class Growing:
    """A dataset of one dimension that grows as it is appended to, a large piece at a time."""

    def __init__(self, group: h5py.Group, name: str, kind: str, chunk: int = _CHUNK) -> None:
        self._data = group.create_dataset(name, (0,), kind, maxshape=(None,), chunks=(chunk,), fletcher32=True)
        self._held: list[NDArray[Any]] = []
        self._size = self._written = 0

    def __len__(self) -> int:
        return self._written + self._size

    def append(self, values: NDArray[Any]) -> None:
        """Add values at the end."""
        self._held.append(values)
        self._size += len(values)
        if self._size >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._size:
            self._data.resize((len(self),))
            self._data[self._written :] = np.concatenate(self._held)
            self._written += self._size
        self._held, self._size = [], 0


class CategoryWriter:
    """A column of categories that is being written."""

    def __init__(self, group: h5py.Group) -> None:
        self._codes = Growing(group, "codes", "<i4")
        self._values = Growing(group, "values", "u1", _TEXT_CHUNK)
        self._offsets = Growing(group, "value_offsets", "<i8", _TEXT_CHUNK)
        self._offsets.append(np.zeros(1, np.int64))
        self._known: dict[str, int] = {}
        self.different = 0

    def code(self, text: str) -> int:
        """The code of a category; a new one is written."""
        if text not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[text] = self.different
            self.different += 1
            self._values.append(np.frombuffer(text.encode("utf-8"), np.uint8))
            self._offsets.append(np.array([len(self._values)]))
        return self._known[text]

    def append(self, codes: ArrayLike) -> None:
        """Add sentences by the codes of their categories, -1 where one is missing."""
        self._codes.append(np.asarray(codes, dtype=np.int32))

    def append_texts(self, texts: Sequence[str | None]) -> None:
        """Add sentences by their categories, None where one is missing."""
        self.append([-1 if text is None else self.code(text) for text in texts])

    def flush(self) -> None:
        """Write what is held."""
        for each in (self._codes, self._values, self._offsets):
            each.flush()


class NumberWriter:
    """A column of numbers that is being written."""

    def __init__(self, group: h5py.Group) -> None:
        self._numbers = Growing(group, "numbers", "<f8")

    def append(self, numbers: ArrayLike) -> None:
        """Add the numbers of sentences, NaN where one is missing."""
        self._numbers.append(np.asarray(numbers, dtype=np.float64))

    def flush(self) -> None:
        """Write what is held."""
        self._numbers.flush()


def begin_columns(group: h5py.Group, columns: Sequence[KeptColumn]) -> list[CategoryWriter | NumberWriter]:
    """A writer for each column, in a group that is empty yet."""
    writers: list[CategoryWriter | NumberWriter] = []
    for place, column in enumerate(columns):
        inner = group.create_group(str(place))
        set_attributes(inner, name=column.name, kind=column.kind)
        writers.append(CategoryWriter(inner) if column.kind == "category" else NumberWriter(inner))
    return writers


def copy_columns(group: h5py.Group, columns: Columns, guard: GuardedFile) -> None:
    """Write all columns into an empty group; what is damaged in theirs raises its LoomError."""
    for column, writer in zip(columns.all, begin_columns(group, columns.all), strict=True):
        for start in range(0, columns.n, _BUFFER):
            rows = slice(start, min(start + _BUFFER, columns.n))
            if isinstance(writer, CategoryWriter):
                writer.append_texts(columns.texts(column.name, rows))
            else:
                writer.append(columns.numbers(column.name, rows))
        writer.flush()
        guard.check()


def describe_columns_file(file: h5py.File) -> None:
    """Say in the columns file of a corpus what it is."""
    set_attributes(file, kind=COLUMNS_KIND, version=COLUMNS_VERSION)
