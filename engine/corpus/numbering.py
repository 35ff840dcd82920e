"""One numbering for the words that several cutters have numbered each for itself, how often each word occurs, and
how it is written.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import Capitals
from engine.corpus.cutting import Cut, Numbers

Counts = npt.NDArray[np.int64]


class Numbering:
    """Provisional numbers of all words met so far; its memory is that of the distinct words.

    Attributes:
        capitals: how words are written within the training sentences.
    """

    def __init__(self) -> None:
        self.capitals = Capitals()
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = count().__next__
        self._of_cutter: dict[int, Numbers] = {}
        self._counts: Counts = np.zeros(0, dtype=np.int64)
        self._begun: Counts = np.zeros(0, dtype=np.int64)

    @property
    def words(self) -> list[str]:
        """The words in the order of their numbers."""
        return list(self._numbers)

    @property
    def counts(self) -> Counts:
        """How often each word occurs in the training sentences, (words,)."""
        return _grown(self._counts, len(self._numbers))[: len(self._numbers)]

    @property
    def within(self) -> Counts:
        """How often each word stands in them but not at the start, (words,)."""
        return self.counts - _grown(self._begun, len(self._numbers))[: len(self._numbers)]

    def add(self, cut: Cut) -> Numbers:
        """Learn the new words of a batch and count those of its training sentences.

        Returns:
            the number here of each of its cutter's numbers, (words of the cutter or more,).
        """
        known = self._of_cutter.get(cut.cutter, np.zeros(0, dtype=np.uint32))
        if cut.words or cut.first == 0:
            known = _grown(known, cut.first + len(cut.words))
            known[cut.first : cut.first + len(cut.words)] = list(map(self._numbers.__getitem__, cut.words))
            self._of_cutter[cut.cutter] = known
            self._counts = _grown(self._counts, len(self._numbers))
            self._begun = _grown(self._begun, len(self._numbers))
        self._counts[known[cut.used]] += cut.times
        self._begun[known[cut.begun]] += cut.begun_times
        self.capitals.add(cut.capitals)
        return known


def _grown(values: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """`values` with room for `size` of them; growing in leaps keeps the copying small."""
    if len(values) >= size:
        return values
    return np.concatenate([values, np.zeros(max(size, 2 * len(values)) - len(values), dtype=values.dtype)])
