"""How to decode, as a validated value. Apart from `decode`, so that naming it does not import torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from engine.decoding.seeds import MOST_COUNTED, checked_seed
from engine.errors import UsageError

MAX_BEAM = 500
LONGEST = 1000
"""Words of the longest sentence that may be asked for; a decoder that never ends is stopped here."""

MOST_SAMPLES = 10_000
"""Sentences from the prior that one request draws."""

MOST_DRAWS = 10_000
"""Draws of q(z|x) of one sentence."""

Method = Literal["greedy", "beam", "sample"]


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to decode.

    Args:
        method: `greedy` takes the best word at each step; `beam` keeps the best `beam` beginnings; `sample` draws
            each word.
        beam: width of the beam search, over all groups.
        n_best: how many of the beam's sentences are wanted, best first.
        length_normalisation: finished sentences compete by log p(xhat|z) / (tokens + 1)^this; 0 is log p(xhat|z),
            1 the mean over the tokens and EOS.
        groups: diverse beam search (Vijayakumar et al. 2018): so many groups of `beam / groups` beginnings.
        diversity: nats that a word costs a group for each beginning of an earlier group that goes on with it.
        temperature: of the sampling; divides the logits.
        top_k: the sampling draws from so many best words only; 0 is all.
        top_p: the sampling draws from the smallest set of best words whose probabilities sum to this; 1 is all.
        min_words: tokens that a sentence has at least; None is the run's own limit, the shortest it was trained on.
            Without it a beam prefers the very shortest, which no model has ever seen.
        max_words: a sentence ends here at the latest; None is the run's own limit.
        allow_unknown: whether the unknown word may be proposed.
        seed: of the sampling. What a row draws depends on the seed and on its place in the request alone.

    Raises:
        UsageError: a value is out of range, or belongs to another method.
    """

    method: Method = "beam"
    beam: int = 10
    n_best: int = 1
    length_normalisation: float = 0.0
    groups: int = 1
    diversity: float = 0.0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_words: int | None = None
    max_words: int | None = None
    allow_unknown: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise UsageError(f"There is no decoder {self.method!r}.", f"Choose from {', '.join(get_args(Method))}.")
        self._check_beam()
        self._check_sampling()
        for name, words in (("shortest", self.min_words), ("longest", self.max_words)):
            least = 0 if name == "shortest" else 1
            if words is not None and not least <= words <= LONGEST:
                raise UsageError(
                    f"A {name} sentence of {words} tokens is out of range.", f"Choose {least} to {LONGEST}."
                )
        if self.max_words is not None and (self.min_words or 0) > self.max_words:
            raise UsageError(
                f"No sentence has at least {self.min_words} and at most {self.max_words} tokens.",
                "Choose a smaller minimum or a larger maximum.",
            )

    def _check_beam(self) -> None:
        if not 1 <= self.beam <= MAX_BEAM:
            raise UsageError(f"A beam of {self.beam} is out of range.", f"Choose a width from 1 to {MAX_BEAM}.")
        if self.n_best < 1 or (self.n_best > 1 and self.method != "beam"):
            raise UsageError(
                f"{self.n_best} best sentences cannot be found by {self.method}.",
                "Choose 1 or more with a beam, and 1 with any other decoder.",
            )
        if self.n_best > self.beam:
            raise UsageError(
                f"A beam of {self.beam} does not find the {self.n_best} best sentences.",
                f"Choose a beam of {self.n_best} or wider.",
            )
        if not 0 <= self.length_normalisation <= 10:
            raise UsageError(
                f"Length normalisation {self.length_normalisation} is out of range.", "Choose 0 (none) to 10."
            )
        if self.groups < 1 or self.beam % self.groups:
            raise UsageError(
                f"A beam of {self.beam} cannot be shared by {self.groups} groups.",
                f"Choose a number of groups that divides {self.beam}.",
            )
        if not 0 <= self.diversity < math.inf:
            raise UsageError(f"Diversity {self.diversity} is out of range.", "Choose 0 or more, in nats.")
        if (self.groups > 1) != (self.diversity > 0):
            raise UsageError(
                f"{self.groups} group(s) with diversity {self.diversity:g} have no effect.",
                "Choose two groups or more and a diversity above 0, or neither.",
            )

    def _check_sampling(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise UsageError(f"Temperature {self.temperature} is out of range.", "Choose a value above 0.")
        if self.top_k < 0:
            raise UsageError(f"top-k {self.top_k} is out of range.", "Choose 0 (all words) or more.")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"top-p {self.top_p} is out of range.", "Choose a value above 0, at most 1.")
        checked_seed(self.seed, MOST_COUNTED)

    def describe(self) -> str:
        """All that is needed to repeat it, such as "beam 10" or "sampled with temperature 1, top-p 0.9, seed 3"."""
        parts = [self._described_method()]
        if self.min_words is not None:
            parts.append(f"{self.min_words} token{'s' * (self.min_words != 1)} or more")
        if self.max_words is not None:
            parts.append(f"{self.max_words} token{'s' * (self.max_words != 1)} or fewer")
        if self.allow_unknown:
            parts.append("unknown word allowed")
        return ", ".join(parts)

    def _described_method(self) -> str:
        if self.method == "greedy":
            return "greedy"
        if self.method == "sample":
            top_k = f", top-k {self.top_k}" if self.top_k else ""
            top_p = f", top-p {self.top_p:g}" if self.top_p < 1 else ""
            return f"sampled with temperature {self.temperature:g}{top_k}{top_p}, seed {self.seed}"
        n_best = f", {self.n_best} best" if self.n_best > 1 else ""
        length = f", length normalisation {self.length_normalisation:g}" if self.length_normalisation else ""
        groups = f", {self.groups} groups, diversity {self.diversity:g}" if self.groups > 1 else ""
        return f"beam {self.beam}{n_best}{length}{groups}"


def checked_samples(n: int) -> int:
    """Return the number of samples of the prior if so many can be asked for.

    Raises:
        UsageError: it is not.
    """
    if not 1 <= n <= MOST_SAMPLES:
        raise UsageError(f"{n} samples cannot be drawn.", f"Choose 1 to {MOST_SAMPLES}.")
    return n


def checked_draws(n: int) -> int:
    """Return the number of draws of q(z|x) if so many can be asked for.

    Raises:
        UsageError: it is not.
    """
    if not 1 <= n <= MOST_DRAWS:
        raise UsageError(f"{n} draws of q(z|x) cannot be made.", f"Choose 1 to {MOST_DRAWS}.")
    return n


def checked_beam(options: DecodeOptions, vocabulary: int) -> DecodeOptions:
    """Return the options if their beam is no wider than a vocabulary of so many words.

    Raises:
        UsageError: it is wider.
    """
    if options.beam > vocabulary:
        raise UsageError(
            f"A beam of {options.beam} is wider than the vocabulary of {vocabulary:,} words.",
            f"Choose a width of {vocabulary} or less.",
        )
    return options
