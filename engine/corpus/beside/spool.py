"""What is kept beside the sentences on its way to the disk, while a corpus is prepared.

The file is begun when it is known which columns are kept; sentences that came before have no values.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.corpus.beside.values import category, number
from engine.corpus.reading import Reading, Values
from engine.storage.columns import COLUMNS_FILE, KeptColumn

if TYPE_CHECKING:
    from engine.storage.columns_writer import CategoryWriter, NumberWriter
    from engine.storage.guarded_file import GuardedFile

_KNOWN = 200_000  # values whose code is remembered
_NOTHING = math.nan
"""This very object stands for a number that is missing."""
_STRANGE, _REST = 1000, "others"
"""Texts in columns of numbers that are told apart, and what the rest is counted as."""


class ColumnSpool:
    """The columns of all parts of a corpus.

    Args:
        folder: of the corpus that is being written.
        parts: "train", "test" and so on.
    """

    def __init__(self, folder: Path, parts: Sequence[str]) -> None:
        self._path = folder / COLUMNS_FILE
        self._sentences = dict.fromkeys(parts, 0)
        self._columns: tuple[KeptColumn, ...] = ()
        self._parts: dict[str, list[_Categories | _Numbers]] = {}
        self._guard: GuardedFile | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def append(self, part: str, reading: Reading, values: Sequence[Values], rows: NDArray[np.int32]) -> None:
        """Add sentences.

        Args:
            part: they belong to.
            reading: says which columns are kept; those of the first that keeps some are all there are.
            values: what stands beside each text of a batch, () where nothing does.
            rows: of the batch, of the sentences that are kept.
        """
        if not self._columns and reading.kept:
            self._begin(reading.kept)
        assert not reading.kept or reading.kept == self._columns, "values would come under the names of others"
        self._sentences[part] += len(rows)
        if not self._columns:
            return
        chosen = [values[row] for row in rows.tolist()]
        width = len(self._columns)
        none: Values = (None,) * width
        complete = [each or none for each in chosen]
        for place, column in enumerate(self._parts[part]):
            column.append([each[place] for each in complete])
        if self._guard is not None:
            self._guard.check()

    def _begin(self, columns: tuple[KeptColumn, ...]) -> None:
        from engine.storage.columns_writer import begin_columns, describe_columns_file
        from engine.storage.hdf5_writing import hdf5_file

        file, self._guard = self._stack.enter_context(hdf5_file(self._path, "w"))
        describe_columns_file(file)
        self._columns = columns
        for part, before in self._sentences.items():
            self._parts[part] = [
                _Numbers(writer) if column.kind == "number" else _Categories(writer)
                for column, writer in zip(columns, begin_columns(file.create_group(part), columns), strict=True)
            ]
            for each in self._parts[part]:
                each.append_missing(before)

    def finish(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Write the rest and close the file.

        Returns:
            what corpus.json says of each column, none where none is kept; and what a person should know.
        """
        for columns in self._parts.values():
            for column in columns:
                column.flush()
        self._stack.close()
        told: list[str] = []
        described = []
        for place, kept in enumerate(self._columns):
            parts = [columns[place] for columns in self._parts.values()]
            described.append({"name": kept.name, "kind": kept.kind, "missing": sum(each.missing for each in parts)})
            strange: Counter[str] = sum((each.strange for each in parts), Counter())
            if strange:
                examples = ", ".join(repr(text[:40]) for text, _ in strange.most_common(3))
                told.append(
                    f"{strange.total():,} sentences have no number in the column {kept.name!r}, as {examples}: "
                    "there it is missing."
                )
        return described, told


class _Codes(dict[Any, int]):
    """The code of each value that was met."""

    def __init__(self, writer: CategoryWriter) -> None:
        super().__init__()
        self._writer = writer

    def __missing__(self, value: Any) -> int:
        text = category(value)
        if len(self) >= _KNOWN:
            self.clear()
        code = self[value] = -1 if text is None else self._writer.code(text)
        return code


class _Categories:
    """A column of categories of one part."""

    def __init__(self, writer: Any) -> None:
        self._writer: CategoryWriter = writer
        self._codes = _Codes(self._writer)
        self.missing = 0
        self.strange: Counter[str] = Counter()

    def append(self, values: Sequence[Any]) -> None:
        codes = list(map(self._codes.__getitem__, values))
        self.missing += codes.count(-1)
        self._writer.append(codes)

    def append_missing(self, count: int) -> None:
        self.missing += count
        self._writer.append(np.full(count, -1, np.int32))

    def flush(self) -> None:
        self._writer.flush()


class _Floats(dict[Any, float]):
    """The number of each value that was met."""

    def __missing__(self, value: Any) -> float:
        if len(self) >= _KNOWN:
            self.clear()
        found = number(value)
        read = self[value] = _NOTHING if found is None else found
        return read


class _Numbers:
    """A column of numbers of one part."""

    def __init__(self, writer: Any) -> None:
        self._floats = _Floats()
        self._writer: NumberWriter = writer
        self.missing = 0
        self.strange: Counter[str] = Counter()

    def append(self, values: Sequence[Any]) -> None:
        read = list(map(self._floats.__getitem__, values))
        missing = read.count(_NOTHING)
        if missing:
            self.missing += missing
            for value, found in zip(values, read, strict=True):
                if found is _NOTHING and category(value) is not None:
                    self.strange[str(value) if len(self.strange) < _STRANGE else _REST] += 1
        self._writer.append(read)

    def append_missing(self, count: int) -> None:
        self.missing += count
        self._writer.append(np.full(count, np.nan))

    def flush(self) -> None:
        self._writer.flush()
