"""The path that is looked at, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.values import Spot
from app.core.wish import Wish

Way = Literal["drawn", "sentences"]
"""Guesses at places of the line as it is drawn, or the way along test sentences that follows it."""

FEWEST, MOST, USUAL = 2, 40, 10
"""Places of a line that are read as it is drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line over the map of a variant; `map` is what that is known by, `corners` are in its coordinates."""

    variant: str
    map: str
    corners: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class TracingWish(Wish):
    """The line, and how it is read: in which way, and at how many places where that is as it is drawn."""

    line: Line | None = None
    way: Way = "drawn"
    places: int = USUAL

    def elsewhere(self) -> TracingWish:
        """Without the line: other maps have other places."""
        return replace(self, line=None)


@dataclass
class TracingState:
    """What is wanted of a path, and the step that is in view."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    line: Line | None = None
    """The line that was drawn; it is shown with the map that it was drawn on only."""

    way: Way = "drawn"
    places: int = USUAL
    at: int = -1
    """The step in view, counted from 0; -1 for none."""
