"""One numbering for the words that several cutters have numbered each for itself, how often each word occurs, how it is
written, and the vocabulary that comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import Capitals, usual_forms
from engine.corpus.cutting import Cut, Numbers
from engine.corpus.pieces import numbers_as_met
from engine.corpus.store import ids_dtype
from engine.corpus.vocabulary import SPECIALS, UNK, Vocabulary

Counts = npt.NDArray[np.int64]


class Numbering:
    """Provisional numbers of all words met so far; its memory is that of the distinct words.

    Attributes:
        capitals: how words are written within the training sentences.
    """

    def __init__(self) -> None:
        self.capitals = Capitals()
        self._numbers = numbers_as_met()
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


def choose_vocabulary(
    numbering: Numbering, size: int, given: Sequence[str] | None = None
) -> tuple[Vocabulary, npt.NDArray[Any]]:
    """The most common words, or those that are given, and the table from provisional numbers to final ids (words,)."""
    words, counts = numbering.words, numbering.counts
    if given is None:
        numbers = [number for number in range(len(words)) if counts[number] > 0 and words[number] not in SPECIALS]
        numbers.sort(key=lambda number: (-counts[number], words[number]))
        met = list(enumerate(numbers[: size - len(SPECIALS)], len(SPECIALS)))
        chosen: Sequence[str] = [words[number] for _, number in met]
    else:
        chosen, ids = given, {word: i for i, word in enumerate(given, len(SPECIALS))}
        met = sorted((ids[word], number) for number, word in enumerate(words) if word in ids)
    within = numbering.within
    written = usual_forms(((words[number], int(within[number])) for _, number in met), numbering.capitals)
    vocabulary = Vocabulary((*SPECIALS, *chosen), written)
    final = np.full(len(words), UNK, dtype=ids_dtype(len(vocabulary)))
    for word_id, number in met:
        final[number] = word_id
    return vocabulary, final


def _grown(values: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """`values` with room for `size` of them; growing in leaps keeps the copying small."""
    if len(values) >= size:
        return values
    return np.concatenate([values, np.zeros(max(size, 2 * len(values)) - len(values), dtype=values.dtype)])
