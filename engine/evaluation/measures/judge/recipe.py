"""What the recurrent language model is made of and how it is trained. No torch."""

from __future__ import annotations

from dataclasses import dataclass

STAGE = "recurrent language model: training"
"""As its progress is told."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a network is built from.

    Attributes:
        vocabulary: words that there are, special ones included.
        embedding: width of a word vector.
        hidden: units of the LSTM.
    """

    vocabulary: int
    embedding: int = 64
    hidden: int = 160


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is trained.

    Attributes:
        most_tokens: that are learned from in all, each as often as it comes, ends counted. So a text of any length
            takes about the same time at most, and of one longer than that not all is read.
        most_epochs: passes over the text at most.
        tokens_a_step: about so many.
        fewest_steps: of a pass over the text, which makes them smaller where there is little of it.
        dropout: share of the entries of word vectors and features that a step does without.
        rate: the learning rate after its warm-up.
        measurements: how often the sentences that are not trained on are measured.
        held_out: so many of them at most, and a twentieth of the text at most.
        seed: of weights, order and dropout.
    """

    most_tokens: int = 5_000_000
    most_epochs: int = 20
    tokens_a_step: int = 1000
    fewest_steps: int = 20
    dropout: float = 0.1
    rate: float = 4e-3
    measurements: int = 12
    held_out: int = 2000
    seed: int = 0
