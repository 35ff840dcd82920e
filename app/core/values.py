"""The plain frozen values that the features keep in their states and hand to their views.

They are frozen, so that a view can never change the state behind a controller's back. Arrays of numbers do not belong
here: they lie in `run.atlas.Atlas`. Nothing here imports more than Python itself, so that views are quickly there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["collapsed", "weak", "healthy"]
StageKind = Literal["none", "loading", "computing", "failed", "stale", "ready"]

Page = Literal["Explore", "Train", "Evaluate", "Survey"]
Spot = tuple[float, float]
"""A place on a map."""


@dataclass(frozen=True, slots=True)
class Column:
    """One variant, which is one column everywhere in the window."""

    name: str
    label: str
    colour: str
    m: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """How far something that is being prepared has come. `fraction` is 0 to 1, or None while it is not known."""

    kind: StageKind = "none"
    text: str = ""
    hint: str = ""
    fraction: float | None = None

    def note(self, usual: str) -> str:
        """What stands where there is nothing yet: that it is being prepared or why it never comes, else `usual`."""
        if self.kind == "failed":
            return f"{self.text} {self.hint}".strip()
        return f"{self.text} …" if self.kind in ("loading", "computing", "stale") else usual


@dataclass(frozen=True, slots=True)
class Reading:
    """One decoded sentence x̂: its words, log p(x̂|z) and the KL of its z (nats; None where there is no q), how made.

    `input_log_probability` is log p(x|z) of the sentence x that was encoded, at the same z: None of a point, for which
    there is no x, and while `scoring`, as it comes last.
    `z` is the point (latent,) that was decoded, so that it can be sent elsewhere; empty where it is not kept. `source`
    is how this point was made, the part of `how` before the search.
    `draft` marks the quick greedy answer that a beam search is about to replace, `ended` a sentence that ends of itself
    and not because it has grown too long.
    """

    words: tuple[str, ...]
    text: str
    log_probability: float
    kl: float | None = None
    how: str = ""
    draft: bool = False
    ended: bool = True
    z: tuple[float, ...] = ()
    source: str = ""
    input_log_probability: float | None = None
    scoring: bool = False

    @property
    def certainty(self) -> float:
        """Mean (geometric) probability of a token of the sentence under the decoder, the end mark counted: 0 to 1."""
        return math.exp(min(0.0, self.log_probability) / max(1, len(self.words) + self.ended))


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value, with `share` (0 to 1) of its bar filled, and what it means in plain words."""

    name: str
    value: str
    share: float
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the models make of one sentence: `readings` by variant, `failed` reasons by variant.

    `words` are the sentence's own tokens as the models read them, punctuation marks too, `unknown` marks those outside
    the vocabulary, `spots` are its places on the maps, where they were asked for.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    unknown: tuple[bool, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    spots: Mapping[str, Spot] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Several sentences a variant, such as the steps along a direction, and how they were made."""

    how: str = ""
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a map with a letter or word beside it; `role` is the name of its colour in the theme."""

    label: str
    spot: Spot
    role: str = "accent"


@dataclass(frozen=True, slots=True)
class Made:
    """A point of z (latent,) that was decoded and is no sentence's own; what it is called, as in "moved".

    `drawn` says that it was drawn at random, so that it is compared with draws.
    """

    label: str
    z: tuple[float, ...]
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class OnMaps:
    """What the open tab shows on the maps, by variant.

    `marks` are flags, `dots` small numbered ones for the rows of a list, `hubs` places from which a line leads to each
    of these, `ways` the places of the steps of a way. `said` tells in words what all these are of, for pictures, which
    do not show the tab. `made` are the decoded points among them, of which is said how far they are from any sentence:
    of all of them, or `by_step` of the one in view.
    """

    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    ways: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    dots: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    said: str = ""
    made: Mapping[str, tuple[Made, ...]] = field(default_factory=dict)
    by_step: bool = False
    hubs: Mapping[str, Spot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """How much z carries in a variant, in words.

    Attributes:
        verdict: by the rule of `diagnose`.
        title: the verdict as a map shows it; it says so where that is an estimate.
        text: one sentence why, and one what to try.
        details: all of that at length, for whoever points at it.
    """

    verdict: Verdict
    title: str
    text: str
    details: str
