"""How to decode, as a validated value. Apart from `decoding`, so that naming it does not import torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import UsageError

MAX_BEAM = 500


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to decode.

    Args:
        method: `greedy` takes the best word at each step; `beam` keeps the best `beam` beginnings; `top-p` draws
            each word from the smallest set of words whose probabilities sum to `top_p`.
        beam: width of the beam search.
        top_p: 1 is ancestral sampling.
        temperature: of the sampling; divides the logits.
        allow_unknown: whether the unknown word may be proposed.
        min_words: a sentence does not end before; None is the run's own limit, the shortest sentence it was trained
            on. Without it a beam prefers the very shortest, which no model has ever seen.
        max_words: a sentence ends here at the latest; None is the run's own limit.
        seed: of the sampling.
    """

    method: Literal["greedy", "beam", "top-p"] = "beam"
    beam: int = 10
    top_p: float = 1.0
    temperature: float = 1.0
    allow_unknown: bool = False
    min_words: int | None = None
    max_words: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.beam <= MAX_BEAM:
            raise UsageError(f"A beam of {self.beam} is out of range.", f"Choose a width from 1 to {MAX_BEAM}.")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"top-p {self.top_p} is out of range.", "Choose a value above 0, at most 1.")
        if not self.temperature > 0:
            raise UsageError(f"Temperature {self.temperature} is out of range.", "Choose a value above 0.")
        if (self.min_words or 0) < 0 or (self.max_words is not None and self.max_words < max(1, self.min_words or 1)):
            raise UsageError(
                f"No sentence has at least {self.min_words or 1} and at most {self.max_words} words.",
                "Choose a smaller minimum or a larger maximum.",
            )

    def describe(self) -> str:
        """The decoder in a few words, such as "beam 10"."""
        if self.method == "beam":
            return f"beam {self.beam}"
        if self.method == "greedy":
            return "greedy"
        return f"top-p {self.top_p:g}, temperature {self.temperature:g}, seed {self.seed}"
