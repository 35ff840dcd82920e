"""p(word | all words before it in its sentence): an LSTM over word vectors that are the output layer too.

Word vectors and output share one matrix (Press and Wolf 2017), so most of the model is what it knows of single words.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.corpus.vocabulary import BOS
from engine.evaluation.measures.judge.recipe import Sizes
from engine.models.cross_entropy import tied_cross_entropy
from engine.models.dropout import dropped_out
from engine.models.recurrent import recurrent, run
from engine.models.sentence_vae import Likelihood, Targets

SCORED_AT_ONCE = 256
"""Sentences that are scored together."""


class LanguageNetwork(nn.Module):
    """A recurrent language model over single sentences.

    Args:
        sizes: of its layers.
        seed: of its first weights.
        dropout: share of the word vectors' and features' entries that are zeroed in a step of training.
    """

    def __init__(self, sizes: Sizes, seed: int = 0, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = sizes
        self._dropout = dropout
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(sizes.vocabulary, sizes.embedding)
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
            self.lstm = recurrent("lstm", sizes.embedding, sizes.hidden, 1)
            self.to_features = nn.Linear(sizes.hidden, sizes.embedding)
            self.output_bias = nn.Parameter(torch.zeros(sizes.vocabulary))

    def likelihood(self, words: Tensor, lengths: Tensor, generator: torch.Generator | None = None) -> Likelihood:
        """-log p of sentences, EOS counted.

        Args:
            words: (batch, time) ids without BOS and EOS, padded at the right.
            lengths: (batch,) words of each.
            generator: draws the dropout of a training step; None outside of one.

        Returns:
            nats: the total with its gradient, and (batch,) of each sentence.
        """
        batch = len(words)
        inputs = torch.cat([words.new_full((batch, 1), BOS), words], dim=1)
        outputs, _ = run(self.lstm, dropped_out(self.embedding(inputs), self._dropout, generator))
        aim = Targets.of(words, lengths)
        features = self.to_features(outputs.flatten(0, 1)[aim.positions])
        features = dropped_out(features, self._dropout, generator)
        total, each = tied_cross_entropy(features, self.embedding.weight, self.output_bias, aim.words)
        return Likelihood(total, each.new_zeros(batch).index_add_(0, aim.sentences, each))

    def nll(self, ids: NDArray[np.integer], offsets: NDArray[np.integer]) -> NDArray[np.float64]:
        """-log p of each sentence, EOS included, as the counted language model has it.

        Args:
            ids: (tokens,) the sentences one after the other; an empty one costs its end.
            offsets: (sentences + 1,), the first 0.

        Returns:
            (sentences,) float64, nats.
        """
        device = self.output_bias.device
        lengths = np.diff(offsets).astype(np.int64)
        found = np.zeros(len(lengths))
        plan = np.argsort(lengths, kind="stable")
        with torch.no_grad():
            for at in range(0, len(plan), SCORED_AT_ONCE):
                rows = plan[at : at + SCORED_AT_ONCE]
                words = np.zeros((len(rows), int(lengths[rows].max())), dtype=np.int64)
                inside = np.arange(words.shape[1]) < lengths[rows, None]
                words[inside] = np.concatenate([ids[offsets[row] : offsets[row + 1]] for row in rows])
                own, counts = (torch.from_numpy(each).to(device) for each in (words, lengths[rows]))
                found[rows] = self.likelihood(own, counts).nll.double().cpu().numpy()
        return found
