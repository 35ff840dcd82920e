"""A language model that judges generated sentences: interpolated modified Kneser-Ney over runs of words.

It is counted, not trained, so it has no seed, takes a second for the demo's text, and shares no blind spot with the
decoders that it judges, which are recurrent networks. A second one, counted over a model's own samples, gives the
reverse perplexity in the same way.

Source: Chen and Goodman 1999, "An empirical study of smoothing techniques for language modeling", section 4.1.6
(modified Kneser-Ney, interpolated). As in KenLM (Heafield et al. 2013) a sentence begins with one start sign, whose
runs keep their raw counts, as nothing stands before it; the lowest order is interpolated with the uniform distribution.
No torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.corpus.vocabulary import BOS, EOS, PAD

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ORDER = 4
"""Words of the longest run; fewer where the vocabulary is so large that a run does not fit 64 bits."""
MOST_SENTENCES = 2_000_000
"""Training sentences that are counted at most."""


@dataclass(frozen=True, slots=True)
class _Order:
    """The runs of one length.

    Attributes:
        keys: (runs,) sorted; a run is a whole number with one digit a word.
        counts: (runs,) how often, or after how many different words below the highest order.
        contexts: (contexts,) sorted, a run without its last word.
        totals: (contexts,) the sum of the counts after a context.
        left: (contexts,) what discounting leaves to the order below, as a share of the total.
        discounts: (4,) what is taken from a count of 0, 1, 2, and 3 or more.
    """

    keys: Ints
    counts: Floats
    contexts: Ints
    totals: Floats
    left: Floats
    discounts: Floats


class LanguageModel:
    """p(word | up to three words before it), made of counted sentences.

    Args:
        ids: (tokens,) the sentences one after the other, without start and end.
        offsets: (sentences + 1,) where each begins, the first 0.
        vocabulary: words that there are, special ones included.
        order: words of the longest run; fewer where no sentence has so many.

    Raises:
        ValueError: there is no sentence.
    """

    def __init__(self, ids: NDArray[np.integer], offsets: NDArray[np.integer], vocabulary: int, order: int = ORDER):
        if len(offsets) < 2:
            raise ValueError("a language model needs one sentence or more")
        self.vocabulary = vocabulary
        longest = int(np.diff(offsets).max()) + 2  # with start and end
        self.order = min(fitting_order(vocabulary, order), longest)
        self.sentences = len(offsets) - 1
        self._predictable = vocabulary - 2  # neither the padding nor the start is ever predicted
        stream, starts = _framed(ids, offsets)
        runs = {length: self._runs(stream, starts, length) for length in range(1, self.order + 1)}
        counted: dict[int, tuple[Ints, Floats]] = {}
        for length in range(self.order, 0, -1):
            keys, counts = np.unique(runs[length], return_counts=True)
            numbers = counts.astype(np.float64)
            if length < self.order:
                numbers = self._continuations(keys, numbers, length, counted[length + 1][0])
            counted[length] = keys, numbers
        self._orders = {length: self._smoothed(*counted[length]) for length in counted}

    def nll(self, ids: NDArray[np.integer], offsets: NDArray[np.integer]) -> Floats:
        """-log p of each sentence, EOS included.

        Args:
            ids: (tokens,) the sentences one after the other.
            offsets: (sentences + 1,), the first 0.

        Returns:
            (sentences,) float64, nats.
        """
        stream, starts = _framed(ids, offsets)
        place = np.arange(len(stream)) - np.repeat(starts[:-1], np.diff(starts))  # within the sentence, 0 is the start
        cost = -np.log(self._probabilities(stream, place))
        cost[starts[:-1]] = 0.0
        return np.add.reduceat(cost, starts[:-1])

    def probabilities(self, context: Sequence[int]) -> Floats:
        """p of every word after a context, (vocabulary,); the context begins with the start sign where it is one."""
        words = np.arange(self.vocabulary)
        rows = np.concatenate([np.tile(np.array(context, dtype=np.int64), (len(words), 1)), words[:, None]], axis=1)
        found = self._interpolated(rows, np.full(len(words), len(context)))
        found[[PAD, BOS]] = 0.0
        return found

    def _probabilities(self, stream: Ints, place: Ints) -> Floats:
        """p of every word of the stream after those before it in its sentence; 1 for the starts."""
        found = np.ones(len(stream))
        where = np.flatnonzero(place > 0)
        block = 1 << 20
        for at in range(0, len(where), block):
            part = where[at : at + block]
            back = np.arange(self.order - 1, -1, -1)
            rows = stream[np.maximum(part[:, None] - back, 0)]
            found[part] = self._interpolated(rows, place[part])
        return found

    def _interpolated(self, rows: Ints, before: Ints) -> Floats:
        """p of the last word of each row.

        Args:
            rows: (n, order or fewer) words.
            before: (n,) how many of the words before the last one belong to its sentence.
        """
        found = np.full(len(rows), 1.0 / self._predictable)
        for length in range(1, min(self.order, rows.shape[1]) + 1):
            here = np.flatnonzero(before >= length - 1)
            found[here] = self._one_order(rows[here, rows.shape[1] - length :], found[here], length)
        return found

    def _one_order(self, rows: Ints, below: Floats, length: int) -> Floats:
        order = self._orders[length]
        keys = _packed(rows, self.vocabulary)
        context = keys // self.vocabulary
        at = np.minimum(np.searchsorted(order.contexts, context), len(order.contexts) - 1)
        known = order.contexts[at] == context
        place = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
        count = np.where(order.keys[place] == keys, order.counts[place], 0.0)
        total = order.totals[at]
        kept = np.maximum(count - order.discounts[np.minimum(count, 3).astype(np.int64)], 0.0) / total
        return np.where(known, kept + order.left[at] * below, below)

    def _runs(self, stream: Ints, starts: Ints, length: int) -> Ints:
        """Every run of a length within a sentence that predicts its last word, packed."""
        place = np.arange(len(stream)) - np.repeat(starts[:-1], np.diff(starts))
        ends = np.flatnonzero(place >= max(length - 1, 1))
        rows = stream[ends[:, None] - np.arange(length - 1, -1, -1)]
        return _packed(rows, self.vocabulary)

    def _continuations(self, keys: Ints, raw: Floats, length: int, longer: Ints) -> Floats:
        """How many different words stand before each run; the raw count where it begins with the start."""
        after = longer % self.vocabulary**length  # the longer runs without their first word
        found, numbers = np.unique(after, return_counts=True)
        counts = np.zeros(len(keys))
        at = np.searchsorted(found, keys)
        same = found[np.minimum(at, len(found) - 1)] == keys
        counts[same] = numbers[at[same]]
        first = keys // self.vocabulary ** (length - 1)
        from_start = (first == BOS) & (length > 1)
        return np.where(from_start, raw, counts)

    def _smoothed(self, keys: Ints, counts: Floats) -> _Order:
        discounts = _discounts(counts)
        contexts, first = np.unique(keys // self.vocabulary, return_index=True)
        totals = np.add.reduceat(counts, first)
        freed = np.add.reduceat(discounts[np.minimum(counts, 3).astype(np.int64)], first)
        return _Order(keys, counts, contexts, totals, freed / totals, discounts)


def fitting_order(vocabulary: int, order: int = ORDER) -> int:
    """The longest run, up to `order`, that fits a whole number of 64 bits with one digit a word."""
    while order > 1 and vocabulary**order > np.iinfo(np.int64).max:
        order -= 1
    return order


def _discounts(counts: Floats) -> Floats:
    """What is taken from counts of 0, 1, 2 and 3 or more (Chen and Goodman, eq. 26).

    Where a text is so small that the estimate does not exist, leaves its range or is 0, which would leave what
    was not seen without probability, absolute discounts of 0.5, 1 and 1.5 stand in, as KenLM's `--discount_fallback`
    has them.
    """
    seen = [float((counts == number).sum()) for number in (1, 2, 3, 4)]
    if min(seen) > 0:
        y = seen[0] / (seen[0] + 2 * seen[1])
        found = [1 - 2 * y * seen[1] / seen[0], 2 - 3 * y * seen[2] / seen[1], 3 - 4 * y * seen[3] / seen[2]]
        if all(0 < each <= number for number, each in enumerate(found, start=1)):
            return np.array([0.0, *found])
    return np.array([0.0, 0.5, 1.0, 1.5])


def _framed(ids: NDArray[np.integer], offsets: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """The sentences with a start and an end each, and where they begin, (sentences + 1,)."""
    lengths = np.diff(offsets).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths + 2)])
    stream = np.full(starts[-1], EOS, dtype=np.int64)
    stream[starts[:-1]] = BOS
    inner = np.arange(len(ids)) + 1 + 2 * np.repeat(np.arange(len(lengths)), lengths)
    stream[inner] = ids
    return stream, starts


def _packed(rows: Ints, vocabulary: int) -> Ints:
    """(n, words) ids as (n,) whole numbers, one digit to the base of the vocabulary a word."""
    keys = np.zeros(len(rows), dtype=np.int64)
    for column in range(rows.shape[1]):
        keys = keys * vocabulary + rows[:, column]
    return keys


def perplexity(nll: Floats, lengths: NDArray[np.integer]) -> float:
    """exp(nll / tokens), each sentence's end counted as a token.

    Args:
        nll: (sentences,) nats.
        lengths: (sentences,) tokens, the end not counted.
    """
    return float(np.exp(nll.sum() / (lengths.sum() + len(lengths))))
