"""From z to sentences: greedy search, beam search and sampling, batched over one step function.

Scores are log p(xhat|z) of the sentence xhat that is written, in nats, EOS included; words that are ruled out (the
start, the padding, the unknown word unless asked for) are never proposed, but the scores of the others are not rescaled
for it.

`stepper.py` turns the words before into the next word's log-probabilities, `beam.py` and `word_by_word.py` choose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from engine.decoding.beam import BeamSettings, beam_search
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.options import DecodeOptions, checked_beam
from engine.decoding.stepper import Stepper
from engine.decoding.word_by_word import best_word, draws, word_by_word
from engine.device import cores, each_on_a_core
from engine.errors import LoomError
from engine.models.sentence_vae import SentenceVAE
from engine.models.unrolled import UnrolledDecoder

WORTH_A_CORE = 25_000_000
"""Multiplications in a step that repay the start of threads: a millisecond's work or less is done at once."""
MOST_AT_A_TIME = 2**13
"""Beginnings whose states are held together, which bounds the memory for any number of rows."""
MOST_ON_ACCELERATOR = 2**16

__all__ = ["Hypothesis", "Limits", "UnrolledDecoder", "beam_settings", "decode", "finite", "n_best"]


def decode(
    model: SentenceVAE, z: Tensor, options: DecodeOptions, max_words: int, min_words: int = 1
) -> list[Hypothesis]:
    """The best sentence of every row of z (rows, latent); see `n_best`."""
    return [best[0] for best in n_best([UnrolledDecoder(model)], [z], options, max_words, min_words)[0]]


def n_best(
    decoders: Sequence[UnrolledDecoder], z: Sequence[Tensor], options: DecodeOptions, max_words: int, min_words: int = 1
) -> list[list[list[Hypothesis]]]:
    """Decode rows of z with the decoders of one or several models in one go.

    On a CPU the rows are shared out among the cores, each with a thread of its own.

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
    if options.method == "beam":
        beam_settings(options, decoders[0].vocabulary)
    sizes = [len(rows) for rows in z]
    beginnings = sum(sizes) * (options.beam if options.method == "beam" else 1)
    on_cpu = z[0].device.type == "cpu"
    at_least = -(-beginnings // (MOST_AT_A_TIME if on_cpu else MOST_ON_ACCELERATOR))
    number = _number_of_shares(beginnings * decoders[0].products) if on_cpu else 1
    work = [partial(_search, decoders, z, share, options, limits) for share in _shares(sizes, max(number, at_least))]
    parts = each_on_a_core(work) if on_cpu else [piece() for piece in work]
    found = finite([best for part in parts for best in part])
    ends = list(accumulate(sizes))
    return [found[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def beam_settings(options: DecodeOptions, vocabulary: int) -> BeamSettings:
    """The beam of the options.

    Raises:
        UsageError: it is wider than the vocabulary.
    """
    checked_beam(options, vocabulary)
    return BeamSettings(options.beam, options.n_best, options.length_normalisation, options.groups, options.diversity)


def finite(found: list[list[Hypothesis]]) -> list[list[Hypothesis]]:
    """These n-best lists.

    Raises:
        LoomError: a row has no sentence, or one without a finite score.
    """
    if all(best and math.isfinite(best[0].log_probability) for best in found):
        return found
    raise LoomError(
        "The decoder's numbers overflow for this latent, so there is no sentence.",
        "Choose a point nearer to the others.",
    )


Share = list[tuple[int, slice]]
"""Some decoders, by number, and which of their rows."""


def _number_of_shares(products: int) -> int:
    """One for each core; two where a step has so many multiplications that no core should wait long for another."""
    if products < WORTH_A_CORE:
        return 1
    return cores() * (2 if products >= 10 * WORTH_A_CORE * cores() else 1)


def _shares(sizes: list[int], number: int) -> list[Share]:
    """The rows of all decoders, in order, cut into so many about equal shares."""
    whole = sum(sizes)
    cuts = sorted({whole * part // number for part in range(number + 1)})
    shares = []
    for first, last in pairwise(cuts):
        share = []
        for index, (end, size) in enumerate(zip(accumulate(sizes), sizes, strict=True)):
            start, stop = max(first, end - size), min(last, end)
            if start < stop:
                share.append((index, slice(start - end + size, stop - end + size)))
        shares.append(share)
    return shares


@torch.inference_mode()
def _search(
    decoders: Sequence[UnrolledDecoder], z: Sequence[Tensor], share: Share, options: DecodeOptions, limits: Limits
) -> list[list[Hypothesis]]:
    """The n-best lists of a share's rows."""
    own = [z[index][rows] for index, rows in share]
    stepper = Stepper([decoders[index] for index, _ in share], own, options.allow_unknown)
    if options.method == "beam":
        return beam_search(stepper, beam_settings(options, stepper.vocabulary), limits)
    if options.method == "greedy":
        return [[each] for each in word_by_word(stepper, limits, best_word)]
    places = [place for _, rows in share for place in range(rows.start, rows.stop)]
    return [[each] for each in word_by_word(stepper, limits, draws(options, places, limits.longest))]
