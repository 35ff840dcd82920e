"""Which sentences make up the batch of a step.

Sentences of (nearly) the same length share a batch, so that hardly anything is padded. The order is a pure function
of (seed, step): a resumed training needs no stored state to meet the same batches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class BatchPlan:
    """The batches of every epoch.

    Args:
        lengths: (sentences,) words of each sentence.
        batch: sentences in a batch; an epoch's last batch may be smaller.
        seed: of the shuffling.
    """

    def __init__(self, lengths: NDArray[np.int32], batch: int, seed: int) -> None:
        self._lengths = lengths
        self._batch = batch
        self._seed = seed
        self._epoch = -1
        self._order: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._turns: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    @property
    def batches_per_epoch(self) -> int:
        """Steps that one pass over the sentences takes."""
        return -(-len(self._lengths) // self._batch)

    def indices(self, step: int) -> NDArray[np.int64]:
        """The sentences of the batch of `step` (counted from 0)."""
        epoch, turn = divmod(step, self.batches_per_epoch)
        if epoch != self._epoch:
            self._begin(epoch)
        start = int(self._turns[turn]) * self._batch
        return self._order[start : start + self._batch]

    def _begin(self, epoch: int) -> None:
        random = np.random.default_rng([self._seed, epoch])
        shuffled = random.permutation(len(self._lengths))
        # A stable sort by length of shuffled sentences: random within a length, unpadded but where two lengths meet.
        self._order = shuffled[np.argsort(self._lengths[shuffled], kind="stable")]
        self._turns = random.permutation(self.batches_per_epoch)
        self._epoch = epoch
