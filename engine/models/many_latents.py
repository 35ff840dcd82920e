"""log p(x|z) of sentences from many z each, for a processor: what a sentence's rows have in common is computed once.

Here the rows of a sentence stand one below the other and read the same words. Sentences go in the order of their
lengths, so that no row is read beyond its end, and logits are turned into costs where they stand. On an
accelerator, where a step at a time leaves it waiting, `SentenceVAE.likelihood` serves better.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.models.unrolled import UnrolledDecoder

LOGITS_AT_ONCE = 2**22
"""Logits that are computed and read before the next ones: 524 rows over 8,000 words, 17 MB."""


@torch.no_grad()
def nll_of_many(decoder: UnrolledDecoder, words: Tensor, lengths: Tensor, z: Tensor) -> Tensor:
    """-log p(x|z), EOS counted.

    Args:
        decoder: of a model in evaluation mode.
        words: (sentences, time) ids, padded at the right.
        lengths: (sentences,) words of each.
        z: (sentences, K, latent).

    Returns:
        (sentences, K) float64, nats.
    """
    order = lengths.argsort(descending=True, stable=True)
    sentences, copies, latent = z.shape
    inputs = torch.cat([words.new_full((sentences, 1), BOS), words], dim=1)[order]
    lengths = lengths[order]
    targets = torch.cat([words[order], words.new_zeros((sentences, 1))], dim=1)
    targets.scatter_(1, lengths.unsqueeze(1), EOS)
    points = z[order].reshape(-1, latent).float()
    fixed, states = decoder.fixed_gates(points), decoder.initial_state(points)
    gates = points.new_empty((len(points), 4 * decoder.hidden))
    at_once = max(1, LOGITS_AT_ONCE // decoder.vocabulary)
    logits = points.new_empty((min(at_once, len(points)), decoder.vocabulary))
    nll = torch.zeros(len(points), dtype=torch.float64)
    for time in range(int(lengths[0]) + 1):
        there = int((lengths >= time).sum())
        rows = there * copies
        states = [tuple(part[:rows] for part in layer) for layer in states]
        states = decoder.read_alike(inputs[:there, time], fixed[:rows], states, gates[:rows])
        said = targets[:there, time].repeat_interleave(copies).unsqueeze(1)
        for start in range(0, rows, at_once):
            part = slice(start, min(start + at_once, rows))
            own = logits[: part.stop - start]
            decoder.speak(states[-1][0][part], own)
            nll[part] -= torch.log_softmax(own, 1, out=own).gather(1, said[part]).squeeze(1)
    found = torch.empty((sentences, copies), dtype=torch.float64)
    found[order] = nll.view(sentences, copies)
    return found
