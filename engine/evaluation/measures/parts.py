"""What an evaluation measured, item by item, kept so that nothing is computed twice.

A part is one kind of measuring of one variant: its posteriors, its importance weights, what it gave back in one way,
its samples, its ways between sentences. Its items (test sentences, draws, pairs) are computed in the order of their
numbers, so a part is as long as it has come, and a longer one begins with a shorter one: a stopped evaluation goes on
where it was, and a larger one extends a smaller.

One `.npz` file a part in `cached_latents/RUN.evaluation/`, named by a digest of all that it was made from, with the
seal of its arrays; see engine/storage/FORMAT.md. A file that is damaged is as if it were not there. No torch.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128

from engine.storage.digests import digest_of_document
from engine.storage.files import publish

METHOD = 1
"""Raised when an estimator changes what it keeps of an item: what was measured before is then measured anew."""
KEPT = 4
"""Files of one part of one variant that are kept, the newest, as runs go on and seeds change."""
_SEAL = "seal"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences as word ids: `ids` one after the other, `offsets` (n + 1,) where each begins."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]]) -> Texts:
        """Sentences put one after the other."""
        lengths = [len(sentence) for sentence in sentences]
        ids = np.fromiter((index for sentence in sentences for index in sentence), np.int64, sum(lengths))
        return cls(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> list[int]:
        if not 0 <= index < len(self):
            raise IndexError(f"sentence {index} of {len(self)}")
        return self.ids[self.offsets[index] : self.offsets[index + 1]].tolist()

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) words of each."""
        return np.diff(self.offsets)

    def first(self, n: int) -> Texts:
        """The first n."""
        return Texts(self.ids[: self.offsets[n]], self.offsets[: n + 1])


@dataclass(frozen=True, slots=True)
class Part:
    """What was measured of the first `n` items.

    Attributes:
        arrays: by name, each (n, ...).
        texts: sentences that were made, `per_item` for each item; None where none were.
    """

    arrays: Arrays
    texts: Texts | None = None
    per_item: int = 1

    @property
    def n(self) -> int:
        """Items that are measured."""
        if self.texts is not None:
            return len(self.texts) // self.per_item
        return min((len(array) for array in self.arrays.values()), default=0)

    def first(self, n: int) -> Part:
        """The first n items; all where there are fewer."""
        n = min(n, self.n)
        texts = None if self.texts is None else self.texts.first(n * self.per_item)
        return Part({name: array[:n] for name, array in self.arrays.items()}, texts, self.per_item)


NOTHING = Part({})


def joined(parts: Sequence[Part]) -> Part:
    """The items of parts of one kind, one part after the other; `NOTHING` without any."""
    some = [part for part in parts if part.n]
    if len(some) < 2:
        return some[0] if some else NOTHING
    first = some[0]
    arrays = {name: np.concatenate([part.arrays[name] for part in some]) for name in first.arrays}
    texts = [part.texts for part in some if part.texts is not None]
    if not texts:
        return Part(arrays, None, first.per_item)
    ends = np.cumsum([0, *(each.offsets[-1] for each in texts)])
    offsets = [each.offsets[1:] + start for each, start in zip(texts, ends[:-1], strict=True)]
    ids = np.concatenate([each.ids for each in texts])
    return Part(arrays, Texts(ids, np.concatenate([ends[:1], *offsets]).astype(np.int64)), first.per_item)


@dataclass(frozen=True, slots=True)
class Drawer:
    """The parts of one variant, on the disk.

    Args:
        folder: `cached_latents/RUN.evaluation`.
        variant: its name.
        made_from: what all its parts depend on: fingerprints of corpus and weights, seed.
    """

    folder: Path
    variant: str
    made_from: Mapping[str, Any]

    def path(self, part: str, settings: Mapping[str, Any]) -> Path:
        """The file of a part that was made with these settings."""
        digest = digest_of_document({"method": METHOD, "part": part, **self.made_from, **settings})
        return self.folder / f"{self.variant}.{part}.{digest[:16]}.npz"

    def read(self, part: str, settings: Mapping[str, Any], per_item: int = 1) -> Part:
        """What is kept; `NOTHING` where there is none, or what there is does not hold."""
        arrays = _arrays(self.path(part, settings))
        if arrays is None:
            return NOTHING
        texts = None
        if "ids" in arrays:
            texts = Texts(arrays.pop("ids").astype(np.int64), arrays.pop("offsets"))
        return Part(arrays, texts, per_item)

    def keep(self, part: str, settings: Mapping[str, Any], found: Part) -> None:
        """Publish a part.

        Raises:
            LoomError: it cannot be written.
        """
        arrays = dict(found.arrays)
        if found.texts is not None:
            arrays |= {"ids": found.texts.ids.astype(np.int32), "offsets": found.texts.offsets}
        content = io.BytesIO()
        np.savez(content, **arrays, **{_SEAL: np.array(seal_of(arrays))})  # type: ignore[arg-type]
        path = self.path(part, settings)
        with publish(path) as scratch:
            scratch.write_bytes(content.getvalue())
        self._let_go(part)

    def _let_go(self, part: str) -> None:
        """Remove what older settings and models left, but for the newest."""
        files = [path for path in self.folder.glob(f"{self.variant}.{part}.*.npz") if not path.name.startswith(".")]
        with suppress(OSError):  # of two evaluations one may have removed it already
            for path in sorted(files, key=lambda path: path.stat().st_mtime)[:-KEPT]:
                path.unlink()


def is_whole(path: Path) -> bool:
    """Whether a file of a part holds what was written."""
    return _arrays(path) is not None


def _arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of a file without their seal; None where there is no file, or not what was sealed."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    seal = arrays.pop(_SEAL, None)
    return arrays if seal is not None and str(seal) == seal_of(arrays) else None


def seal_of(arrays: Arrays) -> str:
    """The digest of arrays, of their names, types and shapes: 32 hexadecimal digits."""
    digest = xxh3_128()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
