"""What the Interpolate tab shows. No Qt, no models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Series, Spot

if TYPE_CHECKING:
    from engine.latents.smoothness import Smoothness

FEWEST, MOST = 2, 50
"""Steps from one stop to the next."""


@dataclass(frozen=True, slots=True)
class Path(Series):
    """The sentences of all steps on a way, by variant.

    `stops` are the sentences (or names of points) that it goes through, from A to B, with `steps` steps from each to
    the next, and `indices` the test sentences that they are, -1 for others; `paths` are the places of all its steps on
    the maps by variant, and `smoothness` the numbers of the way.
    """

    stops: tuple[str, ...] = ()
    indices: tuple[int, ...] = ()
    steps: int = 10
    paths: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    smoothness: Mapping[str, Smoothness] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last step; 0 where there is no way."""
        return max(0, len(self.stops) - 1) * self.steps

    @property
    def end(self) -> int:
        """Where the slider ends: at the last step, or as for a way without stops between where there is none yet."""
        return self.last or self.steps


@dataclass
class InterpolateState:
    """The stops, how the way leads through them, and what was decoded on it."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    a: Pick = NOTHING
    b: Pick = NOTHING
    through: tuple[Pick, ...] = ()
    """Stops between A and B; `NOTHING` where one is still to be filled."""

    steps: int = 10
    """Steps from one stop to the next: 11 sentences from A to B, as in the paper."""

    position: int = 5
    slerp: bool = False
    fold: bool = False
    """Whether repeats stand on one row."""

    path: Path = Path()

    def stops(self) -> tuple[Pick, ...]:
        """A, the stops between, B; `NOTHING` where one is empty."""
        return (self.a, *self.through, self.b)
