"""The files of one half of a corpus (train or test) while it is being prepared.

On the first way through the text a word gets a provisional number, in the order of first appearance, and these numbers
go to a temporary file. Once all words are counted and the vocabulary is known, that file is translated into the
final ids. Both ways work on blocks, so the size of the corpus does not matter to the memory.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from engine.corpus.store import OFFSETS

_PROVISIONAL = np.dtype("<u4")
_BLOCK = 1 << 20  # values translated at a time


class OffsetsFile:
    """Appends lengths, writes where each item begins: n + 1 int64 values."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb")  # noqa: SIM115 - closed by close()
        self.count = 0
        self.end = 0
        self.digest = hashlib.sha256()
        self._write(np.zeros(1, dtype=OFFSETS))

    def append(self, lengths: npt.ArrayLike) -> None:
        """Add items of these lengths."""
        lengths = np.asarray(lengths, dtype=OFFSETS)
        if len(lengths):
            ends = self.end + np.cumsum(lengths, dtype=OFFSETS)
            self._write(ends)
            self.count += len(lengths)
            self.end = int(ends[-1])

    def _write(self, values: npt.NDArray[np.int64]) -> None:
        data = values.tobytes()
        self.digest.update(data)
        self._file.write(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Spool:
    """Sentences of one split on their way to the disk.

    Args:
        folder: where the files go.
        split: "train" or "test".
        keep_text: also store the sentences as they were written.
    """

    def __init__(self, folder: Path, split: str, *, keep_text: bool) -> None:
        self._ids_path = folder / f"{split}.ids"
        self._provisional_path = folder / f"{split}.provisional"
        self._provisional = open(self._provisional_path, "wb")  # noqa: SIM115 - closed by __exit__
        self.offsets = OffsetsFile(folder / f"{split}.offsets")
        self._text = open(folder / f"{split}.text", "wb") if keep_text else None  # noqa: SIM115
        self._text_offsets = OffsetsFile(folder / f"{split}.text.offsets") if keep_text else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    @property
    def sentences(self) -> int:
        """How many sentences were added."""
        return self.offsets.count

    @property
    def tokens(self) -> int:
        """How many words they have."""
        return self.offsets.end

    def append(self, numbers: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64], texts: list[str]) -> None:
        """Add sentences: provisional numbers of all their words, words per sentence, and what was written."""
        self._provisional.write(numbers.astype(_PROVISIONAL, copy=False).tobytes())
        self.offsets.append(lengths)
        if self._text is not None and self._text_offsets is not None:
            encoded = [text.encode("utf-8") for text in texts]
            self._text.write(b"".join(encoded))
            self._text_offsets.append([len(data) for data in encoded])

    def translate(self, final: npt.NDArray[Any]) -> tuple[str, npt.NDArray[np.int64]]:
        """Write the final ids, `final[number]` for each provisional number, and remove the temporary file.

        Returns:
            SHA-256 (hexadecimal) of ids and offsets, and how often each final id occurs, (largest id + 1,).
        """
        self._close()
        digest = hashlib.sha256(self.offsets.digest.digest())
        occurrences = np.zeros(int(final.max(initial=0)) + 1, dtype=np.int64)
        with open(self._provisional_path, "rb") as source, open(self._ids_path, "wb") as target:
            while data := source.read(_BLOCK * _PROVISIONAL.itemsize):
                ids = final[np.frombuffer(data, dtype=_PROVISIONAL)]
                occurrences += np.bincount(ids, minlength=len(occurrences))
                packed = ids.tobytes()
                digest.update(packed)
                target.write(packed)
        self._provisional_path.unlink()
        return digest.hexdigest(), occurrences

    def _close(self) -> None:
        self._provisional.close()
        self.offsets.close()
        if self._text is not None and self._text_offsets is not None:
            self._text.close()
            self._text_offsets.close()
