"""A few fixed test sentences, decoded again at every evaluation, so that one sees a model learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.corpus.store import Corpus
from engine.corpus.vocabulary import Vocabulary
from engine.decoding.decode import decode
from engine.decoding.options import DecodeOptions
from engine.models.sentence_vae import SentenceVAE

SENTENCES = 8


@dataclass(frozen=True, slots=True)
class ProbeSet:
    """The sentences, and what decoding them again needs.

    Attributes:
        texts: as written, from short to long.
        rows: of the test set.
    """

    texts: tuple[str, ...]
    rows: tuple[int, ...]
    corpus: Corpus
    vocabulary: Vocabulary

    @classmethod
    def of(cls, corpus: Corpus, vocabulary: Vocabulary) -> ProbeSet:
        """Sentences of evenly spread lengths out of the first thousand of the test set; the same for the same text."""
        lengths = corpus.test.lengths[:1000]
        order = np.argsort(lengths, kind="stable")
        places = np.unique(np.linspace(0, len(order) - 1, SENTENCES).round().astype(int))
        rows = tuple(int(row) for row in order[places])
        return cls(tuple(corpus.test_texts()[row] for row in rows), rows, corpus, vocabulary)

    @torch.no_grad()
    def reconstruct(self, model: SentenceVAE) -> list[str]:
        """Each sentence decoded from z = mu by greedy search."""
        device = model.output_bias.device
        ids, lengths = self.corpus.test.batch(np.array(self.rows))
        mu, _ = model.encode(torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device))
        limits = self.corpus.max_words, self.corpus.min_words
        found = decode(model, mu.float(), DecodeOptions(method="greedy"), *limits)
        return [self.vocabulary.text(self.vocabulary.decode(each.ids)) for each in found]
