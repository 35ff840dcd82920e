"""The models' side of decoding: rows of z and their states, advanced by one word at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, PAD, UNK
from engine.decoding.scores import BLOCK, Scores
from engine.decoding.unrolled import UnrolledDecoder

LOGITS_AT_ONCE = 2**20
"""Logits that are computed and read before the next ones are: few enough to stay in the processor's cache."""


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
        self._z = torch.cat(list(z)).float()
        states = [decoder.initial_state(rows) for decoder, rows in zip(decoders, z, strict=True)]
        self._states = [tuple(map(torch.cat, zip(*layer, strict=True))) for layer in zip(*states, strict=True)]
        self._features = self._states[-1][0]
        self._ruled_out = [PAD, BOS] if allow_unknown else [PAD, BOS, UNK]
        self.vocabulary = len(decoders[0].embedding)
        self.device = self._z.device
        self._buffer: Tensor | None = None

    @property
    def rows(self) -> int:
        """Rows of all models together."""
        return len(self._z)

    @property
    def rows_at_once(self) -> int:
        """Rows whose scores are best asked for together."""
        return max(1, LOGITS_AT_ONCE // self.vocabulary)

    def advance(self, previous: Tensor) -> None:
        """Let every row read a word: (rows,) the word before, BOS at first."""
        segments = self._segments()
        first = self._decoders[0]
        inputs = previous.new_empty((len(previous), first.embedding.shape[1]), dtype=torch.float32)
        for decoder, start, stop in segments:
            torch.index_select(decoder.embedding, 0, previous[start:stop], out=inputs[start:stop])
        if first.z_in_inputs:
            inputs = torch.cat([inputs, self._z], dim=1)
        for layer, state in enumerate(self._states):
            joined = torch.cat([inputs, state[0]], dim=1)
            gates = joined.new_empty((len(joined), 4 * first.hidden))
            for decoder, start, stop in segments:
                weight, bias = decoder.layers[layer]
                torch.addmm(bias, joined[start:stop], weight.t(), out=gates[start:stop])
            self._states[layer] = first.after(gates, state)
            inputs = self._states[layer][0]
        if first.features is not None:
            hidden, inputs = inputs, inputs.new_empty((len(inputs), len(first.features[0])))
            for decoder, start, stop in segments:
                assert decoder.features is not None
                weight, bias = decoder.features
                torch.addmm(bias, hidden[start:stop], weight.t(), out=inputs[start:stop])
        self._features = inputs

    def scores(self, start: int, stop: int, may_end: bool) -> Scores:
        """The next word's log-probabilities for these rows; they hold until the next call.

        Args:
            start, stop: of the rows.
            may_end: whether EOS may be proposed.
        """
        padded = -(-self.vocabulary // BLOCK) * BLOCK
        if self._buffer is None or len(self._buffer) < stop - start:
            self._buffer = self._features.new_full((stop - start, padded), -torch.inf)
        logits = self._buffer[: stop - start]
        for decoder, first, last in self._segments():
            first, last = max(first, start), min(last, stop)
            if first < last:
                weight, bias = decoder.output
                own = logits[first - start : last - start, : self.vocabulary]
                torch.addmm(bias, self._features[first:last], weight.t(), out=own)
        return Scores(logits, self._ruled_out, may_end)

    def take(self, rows: Tensor) -> None:
        """Go on with these rows only, in this order; a row may be taken several times, but stays with its model."""
        if len(self._decoders) > 1:
            self._ends = [int((rows < end).sum()) for end in self._ends]
        else:
            self._ends = [len(rows)]
        self._z = self._z[rows]
        self._states = [tuple(part[rows] for part in layer) for layer in self._states]

    def _segments(self) -> list[tuple[UnrolledDecoder, int, int]]:
        """Each decoder that has rows, with the first of them and the one after the last."""
        starts = [0, *self._ends[:-1]]
        return [each for each in zip(self._decoders, starts, self._ends, strict=True) if each[1] < each[2]]
