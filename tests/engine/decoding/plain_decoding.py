"""Decoding in the plainest way, for comparison: Python lists, float64 log-softmax, one beginning after the other."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.models.sentence_vae import SentenceVAE

Words = tuple[int, ...]


@torch.no_grad()
def next_words(model: SentenceVAE, z: torch.Tensor, words: Sequence[int]) -> torch.Tensor:
    """log p(word | words so far, z) over the vocabulary in float64; z (1, latent)."""
    inputs = torch.tensor([[BOS, *words]])
    features = model.features(inputs, z)
    return torch.log_softmax((features[0, -1] @ model.output_weight.t() + model.output_bias).double(), dim=0)


def token_log_probabilities(model: SentenceVAE, z: torch.Tensor, words: Sequence[int]) -> list[float]:
    """One a word, then that of EOS."""
    return [float(next_words(model, z, words[:place])[word]) for place, word in enumerate((*words, EOS))]


def proposals(model: SentenceVAE, z: torch.Tensor, words: Words, shortest: int, allow_unknown: bool) -> torch.Tensor:
    """`next_words`, -inf where a word is not proposed."""
    scores = next_words(model, z, words)
    scores[[PAD, BOS] if allow_unknown else [PAD, BOS, UNK]] = -torch.inf
    if len(words) < shortest:
        scores[EOS] = -torch.inf
    return scores


def plain_beam(
    model: SentenceVAE,
    z: torch.Tensor,
    width: int,
    shortest: int,
    longest: int,
    n_best: int = 1,
    length_normalisation: float = 0.0,
    groups: int = 1,
    diversity: float = 0.0,
    allow_unknown: bool = False,
) -> list[tuple[Words, float]]:
    """The n-best sentences and log p(x|z): a beam search that drops nothing early and always runs to the limit.

    The groups of diverse beams are told apart only by what they have to pay; each is searched to the limit too.
    """
    own = width // groups
    beams: list[list[tuple[Words, float]]] = [[((), 0.0)] for _ in range(groups)]
    finished: dict[Words, float] = {}
    for time in range(longest + 1):
        said: dict[int, int] = {}
        for group in range(groups):
            grown = []
            for words, total in beams[group]:
                scores = proposals(model, z, words, shortest, allow_unknown)
                if time == longest:
                    finished[words] = total + float(scores[EOS])
                    continue
                for word in range(len(scores)):
                    if scores[word] > -torch.inf:
                        cost = diversity * said.get(word, 0)
                        grown.append(((*words, word), total + float(scores[word]), cost))
            grown.sort(key=lambda each: each[2] - each[1])
            finished |= {words[:-1]: total for words, total, _ in grown[:own] if words[-1] == EOS}
            beams[group] = [(words, total) for words, total, _ in grown if words[-1] != EOS][:own]
            for words, _ in beams[group]:
                said[words[-1]] = said.get(words[-1], 0) + 1
    ranked = sorted(finished.items(), key=lambda pair: -pair[1] / (len(pair[0]) + 1) ** length_normalisation)
    return ranked[:n_best]
