"""Which sentences stand in several parts of a text: what was seen in training is no test."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt


class Overlap:
    """Counts the sentences of small parts that stand in others too; of the training part nothing is remembered.

    Sentences are the same if their words are, unknown ones too.
    """

    def __init__(self) -> None:
        self._parts: dict[bytes, set[str]] = {}

    def remember(self, part: str, numbers: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]) -> None:
        """Take sentences of a small part: numbers of all their words, (words,), and words of each, (n,)."""
        for key in _keys(numbers, lengths):
            self._parts.setdefault(key, set()).add(part)

    def compare(self, part: str, numbers: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]) -> None:
        """Look at sentences of the large part, which come after those of all others."""
        if self._parts:
            for key in _keys(numbers, lengths):
                if key in self._parts:
                    self._parts[key].add(part)

    def counts(self) -> dict[tuple[str, str], int]:
        """How many different sentences stand in both of two parts, where there are any; names in alphabetical order."""
        pairs = Counter(pair for parts in self._parts.values() for pair in combinations(sorted(parts), 2))
        return dict(sorted(pairs.items()))


def _keys(numbers: npt.NDArray[np.uint32], lengths: npt.NDArray[np.int64]) -> list[bytes]:
    data, width = numbers.tobytes(), numbers.itemsize
    ends = (np.cumsum(lengths) * width).tolist()
    return [hashlib.blake2b(data[a:b], digest_size=8).digest() for a, b in pairwise([0, *ends])]
