"""The few shapes that batches are brought to, since a graph has one: how wide, and with how many words to say.

A batch holds one length or a few neighbouring ones (`batching.length_groups`), and is padded to the longest of its
group. The output layer, which costs most, is not asked about padding: it gets as many words as batches of that width
hardly ever exceed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.batching import length_groups

MOST_WIDTHS = 32
"""Widths that graphs are made for; where a corpus has more lengths, neighbouring ones share a width."""
SURE = 5.0
"""Standard deviations by which a batch may have more words than usual: one in three millions has more yet."""
ROUND = 64
"""Places to say a word at are multiples of this, but for batches in which every place is taken."""


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """A batch of `rows` sentences, padded to `width` words, with room for `spoken` words and ends to say."""

    rows: int
    width: int
    spoken: int

    @property
    def places(self) -> int:
        """Words and ends that there are with padding."""
        return self.rows * (self.width + 1)


class Shapes:
    """Which shape a batch gets.

    Args:
        lengths: (sentences,) words of each sentence that is trained on.
        batch: sentences in a batch.
        spread: of the lengths in a batch.
    """

    def __init__(self, lengths: NDArray[np.integer[Any]], batch: int, spread: float) -> None:
        counts = np.bincount(lengths)
        self.longest = len(counts) - 1
        self._batch = batch
        self._widths = widths(self.longest, spread)
        self._usual: dict[int, Shape] = {}
        before = 0
        for width in self._widths.tolist():
            of_width = counts[before + 1 : width + 1]
            spoken = np.arange(before + 1, before + 1 + len(of_width)) + 1
            if of_width.sum():
                mean = float(np.average(spoken, weights=of_width))
                deviation = math.sqrt(float(np.average((spoken - mean) ** 2, weights=of_width)))
                most = batch * mean + SURE * deviation * math.sqrt(batch)
                room = min(batch * (width + 1), -(-math.ceil(most - 1e-6) // ROUND) * ROUND)
                self._usual[width] = Shape(batch, width, room)
            before = width

    @property
    def usual(self) -> list[Shape]:
        """The shapes that a graph is worth while for, the widest first."""
        return sorted(self._usual.values(), key=lambda shape: -shape.width)

    def of(self, lengths: NDArray[np.integer[Any]]) -> Shape:
        """The shape of a batch of sentences with so many words each.

        It is none of the usual ones where the batch is smaller than the others, or has more words than nearly all.
        """
        width = int(self._widths[np.searchsorted(self._widths, lengths.max())])
        spoken = int(lengths.sum()) + len(lengths)
        usual = self._usual.get(width)
        if usual is not None and len(lengths) == self._batch and spoken <= usual.spoken:
            return usual
        return Shape(len(lengths), width, len(lengths) * (width + 1))


def widths(longest: int, spread: float) -> NDArray[np.int64]:
    """The words that batches are padded to, ascending: the longest length of every group, at most `MOST_WIDTHS`."""
    while True:
        if spread > 1.0:
            groups = length_groups(longest, spread)
            found = np.append(np.flatnonzero(groups[1:] != groups[:-1]), longest)
        else:
            found = np.arange(1, longest + 1)
        found = found[found > 0].astype(np.int64)
        if len(found) <= MOST_WIDTHS:
            return found
        spread = max(1.05, 1.05 * spread)
