"""Where the points that a tab shows lie on the maps.

They are asked of the thread that has the maps, whenever a tab shows other points or other maps are there; what was
found before stays until then, so that a point that is dragged moves and does not blink.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np
from psygnal import SignalGroupDescriptor

from app.core.picks import Point
from app.core.values import Made, Mark, Spot
from app.run.atlas import Opened
from app.run.context import Context

Found = tuple[str, tuple[Spot, ...]]
"""A variant, and the places of its points."""


@dataclass
class PlacesState:
    """The places of the points, by variant and in their order; of a variant without a map there are none."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    spots: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)


class Places:
    """Keeps `state` true to the points that are wanted."""

    def __init__(self, context: Context, channel: str) -> None:
        """Args: context: of the open run; channel: of these requests alone."""
        self.state = PlacesState()
        self._context, self._channel = context, channel
        self._wanted: dict[str, tuple[Point, ...]] = {}

    def want(self, points: Mapping[str, Sequence[Point]]) -> None:
        """Have the places of these points (latent,), by variant."""
        wanted = {name: tuple(rows) for name, rows in points.items() if rows}
        if wanted != self._wanted:
            self._wanted = wanted
            self._ask()

    def made(self, at: int, label: str) -> dict[str, tuple[Made, ...]]:
        """One of the points of each variant as a decoded one, by its place among them."""
        return {name: (Made(label, points[at]),) for name, points in self._wanted.items() if len(points) > at}

    def all_made(self, label: str) -> dict[str, tuple[Made, ...]]:
        """All points as decoded ones, which were drawn."""
        return {
            name: tuple(Made(label, point, drawn=True) for point in points) for name, points in self._wanted.items()
        }

    def anew(self) -> None:
        """Other maps are there."""
        self.state.spots = {}
        self._ask()

    def forget(self) -> None:
        """Another run is opened."""
        self.want({})

    def _ask(self) -> None:
        self.state.spots = {name: spots for name, spots in self.state.spots.items() if name in self._wanted}
        if not self._wanted:
            self._context.archive.forget(self._channel)
            return
        work = partial(_place, points=self._wanted)
        self._context.archive.follow(self._channel, work, self._take, lambda problem: None)

    def _take(self, found: Found) -> None:
        name, spots = found
        if name in self._wanted and spots:
            self.state.spots = {**self.state.spots, name: spots}


def numbered(spots: Sequence[Spot]) -> tuple[Mark, ...]:
    """Marks that are numbered as the rows of a list, from 1."""
    return tuple(Mark(str(number), spot) for number, spot in enumerate(spots, start=1))


def _place(opened: Opened, points: Mapping[str, Sequence[Point]]) -> Iterator[Found]:
    for name, rows in points.items():
        placed = opened.atlas.place(name, np.array(rows, np.float32)) if opened.atlas is not None else None
        yield name, () if placed is None else tuple((float(x), float(y)) for x, y in placed)
