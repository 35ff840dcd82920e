"""What is done to every batch of sentences, and depends on no other batch: cut, filter, split, number the words.

This is nine tenths of the work of preparing a corpus and may be done in any process. The numbers of the words are the
cutter's own, in the order in which it met them. Whoever puts the pieces together learns each new word with the batch
that brought it; the final ids depend on neither.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import Capitals, capitals_of, telling
from engine.corpus.tokenised.words import given_words
from engine.corpus.tokens import detokenize, words_of_pieces
from engine.corpus.unspaced.languages import segmented

Numbers = npt.NDArray[np.uint32]
_DIGEST = 8  # bytes of a sentence's hash

_WORDS_AT_MOST = 200_000  # a cutter forgets its words beyond these, so that its memory does not grow with the corpus


@dataclass(frozen=True, slots=True)
class Half:
    """The sentences of a batch on one side of the split: word numbers, words of each sentence, the sentences as people
    read them, and the places of them in the batch.
    """

    numbers: Numbers
    lengths: npt.NDArray[np.int64]
    texts: list[str]
    rows: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a batch came to.

    `words` are those with the numbers from `first` on; where `first` is 0, all earlier numbers of this cutter are void.
    `used` and `times` say how often which word occurs in the training sentences, `begun` and `begun_times` how often at
    their start, and `capitals` how words are written within them.
    """

    cutter: int
    first: int
    words: list[str]
    train: Half
    test: Half
    used: Numbers
    times: npt.NDArray[np.int64]
    begun: Numbers
    begun_times: npt.NDArray[np.int64]
    capitals: Capitals
    dropped: dict[str, int] = field(default_factory=dict)

    @property
    def sentences(self) -> int:
        """How many sentences were kept."""
        return len(self.train.lengths) + len(self.test.lengths)


class _Kept(NamedTuple):
    """A sentence that is kept: white space evened out, its pieces whose capitals tell something, its words, and its
    place in the batch.
    """

    text: str
    telling: list[str]
    words: list[str]
    row: int


class Cutter:
    """Cuts batches of sentences.

    Args:
        min_words: the shortest sentence that is kept, in words.
        max_words: the longest.
        seed: of the split.
        test_fraction: share of the test set.
        name: tells its numbers from those of other cutters.
        given: whether the sentences are cut already, so that words are what stands between spaces.
        lower: whether those are read in small letters.
        language: the code of the language, if it is one without spaces between words.
    """

    def __init__(
        self,
        min_words: int,
        max_words: int,
        seed: int,
        test_fraction: float,
        name: int,
        given: bool = False,
        lower: bool = False,
        language: str = "",
    ) -> None:
        self._limits = (min_words, max_words)
        self._given, self._lower, self._language = given, lower, language
        self._split = _Split(seed, test_fraction)
        self.name = name
        self._numbers: dict[str, int] = {}
        self._forget()

    def _forget(self) -> None:
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = count().__next__
        self._numbers = numbers

    def __call__(self, batch: list[str], at_most: int | None = None) -> Cut:
        """Cut a batch.

        Args:
            batch: sentences.
            at_most: keep only this many of those that pass the filters.
        """
        if len(self._numbers) > _WORDS_AT_MOST:
            self._forget()
        kept, dropped = self._within_limits(batch)
        halves: tuple[list[_Kept], ...] = ([], [])
        in_test_set = self._split.in_test_set
        for item in kept[:at_most]:
            halves[in_test_set(item.text)].append(item)
        first = len(self._numbers)
        train, test = (self._numbered(half) for half in halves)
        used, times = np.unique(train.numbers, return_counts=True)
        starts = np.cumsum(train.lengths) - train.lengths
        begun, begun_times = np.unique(train.numbers[starts], return_counts=True)
        capitals = capitals_of(item.telling for item in halves[0])
        words = list(islice(self._numbers, first, None))
        # The training sentences need no text; the words will do.
        train.texts.clear()
        return Cut(self.name, first, words, train, test, used, times, begun, begun_times, capitals, dropped)

    def _within_limits(self, batch: list[str]) -> tuple[list[_Kept], dict[str, int]]:
        """The sentences of the right length, white space evened out, with their words; and why others were left out."""
        least, most = self._limits
        kept = []
        dropped = dict.fromkeys(("empty", "too_short", "too_long"), 0)
        look_up = words_of_pieces()
        for row, text in enumerate(batch):
            pieces = text.split()
            words = given_words(pieces, self._lower) if self._given else list(chain.from_iterable(map(look_up, pieces)))
            if self._language and not self._given:
                words = segmented(words, self._language)
            if not words:
                dropped["empty"] += 1
            elif len(words) < least:
                dropped["too_short"] += 1
            elif len(words) > most:
                dropped["too_long"] += 1
            else:
                small = text[1:].islower() or (self._given and not self._lower)  # as given, no capital needs counting
                kept.append(_Kept(" ".join(pieces), [] if small else telling(pieces), words, row))
        return kept, {reason: number for reason, number in dropped.items() if number}

    def _numbered(self, half: list[_Kept]) -> Half:
        lengths = np.asarray([len(item.words) for item in half], dtype=np.int64)
        numbers = map(self._numbers.__getitem__, chain.from_iterable(item.words for item in half))
        return Half(
            np.fromiter(numbers, np.uint32, int(lengths.sum())),
            lengths,
            [detokenize(item.words) if self._given else item.text for item in half],
            np.asarray([item.row for item in half], dtype=np.int32),
        )


def in_test_set(text: str, seed: int, fraction: float) -> bool:
    """Whether a sentence belongs to the test set; depends on its words and the seed only."""
    return _Split(seed, fraction).in_test_set(" ".join(text.split()))


class _Split:
    """The split of a seed, for sentences whose white space is evened out."""

    def __init__(self, seed: int, fraction: float) -> None:
        self._seeded = hashlib.blake2b(f"{seed}\n".encode(), digest_size=_DIGEST)
        # As bytes of the same length, in whose order numbers are too; one more where every digest is below.
        below = math.ceil(fraction * 256.0**_DIGEST)
        self._below = below.to_bytes(_DIGEST, "big") if fraction < 1 else b"\xff" * (_DIGEST + 1)

    def in_test_set(self, even: str) -> bool:
        digest = self._seeded.copy()
        digest.update(even.casefold().encode())
        return digest.digest() < self._below
