"""What is done to every batch of sentences, and depends on no other batch: cut, filter, split, number the words.

This is most of the work of preparing a corpus and may be done in any process. The numbers of the words are the
cutter's own, in the order in which it met them. Whoever puts the pieces together learns each new word with the batch
that brought it; the final ids depend on neither.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, islice

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import Capitals
from engine.corpus.pieces import Pieces, Places, spans, sums
from engine.corpus.tokenised.words import given_words
from engine.corpus.tokens import detokenize, words_of_piece
from engine.corpus.unspaced.languages import segmented

Numbers = npt.NDArray[np.uint32]
_DIGEST = 8  # bytes of a sentence's hash

_PIECES_AT_MOST = 200_000  # a cutter forgets them beyond these, so that its memory does not grow with the corpus
_NONE = np.iinfo(np.uint32).max
"""Instead of a number, for words of sentences that are not kept."""


@dataclass(frozen=True, slots=True)
class Half:
    """The sentences of a batch on one side of the split: word numbers, words of each sentence, the sentences as people
    read them (of the test set only), and the places of them in the batch.
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
        self._forget()

    def _forget(self) -> None:
        # Where words are read as they are given, none of their capitals needs counting.
        self._pieces = Pieces(self._way(), tell=self._lower or not self._given)
        self._numbers: Numbers = np.zeros(0, dtype=np.uint32)  # of the words of all pieces
        self._numbered = 0

    def _way(self) -> Callable[[str], Sequence[str]]:
        """What cuts a piece into words."""
        if self._given:
            return lambda piece: given_words((piece,), self._lower)
        if self._language:
            return lambda piece: segmented(words_of_piece(piece), self._language)
        return words_of_piece

    def __call__(self, batch: list[str], at_most: int | None = None) -> Cut:
        """Cut a batch.

        Args:
            batch: sentences.
            at_most: keep only this many of those that pass the filters.
        """
        if len(self._pieces) > _PIECES_AT_MOST:
            self._forget()
        split = [text.split() for text in batch]
        sizes = np.fromiter(map(len, split), np.int64, len(split))
        starts = np.cumsum(sizes) - sizes
        pieces = self._pieces.look_up(chain.from_iterable(split), int(sizes.sum()))
        lengths = sums(self._pieces.widths(pieces), sizes)
        kept, dropped = self._within_limits(lengths)
        rows = kept[:at_most]
        texts = [" ".join(split[row]) for row in rows.tolist()]
        tested = np.fromiter(map(self._split.in_test_set, texts), np.bool_, len(texts))
        train, test = rows[~tested], rows[tested]
        train_words, test_words = (
            self._pieces.words_of(pieces[spans(starts[half], sizes[half])]) for half in (train, test)
        )
        first, words = self._number(np.concatenate([train_words, test_words]))
        numbers = self._numbers[train_words]
        begins = np.cumsum(lengths[train]) - lengths[train]
        # The training sentences need no text; the words will do.
        return Cut(
            self.name,
            first,
            words,
            Half(numbers, lengths[train], [], train.astype(np.int32)),
            Half(
                self._numbers[test_words],
                lengths[test],
                self._shown(test_words, lengths[test]) if self._given else list(compress(texts, tested)),
                test.astype(np.int32),
            ),
            *_counted(numbers),
            *_counted(numbers[begins]),
            self._pieces.capitals(pieces[spans(starts[train] + 1, sizes[train] - 1)]),
            dropped,
        )

    def _within_limits(self, lengths: Places) -> tuple[Places, dict[str, int]]:
        """The places of the sentences of the right length, and why others were left out."""
        least, most = self._limits
        empty, short, long = lengths == 0, lengths < least, lengths > most
        left_out = {"empty": empty, "too_short": short & ~empty, "too_long": long}
        dropped = {reason: int(np.count_nonzero(which)) for reason, which in left_out.items()}
        return np.flatnonzero(~(empty | short | long)), {reason: number for reason, number in dropped.items() if number}

    def _number(self, words: Places) -> tuple[int, list[str]]:
        """Number the words of sentences that are kept; returns the first new number, and the words from it on."""
        met = len(self._pieces.words)
        self._numbers = np.append(self._numbers, np.full(met - len(self._numbers), _NONE, np.uint32))
        first = self._numbered
        fresh = np.flatnonzero((np.bincount(words, minlength=met) > 0) & (self._numbers == _NONE))
        self._numbered += len(fresh)
        self._numbers[fresh] = np.arange(first, self._numbered)
        return first, [self._pieces.words[word] for word in fresh.tolist()]

    def _shown(self, words: Places, lengths: Places) -> list[str]:
        """Sentences that are cut already as people read them."""
        written = map(self._pieces.words.__getitem__, words.tolist())
        return [detokenize(islice(written, length)) for length in lengths.tolist()]


def _counted(numbers: Numbers) -> tuple[Numbers, Places]:
    """The different numbers, and how often there is each."""
    times = np.bincount(numbers)
    there = np.flatnonzero(times)
    return there.astype(np.uint32), times[there]


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
