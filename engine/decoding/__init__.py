"""From z to sentences: greedy search, beam search and sampling, batched over one step function.

Scores are log p(x|z) of the model in nats, EOS included; words that are ruled out (the start, the padding, the unknown
word unless asked for) are never proposed, but the scores of the others are not rescaled for it.

`stepper.py` turns the words before into the next word's log-probabilities, `beam.py` and `word_by_word.py` choose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from engine.decoding.beam import BeamSettings, beam_search
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.stepper import Stepper
from engine.decoding.unrolled import UnrolledDecoder
from engine.decoding.word_by_word import best_word, draws, word_by_word
from engine.decoding_options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.models.sentence_vae import SentenceVAE

__all__ = ["Hypothesis", "Limits", "UnrolledDecoder", "decode", "n_best"]


def decode(
    model: SentenceVAE, z: Tensor, options: DecodeOptions, max_words: int, min_words: int = 1
) -> list[Hypothesis]:
    """The best sentence of every row of z (rows, latent); see `n_best`."""
    return [best[0] for best in n_best([UnrolledDecoder(model)], [z], options, max_words, min_words)[0]]


@torch.no_grad()
def n_best(
    decoders: Sequence[UnrolledDecoder], z: Sequence[Tensor], options: DecodeOptions, max_words: int, min_words: int = 1
) -> list[list[list[Hypothesis]]]:
    """Decode rows of z with the decoders of one or several models in one go.

    Args:
        decoders: of models in evaluation mode, of one size and vocabulary and on one device.
        z: for each decoder (rows, latent), on that device.
        options: `options.max_words`, where given, replaces `max_words`.
        max_words: the longest sentence.
        min_words: the shortest, where `options.min_words` does not say.

    Returns:
        for each decoder and row the `options.n_best` best sentences, best first; fewer where there are no more.

    Raises:
        UsageError: the beam is wider than the vocabulary, or no sentence is within the limits.
        LoomError: the decoder's numbers overflow: z lies too far out, or the weights are not finite.
    """
    limits = Limits.of(options, max_words, min_words)
    vocabulary = decoders[0].vocabulary
    if options.method == "beam" and options.beam > vocabulary:
        raise UsageError(
            f"A beam of {options.beam} is wider than the vocabulary of {vocabulary:,} words.",
            f"Choose a width of {vocabulary} or less.",
        )
    sizes = [len(rows) for rows in z]
    if not sum(sizes):
        return [[] for _ in sizes]
    stepper = Stepper(decoders, z, options.allow_unknown)
    if options.method == "beam":
        settings = BeamSettings(
            options.beam, options.n_best, options.length_normalisation, options.groups, options.diversity
        )
        found = beam_search(stepper, settings, limits)
    elif options.method == "greedy":
        found = [[each] for each in word_by_word(stepper, limits, best_word)]
    else:
        places = torch.cat([torch.arange(size) for size in sizes])
        found = [[each] for each in word_by_word(stepper, limits, draws(options, places, limits.longest))]
    if not all(math.isfinite(best[0].log_probability) if best else False for best in found):
        raise LoomError(
            "The decoder's numbers overflow for this latent, so there is no sentence.",
            "Choose a point nearer to the others.",
        )
    ends = list(accumulate(sizes))
    return [found[end - size : end] for size, end in zip(sizes, ends, strict=True)]
