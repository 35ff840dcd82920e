"""What is kept of every sentence beside its text: categories and numbers, column by column, read from a group of HDF5.

A category is stored as the place of its text in a list, a missing one as -1; a number as a float64, a missing one as
NaN. The group is part of a corpus (`columns.h5`) and of a latent cache; FORMAT.md describes it. Writing is in
`columns_writer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError, from_os_error

if TYPE_CHECKING:
    import h5py

Kind = Literal["category", "number"]
COLUMNS_FILE = "columns.h5"
"""The file of a corpus that has them."""
COLUMNS_KIND = "latent-loom-columns"
COLUMNS_VERSION = 1
_DAMAGE = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError)
"""What the HDF5 library raises for a damaged file, and numpy for what it holds."""


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column whose values stay with their sentences: its name, as the table has it, and what they are."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Categories:
    """A column of categories.

    Attributes:
        codes: (n,) int32, the place of each sentence's category in `values`; -1 where it is missing.
        values: the categories, the most common first, equally common ones in the order of the alphabet.
        counts: how many sentences have each, (values,).
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]
    counts: NDArray[np.int64]


class Columns:
    """The columns of a group, read as they are asked for.

    Args:
        group: as `columns_writer` makes it.
        n: sentences that each column must have.
        damaged: makes the error of what is wrong.
    """

    def __init__(self, group: h5py.Group, n: int, damaged: Callable[[str], LoomError]) -> None:
        self.n = n
        self._damaged = damaged
        self._groups: dict[str, h5py.Group] = {}
        self._kept: dict[str, KeptColumn] = {}
        try:
            for place in sorted(group, key=int):
                self._add(group[place])
        except _DAMAGE as error:
            raise damaged(f"its columns cannot be read ({error})") from error

    def _add(self, group: h5py.Group) -> None:
        from engine.storage.cache_file import attributes_of

        attributes = attributes_of(group)
        name, kind = str(attributes["name"]), str(attributes["kind"])
        if kind not in ("category", "number"):
            return  # of a newer writer
        data = group["codes" if kind == "category" else "numbers"]
        if data.shape != (self.n,) or data.dtype.kind != ("i" if kind == "category" else "f"):
            raise ValueError(f"{name!r} has shape {data.shape} and type {data.dtype}")
        self._groups[name] = group
        self._kept[name] = KeptColumn(name, "category" if kind == "category" else "number")

    @property
    def all(self) -> tuple[KeptColumn, ...]:
        """The columns, in the order of the table."""
        return tuple(self._kept.values())

    def numbers(self, name: str, rows: slice | None = None) -> NDArray[np.float64]:
        """(n,) the numbers of a column or of a slice of it, NaN where one is missing.

        Raises:
            KeyError: there is no such column of numbers.
            LoomError: the file is damaged.
        """
        with self._told(name):
            values: NDArray[np.float64] = self._groups[name]["numbers"][rows or slice(None)]
            if np.isinf(values).any():
                raise ValueError("a number is not finite")
            return values.astype(np.float64, copy=False)

    def categories(self, name: str) -> Categories:
        """A column of categories. Raises as `numbers`."""
        with self._told(name):
            group = self._groups[name]
            codes = group["codes"][:]
            used, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
            texts = self._texts_of(group, used[used >= 0])
            # A value may stand in the list twice, see FORMAT.md.
            of_text: dict[str, int] = {}
            for text, count in zip(texts, counts[used >= 0].tolist(), strict=True):
                of_text[text] = of_text.get(text, 0) + count
            ordered = sorted(of_text, key=lambda text: (-of_text[text], text))
            number = {text: at for at, text in enumerate(ordered)}
            final = np.array([-1] * int((used < 0).sum()) + [number[text] for text in texts], dtype=np.int32)
            counted = np.array([of_text[text] for text in ordered], dtype=np.int64)
            return Categories(final[places.reshape(-1)] if len(codes) else codes, tuple(ordered), counted)

    def texts(self, name: str, rows: slice | None = None) -> list[str | None]:
        """(n,) the categories of a column or of a slice of it, None where one is missing. Raises as `numbers`."""
        with self._told(name):
            group = self._groups[name]
            codes = group["codes"][rows or slice(None)]
            used, places = np.unique(codes, return_inverse=True)
            texts: list[str | None] = [None] * int((used < 0).sum())
            texts += self._texts_of(group, used[used >= 0])
            return [texts[at] for at in places.reshape(-1).tolist()]

    def _texts_of(self, group: h5py.Group, codes: NDArray[Any]) -> list[str]:
        """The texts of ascending codes."""
        if not len(codes):
            return []
        bounds = group["value_offsets"][:]
        if codes[-1] >= len(bounds) - 1 or (np.diff(bounds) < 0).any():
            raise ValueError("a code is of no value")
        if len(codes) < 64:  # of a long list few may be wanted
            pairs = [(int(bounds[code]), int(bounds[code + 1])) for code in codes.tolist()]
            return [group["values"][begin:end].tobytes().decode("utf-8") for begin, end in pairs]
        data = group["values"][:].tobytes()
        every = [data[begin:end] for begin, end in pairwise(bounds.tolist())]
        return [every[code].decode("utf-8") for code in codes.tolist()]

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        if name not in self._groups:
            raise KeyError(name)
        try:
            yield
        except _DAMAGE as error:
            raise self._damaged(f"its column {name!r} cannot be read ({error})") from error


@contextmanager
def open_columns(folder: Path, part: str, n: int, damaged: Callable[[str], LoomError]) -> Iterator[Columns]:
    """The columns of a part of a corpus, while the block runs.

    Args:
        folder: of the corpus.
        part: "train", "test" or "valid".
        n: its sentences.
        damaged: makes the error of what is wrong.

    Raises:
        LoomError: the file is missing, damaged or of a newer version.
    """
    import h5py

    from engine.storage.cache_file import attributes_of

    path = folder / COLUMNS_FILE
    try:
        file = h5py.File(path, "r", locking=False)
    except FileNotFoundError as error:
        raise damaged(f"{COLUMNS_FILE} is missing") from error
    except PermissionError as error:
        raise from_os_error(error, f"reading {path}") from error
    except _DAMAGE as error:
        raise damaged(f"{COLUMNS_FILE} is no HDF5 file, or it is cut off") from error
    with file:
        try:
            attributes = attributes_of(file)
            kind, version = attributes.get("kind"), int(attributes.get("version", 0))
            group = file[part]
        except _DAMAGE as error:
            raise damaged(f"{COLUMNS_FILE} has no part {part!r}") from error
        if kind != COLUMNS_KIND or version != COLUMNS_VERSION:
            raise damaged(f"{COLUMNS_FILE} is of kind {kind!r} and version {version}")
        yield Columns(group, n, lambda what: damaged(f"{COLUMNS_FILE}: {what}"))
