"""What the tab of prior samples shows. No Qt, no models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.choice import Choice
from app.core.values import Series
from app.core.wish import Wish


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn from the prior, and how its words are found.

    With `filtered` only sentences of 4 to 20 tokens, none of them unknown, are kept, as in the paper. With `sampled`
    the words are drawn too, with `temperature` and from the best words whose probabilities sum to `top_p`; otherwise
    `Choice` says how they are found.
    """

    count: int = 8
    seed: int = 0
    filtered: bool = False
    sampled: bool = False
    temperature: float = 1.0
    top_p: float = 1.0

    def how(self, choice: Choice) -> str:
        """How sentences are made of z, as in "beam 10; 4 to 20 tokens, none unknown"."""
        top_p = f", top-p {self.top_p:g}" if self.top_p < 1 else ""
        sampled = f"words sampled with temperature {self.temperature:g}{top_p}"
        kept = "; 4 to 20 tokens, none unknown" if self.filtered else ""
        return (sampled if self.sampled else choice.search) + kept


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest training sentence: `edits` words differ, `distance` is their share of the longer sentence, 0 to 1."""

    text: str
    edits: int
    distance: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What training text the prior samples resemble, if that is `wanted`: the nearest sentence of each, by its words.

    `searched` of `sentences` training sentences were looked at so far.
    """

    wanted: bool = False
    near: Mapping[tuple[str, ...], Near] = field(default_factory=dict)
    searched: int = 0
    sentences: int = 0
    how: str = ""
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Samples(Series):
    """What was drawn: sentences by variant; `thrown` is how many draws the filter threw away, of how many."""

    thrown: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriorSamplesWish(Wish):
    """What is drawn and how, and whether the nearest training sentences are wanted."""

    draw: Draw = Draw()
    nearest: bool = False


@dataclass
class SamplesState:
    """What the tab shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    draw: Draw = Draw()
    samples: Samples = Samples()
    memory: Memory = Memory()
