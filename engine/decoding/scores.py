"""The next word's log-probabilities of some rows, and the best of them without sorting the vocabulary.

The logits are read in blocks. The best few words of a row lie in the few blocks whose highest logits are the highest,
so that only those blocks are searched. That is exact, and several times as fast as a search of the whole vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK = 64
SAFE = 60.0
"""Where the highest logit lies within this, a sum of exponentials neither overflows nor vanishes as it is, which spares
a pass over the logits."""


@dataclass(frozen=True, slots=True)
class Continuations:
    """The best continuations of every search's beginnings, best first; each (searches, number).

    Attributes:
        parents: rows of the beginnings.
        words: the words that continue them.
        values: the words' log-probabilities.
        totals: of the beginning and the word; -inf where there are fewer continuations.
    """

    parents: Tensor
    words: Tensor
    values: Tensor
    totals: Tensor

    @classmethod
    def joined(cls, parts: list[Continuations], order: Tensor | None = None) -> Continuations:
        """One below the other, and then in this order."""
        columns = zip(*((part.parents, part.words, part.values, part.totals) for part in parts), strict=True)
        joined = [torch.cat(column) for column in columns]
        return cls(*(joined if order is None else [column[order] for column in joined]))


class Scores:
    """log p(word | words before, z) over the vocabulary.

    Args:
        logits: (rows, words), -inf beyond the vocabulary, where the words fill whole blocks; it is changed.
        spare: room of the same shape.
        ruled_out: (first words,) True for those that are not proposed; they keep their share of the probability.
    """

    def __init__(self, logits: Tensor, spare: Tensor, ruled_out: Tensor) -> None:
        self._logits = logits
        self._blocks = logits.view(len(logits), -1, BLOCK)
        self._peaks = self._blocks.amax(dim=2)
        highest = self._peaks.amax(dim=1, keepdim=True)
        if bool((highest.abs() < SAFE).all()):
            self._norm = torch.exp(logits, out=spare).sum(dim=1, keepdim=True).log_()
        else:
            self._norm = torch.sub(logits, highest, out=spare).exp_().sum(dim=1, keepdim=True).log_().add_(highest)
        logits[:, : len(ruled_out)].masked_fill_(ruled_out, -torch.inf)
        self._peaks[:, 0] = self._blocks[:, 0].amax(dim=1)

    def dense(self) -> Tensor:
        """(rows, words) log-probabilities, -inf for words that are not proposed."""
        return self._logits - self._norm

    @property
    def words(self) -> int:
        """Of the vocabulary, filled up to whole blocks."""
        return self._logits.shape[1]

    def of(self, words: Tensor | int) -> Tensor:
        """(rows,) the log-probability of a word of each row."""
        rows = torch.arange(len(self._logits), device=self._logits.device)
        return self._logits[rows, words] - self._norm.squeeze(1)

    def highest(self) -> Tensor:
        """(rows,) the most probable word of each row."""
        block = self._peaks.argmax(dim=1)
        within = self._blocks[torch.arange(len(block), device=block.device), block].argmax(dim=1)
        return block * BLOCK + within

    def best(
        self, totals: Tensor, place: Tensor, there: Tensor, number: int, cost: Tensor | None = None
    ) -> Continuations:
        """The best continuations of some searches' beginnings.

        Args:
            totals: (rows,) of the beginnings.
            place: (searches, beams) rows of each search's beginnings.
            there: (searches, beams) False where a search has fewer.
            number: of continuations.
            cost: (rows, words) that a word loses in the choice; the totals are without it.
        """
        blocks, peaks = self._blocks, self._peaks
        if cost is not None:
            blocks = blocks - cost.view_as(blocks)
            peaks = blocks.amax(dim=2)
        per_row = peaks.shape[1]
        before = totals[place].masked_fill(~there, -torch.inf).unsqueeze(2)
        norm = self._norm[place]
        # Peaks and words are rounded alike on the way to a total, so that no word can pass its block's peak.
        heights = (before + (peaks[place] - norm)).flatten(1)
        _, chosen = heights.topk(min(number, heights.shape[1]), dim=1)
        beam, block = chosen // per_row, chosen % per_row
        parents = place.gather(1, beam)
        values = blocks.flatten(0, 1)[parents * per_row + block] - norm.gather(1, beam.unsqueeze(2))
        ranks = (before.gather(1, beam.unsqueeze(2)) + values).flatten(1)
        best, order = ranks.topk(min(number, ranks.shape[1]), dim=1)
        parents = parents.gather(1, order // BLOCK)
        words = block.gather(1, order // BLOCK) * BLOCK + order % BLOCK
        values = self._logits[parents, words] - self._norm[parents, 0]
        return Continuations(
            parents, words, values, (totals[parents] + values).masked_fill(best == -torch.inf, -torch.inf)
        )
