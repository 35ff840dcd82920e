"""How sentences are made, as a person chooses it. It lies beside the other values, as the first picture needs it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Method = Literal["beam", "greedy"]

BLANK = "___"
"""What stands for a missing word in a typed sentence."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How sentences are made: z is the mean mu or a sample of q(z|x), words come from beam search or greedily.

    `length_normalisation` is the power of the length by which a beam divides its scores, `allow_unknown` whether the
    unknown word may be written; `n_best` is how many sentences a list of a beam's best holds.
    """

    sample: bool = False
    method: Method = "beam"
    beam: int = 10
    seed: int = 0
    length_normalisation: float = 0.0
    allow_unknown: bool = False
    n_best: int = 10

    @property
    def search(self) -> str:
        """The search in words, as in "beam 10"."""
        beam = f"beam {self.beam}"
        if self.length_normalisation:
            beam += f", length normalisation {self.length_normalisation:g}"
        unknown = ", unknown word allowed" if self.allow_unknown else ""
        return (beam if self.method == "beam" else "greedy") + unknown

    @property
    def source(self) -> str:
        """Where z comes from, as in "z = μ"."""
        return f"z ~ q(z|x), seed {self.seed}" if self.sample else "z = μ"

    @property
    def how(self) -> str:
        """How a sentence of this choice is made, as in "z = μ, beam 10"."""
        return f"{self.source}, {self.search}"

    @property
    def unusual(self) -> list[str]:
        """What of the search few people change and makes other sentences than usual, in words."""
        words = []
        if self.length_normalisation and self.method == "beam":
            words.append(f"length normalisation {self.length_normalisation:g}")
        if self.allow_unknown:
            words.append("unknown word allowed")
        return words

    def change_to(self, other: Choice) -> str:
        """What is changed on the way to another choice, in words, as in "change the width of the beam"."""
        called = {
            "sample": "z",
            "method": "how words are chosen",
            "beam": "the width of the beam",
            "seed": "the seed of z",
            "length_normalisation": "the length normalisation",
            "allow_unknown": "whether the unknown word is allowed",
            "n_best": "the number of the best sentences",
        }
        changed = [words for name, words in called.items() if getattr(self, name) != getattr(other, name)]
        return f"change {changed[0] if len(changed) == 1 else 'how sentences are made'}"

    def greedy(self) -> Choice:
        """The same choice with the quick search."""
        return replace(self, method="greedy")

    @property
    def searches(self) -> tuple[Choice, ...]:
        """The searches one after the other: the quick one for a draft, if this is a beam, and this one."""
        return (self.greedy(), self) if self.method == "beam" else (self,)
