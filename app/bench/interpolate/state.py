"""What the Interpolate tab shows. No Qt, no models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Series, Spot
from app.core.wish import Wish, plain

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


@dataclass(frozen=True, slots=True)
class InterpolateWish(Wish):
    """The stops, how the way leads through them, and the step in view; as in `InterpolateState`."""

    a: Pick = NOTHING
    b: Pick = NOTHING
    through: tuple[Pick, ...] = ()
    steps: int = 10
    position: int = 5
    slerp: bool = False
    fold: bool = False

    def elsewhere(self) -> InterpolateWish:
        """The sentences; a stop that was a point is gone."""
        through = tuple(plain(stop) for stop in self.through if not stop.is_point)
        return replace(self, a=plain(self.a), b=plain(self.b), through=through)

    @property
    def sentences(self) -> tuple[Pick, ...]:
        """The stops as they are elsewhere: sentences alone."""
        elsewhere = self.elsewhere()
        return (elsewhere.a, *elsewhere.through, elsewhere.b)

    @property
    def way(self) -> tuple[object, ...]:
        """What the sentences on the way depend on; without both ends there is none."""
        stops = (self.a, *self.through, self.b) if NOTHING not in (self.a, self.b) else ()
        return tuple(stop for stop in stops if stop != NOTHING), self.steps, self.slerp


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

    @property
    def wish(self) -> InterpolateWish:
        """What a person wants."""
        return InterpolateWish(self.a, self.b, self.through, self.steps, self.position, self.slerp, self.fold)

    def stops(self) -> tuple[Pick, ...]:
        """A, the stops between, B; `NOTHING` where one is empty."""
        return (self.a, *self.through, self.b)
