"""Which sentences make up the batch of a step.

Sentences of the same length share a batch, or of a few neighbouring lengths, so that hardly anything is padded. The
order is a pure function of (seed, step): a resumed training needs no stored state to meet the same batches.

An epoch's order is held as the smallest numbers that reach, and sorted in blocks: of the paper's 53 million training
sentences it takes 0.2 GB, and twice that while it is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 20  # sentences sorted at a time


class BatchPlan:
    """The batches of every epoch.

    Args:
        lengths: (sentences,) words of each sentence, any integer type.
        batch: sentences in a batch; one of an epoch, at any place in it, may be smaller.
        seed: of the shuffling.
        spread: of the lengths in a batch, see `length_groups`; 1 keeps to one length.
    """

    def __init__(self, lengths: NDArray[np.integer[Any]], batch: int, seed: int, spread: float = 1.0) -> None:
        self._lengths = lengths
        if spread > 1.0 and len(lengths):
            self._lengths = length_groups(int(lengths.max()), spread)[lengths]
        self._batch = batch
        self._seed = seed
        self._epoch = -1
        self._order: NDArray[Any] = np.empty(0, dtype=np.int64)
        self._turns: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    @property
    def batches_per_epoch(self) -> int:
        """Steps that one pass over the sentences takes."""
        return -(-len(self._lengths) // self._batch)

    def indices(self, step: int) -> NDArray[np.int64]:
        """The sentences of the batch of `step` (counted from 0): (batch,), or fewer in one step of an epoch."""
        epoch, turn = divmod(step, self.batches_per_epoch)
        if epoch != self._epoch:
            self._begin(epoch)
        start = int(self._turns[turn]) * self._batch
        return self._order[start : start + self._batch].astype(np.int64)

    def another(self, step: int, number: int) -> NDArray[np.int64]:
        """The sentences of a batch drawn from the epoch of `step`, the `number`-th beside that of the step itself."""
        epoch = step // self.batches_per_epoch
        random = np.random.default_rng([self._seed, step, number])
        return self.indices(epoch * self.batches_per_epoch + int(random.integers(self.batches_per_epoch)))

    def _begin(self, epoch: int) -> None:
        # The last epoch's order goes before the next one needs the room.
        self._order = np.empty(0, dtype=np.int64)
        random = np.random.default_rng([self._seed, epoch])
        count = len(self._lengths)
        # The numbers that `random.permutation(count)` gives, which would take eight bytes each; older runs have those.
        shuffled = np.arange(count, dtype=np.uint32 if count <= 1 << 32 else np.int64)
        random.shuffle(shuffled)
        self._order = _sorted_by_length(shuffled, self._lengths)
        self._turns = random.permutation(self.batches_per_epoch)
        self._epoch = epoch


def length_groups(longest: int, spread: float) -> NDArray[np.uint16]:
    """Lengths that share batches have the same number: (longest + 1,), in the order of the lengths.

    A group begins with some length n and holds those up to the largest whole number within spread * n. So the longest
    sentence of a batch has at most `spread` times the words of the shortest, but where two groups meet in a batch.
    """
    groups = np.zeros(longest + 1, dtype=np.uint16)
    first, number = 1, 0
    while first <= longest:
        last = max(first, int(spread * first + 1e-9))
        groups[first : last + 1] = number
        first, number = last + 1, number + 1
    return groups


def _sorted_by_length(shuffled: NDArray[Any], lengths: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """A stable sort of shuffled sentences by length: random within a length, unpadded but where two lengths meet.

    The same as `shuffled[np.argsort(lengths[shuffled], kind="stable")]`, as a counting sort that holds one block of
    sentences beside its result.
    """
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(shuffled), _BLOCK)]
    longest = int(lengths.max(initial=0))
    counts = np.zeros(longest + 1, dtype=np.int64)
    for block in blocks:
        counts += np.bincount(lengths[block], minlength=longest + 1)
    free = np.cumsum(counts) - counts  # where the next sentence of each length goes, (longest + 1,)
    order = np.empty_like(shuffled)
    for block in blocks:
        part = shuffled[block]
        of_part = lengths[part]
        part = part[np.argsort(of_part, kind="stable")]
        counts = np.bincount(of_part, minlength=longest + 1)
        ends = np.cumsum(counts)
        for length in np.flatnonzero(counts):
            number, end = counts[length], ends[length]
            order[free[length] : free[length] + number] = part[end - number : end]
        free += counts
    return order
