"""The models' side of decoding: rows of z and their states, advanced by one word at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, PAD, UNK
from engine.models.recurrent import State
from engine.models.sentence_vae import SentenceVAE


class Stepper:
    """The next word's log-probabilities for the rows of one or several models.

    Rows of all models stand one below the other, in the order given, so that everything but the models' own products
    is done for all of them at once.

    Args:
        models: in evaluation mode, of one vocabulary and on one device.
        z: for each model (rows, latent).
        allow_unknown: whether the unknown word may be proposed.
    """

    def __init__(self, models: Sequence[SentenceVAE], z: Sequence[Tensor], allow_unknown: bool) -> None:
        self._models = list(models)
        self._z = list(z)
        self._states: list[State] = [model.decoder.initial_state(rows) for model, rows in zip(models, z, strict=True)]
        self._ruled_out = [PAD, BOS] if allow_unknown else [PAD, BOS, UNK]
        self.device = self._z[0].device

    @property
    def rows(self) -> int:
        """Rows of all models together."""
        return sum(map(len, self._z))

    def __call__(self, previous: Tensor) -> Tensor:
        """Advance all rows by one word.

        Args:
            previous: (rows,) the word before, BOS at first.

        Returns:
            (rows, vocabulary) log-probabilities, -inf for words that are ruled out.
        """
        scores = []
        start = 0
        for index, (model, z) in enumerate(zip(self._models, self._z, strict=True)):
            some = previous[start : start + len(z)]
            start += len(z)
            if len(some):
                logits, self._states[index] = model.step(some, z, self._states[index])
                scores.append(torch.log_softmax(logits.float(), dim=1))
        joined = torch.cat(scores)
        joined[:, self._ruled_out] = -torch.inf
        return joined

    def take(self, rows: Tensor) -> None:
        """Go on with these rows only, in this order; a row may be taken several times, but stays with its model."""
        start = 0
        for index, z in enumerate(self._z):
            own = rows[(rows >= start) & (rows < start + len(z))] - start
            start += len(z)
            self._z[index] = z[own]
            self._states[index] = tuple(part[:, own].contiguous() for part in self._states[index])
