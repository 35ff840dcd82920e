"""log p(word | words before, z) of given sentences: what the decoder would have said to each of their words."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.models.cross_entropy import tied_cross_entropy
from engine.models.sentence_vae import SentenceVAE

ROWS = 1024
"""Sentences at a time: bounds the memory whatever is asked."""


@torch.no_grad()
def token_log_probabilities(model: SentenceVAE, words: Tensor, z: Tensor) -> Tensor:
    """log p(word | words before, z) of every word, and of the end after the last.

    Args:
        model: of one variant, in evaluation mode.
        words: (rows, time) ids of sentences of one length, without BOS and EOS.
        z: (rows, latent), or (1, latent) for one z of all rows.

    Returns:
        (rows, time + 1) float64, nats, on the CPU; the last column is EOS. A row sums to log p(x|z).
    """
    rows, time = words.shape
    scores = torch.empty((rows, time + 1), dtype=torch.float64)
    for start in range(0, rows, ROWS):
        part = words[start : start + ROWS]
        point = z.expand(rows, -1)[start : start + ROWS]
        inputs = torch.cat([part.new_full((len(part), 1), BOS), part], dim=1)
        targets = torch.cat([part, part.new_full((len(part), 1), EOS)], dim=1)
        features = model.features(inputs, point)
        _, nll = tied_cross_entropy(features.flatten(0, 1), model.output_weight, model.output_bias, targets.flatten())
        scores[start : start + ROWS] = -nll.cpu().double().view(len(part), time + 1)
    return scores
