"""What the Traverse tab shows. No Qt, no models, no arrays.

Positions are counted in units of a slider (`Slider.unit`), so that +1 means about the same in every model: one
standard deviation of the prior, or of mu over the test set where that varies more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Reading, Series
from app.core.wish import Wish, plain

Kind = Literal["informative", "principal"]
Face = Literal["sliders", "steps"]

REACH = 3.0
"""Units that a slider spans to either side of the middle of the test sentences."""
VALUES = (-3.0, -2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25, 3.0)
"""Positions of the sentences of a traversal, in units."""


@dataclass(frozen=True, slots=True)
class Slider:
    """One direction of one variant, for a person.

    Attributes:
        label: as in "z17 · KL 2.1".
        own: where the subject stands, in units.
        unit: length of a unit in z.
        low, high: the ends, in units; wide enough for `own`.
        nothing: in words that nothing depends on this direction; "" where something does.
        meaning: for a tooltip.
    """

    label: str
    own: float
    unit: float
    low: float = -REACH
    high: float = REACH
    nothing: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """What the models make of the point that the sliders have gone to.

    Attributes:
        readings: by variant.
        home: those of the subject itself, against which differences are marked; `home_drafts` by the quick search.
        failed: reasons by variant.
        problem: what is wrong with the subject, in words.
        busy: whether an answer is awaited.
    """

    readings: Mapping[str, Reading] = field(default_factory=dict)
    home: Mapping[str, Reading] = field(default_factory=dict)
    home_drafts: Mapping[str, Reading] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class TraverseWish(Wish):
    """What is moved, whether that is the clicked sentence, along what, and how far; as in `TraverseState`."""

    subject: Pick = NOTHING
    following: bool = True
    kind: Kind = "informative"
    together: bool = True
    count: int = 6
    face: Face = "sliders"
    rank: int = 0
    shifts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def elsewhere(self) -> TraverseWish:
        """The sentence, unless it is whichever is clicked; other models have other directions."""
        subject = NOTHING if self.following else plain(self.subject)
        return replace(self, subject=subject, following=subject == NOTHING, rank=0, shifts={})


@dataclass
class TraverseState:
    """What the tab shows. `shifts` are by variant and rank how far a slider was moved from the subject, in units."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    kind: Kind = "informative"
    together: bool = True
    count: int = 6
    face: Face = "sliders"
    rank: int = 0
    """The chosen slider, counted from 0."""

    sliders: Mapping[str, tuple[Slider, ...]] = field(default_factory=dict)
    shifts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    live: Live = field(default_factory=Live)
    steps: Series = field(default_factory=Series)

    def has(self, variant: str, rank: int) -> bool:
        """Whether there is such a slider. A view may still speak of one that it has not been told is gone."""
        return 0 <= rank < len(self.sliders.get(variant, ()))

    def position(self, variant: str, rank: int) -> float:
        """Where a slider stands, in units."""
        slider = self.sliders[variant][rank]
        return min(max(slider.own + self.shifts[variant][rank], slider.low), slider.high)

    def positions(self, variant: str) -> tuple[float, ...]:
        """Where all sliders of a variant stand."""
        return tuple(self.position(variant, rank) for rank in range(len(self.sliders.get(variant, ()))))


def place_words(place: float) -> str:
    """A place on a direction in z as it is written, beside a slider and of a sentence that was moved there."""
    return f"{round(place, 2) + 0.0:+.2f}".replace("-", "−")  # no minus before a zero


def nothing_note(sliders: tuple[Slider, ...], rank: int) -> str:
    """In words that the chosen slider of a variant changes nothing, or that none does; "" where it does."""
    if rank >= len(sliders) or not sliders[rank].nothing:
        return ""
    name = sliders[rank].label.split(" ")[0]
    first = f"{name}: {sliders[rank].nothing}"
    return f"{first}, nor does any other: nothing changes" if all(each.nothing for each in sliders) else first
