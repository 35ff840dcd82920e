"""The models' side of decoding: rows of z and their states, advanced by one word at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS, PAD, SPECIALS, UNK
from engine.decoding.scores import BLOCK, Scores
from engine.models.unrolled import UnrolledDecoder

LOGITS_AT_ONCE = 2**20
"""Logits that are computed and read before the next ones: few enough to stay in a processor's cache."""
LOGITS_ON_ACCELERATOR = 2**27


class Stepper:
    """The rows of one or several models, each at its place in its sentence.

    Rows of all models stand one below the other, in the order given, so that everything but the models' own products
    is done for all of them at once.

    Args:
        decoders: of one size and vocabulary and on one device.
        z: for each decoder (rows, latent).
        allow_unknown: whether the unknown word may be proposed.
    """

    def __init__(self, decoders: Sequence[UnrolledDecoder], z: Sequence[Tensor], allow_unknown: bool) -> None:
        self._decoders = list(decoders)
        self._ends = list(accumulate(len(rows) for rows in z))
        z = [rows.float() for rows in z]
        self._fixed = torch.cat([decoder.fixed_gates(rows) for decoder, rows in zip(decoders, z, strict=True)])
        states = [decoder.initial_state(rows) for decoder, rows in zip(decoders, z, strict=True)]
        self._before = [tuple(map(torch.cat, zip(*layer, strict=True))) for layer in zip(*states, strict=True)]
        self.device = self._fixed.device
        self._rows = self._previous = torch.arange(len(self._fixed), device=self.device)
        self._parents: Tensor | None = None
        self._after: list[tuple[Tensor, ...]] = []
        goes_on = torch.zeros(len(SPECIALS), dtype=torch.bool, device=self.device)
        goes_on[[PAD, BOS, EOS] if allow_unknown else [PAD, BOS, EOS, UNK]] = True
        may_end = goes_on.clone()
        may_end[EOS] = False
        self._ruled_out = (goes_on, may_end)
        self.vocabulary = decoders[0].vocabulary
        self._logits = self._fixed.new_empty((0, -(-self.vocabulary // BLOCK) * BLOCK))
        self._spare = self._logits

    @property
    def rows(self) -> int:
        """Rows of all models together."""
        return len(self._rows)

    @property
    def rows_at_once(self) -> int:
        """Rows whose scores are best asked for together."""
        at_once = LOGITS_AT_ONCE if self.device.type == "cpu" else LOGITS_ON_ACCELERATOR
        return max(1, at_once // self.vocabulary)

    def read(self, previous: Tensor, rows: Tensor | None = None) -> None:
        """Give every row its next word; the scores of all rows must be asked for before the next word.

        Args:
            previous: (rows,) the words, BOS at first.
            rows: which of the rows so far go on, in this order; all if None. A row may go on several times, but stays
                with its model.
        """
        self._before = self._after or self._before
        self._parents = rows
        if rows is not None:
            alone = len(self._decoders) == 1
            self._ends = [len(rows)] if alone else [int((rows < end).sum()) for end in self._ends]
            self._rows = self._rows[rows]
        self._previous = previous
        self._after = [tuple(part.new_empty((self.rows, part.shape[1])) for part in layer) for layer in self._before]

    def scores(self, start: int, stop: int, may_end: bool) -> Scores:
        """The log-probabilities of what follows, for these rows; they hold until the next call.

        Args:
            start, stop: of the rows.
            may_end: whether EOS may be proposed.
        """
        if len(self._logits) < stop - start:
            self._logits = self._logits.new_full((stop - start, self._logits.shape[1]), -torch.inf)
            self._spare = torch.empty_like(self._logits)
        for decoder, first, last in zip(self._decoders, [0, *self._ends], self._ends, strict=False):
            first, last = max(first, start), min(last, stop)
            if first < last:
                parents = slice(first, last) if self._parents is None else self._parents[first:last]
                before = [tuple(part[parents] for part in layer) for layer in self._before]
                logits = self._logits[first - start : last - start, : self.vocabulary]
                after = decoder.step(self._previous[first:last], self._fixed[self._rows[first:last]], before, logits)
                for layer, parts in zip(self._after, after, strict=True):
                    for whole, part in zip(layer, parts, strict=True):
                        whole[first:last] = part
        return Scores(self._logits[: stop - start], self._spare[: stop - start], self._ruled_out[may_end])
