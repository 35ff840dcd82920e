"""Where the sliders of the Traverse tab put z, and how a person is told.

The directions come from `engine.latents.directions`: a position on one is a number in units of z, and a slider counts
in its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.bench.subject import Placed
from app.bench.traverse.requests import Rows
from app.bench.traverse.state import REACH, VALUES, Kind, Slider, TraverseState, place_words

if TYPE_CHECKING:
    from engine.latents.directions import Direction, LatentStatistics

NOTHING_KL = 0.005
"""A dimension of less KL, in nats, shows as 0.00: it carries nothing."""
ACTIVE = 0.01
"""Variance of mu above which a direction is in use, as for active units (Burda et al. 2016)."""


class Points:
    """The subject's points, the directions through them, and what they come from; by variant.

    Attributes:
        placed: where the subject is.
        statistics: of the test sentences' posteriors.
        directions: those with a slider, the most telling first.
    """

    def __init__(self) -> None:
        self.placed: dict[str, Placed] = {}
        self.statistics: dict[str, LatentStatistics] = {}
        self.directions: dict[str, tuple[Direction, ...]] = {}

    def lay(self, kind: Kind, count: int) -> dict[str, tuple[Slider, ...]]:
        """Take `count` directions of each variant whose point and statistics are known; their sliders."""
        from engine.latents.directions import sliders

        known = [name for name in self.placed if name in self.statistics]
        self.directions = {name: sliders(self.statistics[name], count, kind) for name in known}
        return {
            name: tuple(_slider(direction, self.placed[name].z, kind, rank) for rank, direction in enumerate(each))
            for name, each in self.directions.items()
        }

    def home(self) -> dict[str, Rows]:
        """The subject itself."""
        return {name: Rows(self.placed[name].z[None], (self.placed[name].how,)) for name in self._known}

    def moved(self, state: TraverseState, names: Iterable[str]) -> dict[str, Rows]:
        """Where the sliders have gone to."""
        known = self._known
        made = {name: self._point(state, name) for name in names if name in known}
        return {name: Rows(z[None], (how,)) for name, (z, how) in made.items()}

    def along(self, state: TraverseState) -> dict[str, Rows]:
        """The way along the chosen direction, from one end to the other; the other sliders as they stand."""
        from engine.latents.paths import traversal

        rank, ways = state.rank, {}
        for name in self._known:
            if rank < len(self.directions[name]):
                direction = self.directions[name][rank]
                z, how = self._point(state, name, but=rank)
                places = [value * state.sliders[name][rank].unit for value in VALUES]
                hows = tuple(f"{how}, {_named(direction, state.kind, rank, place)}" for place in places)
                ways[name] = Rows(traversal(z, direction.vector, places, direction.origin), hows)
        return ways

    @property
    def _known(self) -> list[str]:
        """The variants with a point to move. While another is found, sliders of the one before may be in the hand."""
        return [name for name in self.directions if name in self.placed]

    def _point(self, state: TraverseState, name: str, but: int = -1) -> tuple[NDArray[np.float32], str]:
        """The point (latent,) and how it is made; the slider of rank `but` counts as not moved."""
        from engine.latents.directions import moved

        places = [
            (rank, direction, state.position(name, rank) * state.sliders[name][rank].unit)
            for rank, direction in enumerate(self.directions[name])
            if state.shifts[name][rank] and rank != but
        ]
        z = moved(self.placed[name].z, [(direction, place) for _, direction, place in places])
        names = [_named(direction, state.kind, rank, place) for rank, direction, place in places]
        return z, ", ".join([self.placed[name].how, *names])


def _slider(direction: Direction, z: NDArray[np.float32], kind: Kind, rank: int) -> Slider:
    unit = direction.reach / REACH
    own = direction.position(z) / unit
    if kind == "informative":
        kl = f"KL {direction.weight:.2f}"
        label = f"{_dimension(direction)} · {kl if direction.weight < 0.1 else f'KL {direction.weight:.1f}'}"
        nothing = f"this dimension carries nothing ({kl})" if direction.weight < NOTHING_KL else ""
        number = _dimension(direction)[1:]
        told = f"Dimension {number} of z: {direction.weight:.3f} nats of KL, mean over the test sentences"
    else:
        label = f"p{rank + 1} · {direction.weight:.0%}"
        idle = direction.spread**2 <= ACTIVE
        nothing = f"this direction carries nothing (μ varies by {direction.spread:.2f} along it)" if idle else ""
        told = (
            f"Principal direction {rank + 1}: {direction.weight:.1%} of the variance of μ over the test sentences, "
            f"with a standard deviation of {direction.spread:.2f}"
        )
    own_value = "The mark is the sentence's own value; double-click to go back to it"
    low, high = min(-REACH, own), max(REACH, own)
    meaning = (
        f"{told}.\n{own_value}. The number is the place in z, {place_words(low * unit)} to {place_words(high * unit)}."
    )
    return Slider(label, own, unit, low, high, nothing, meaning)


def _named(direction: Direction, kind: Kind, rank: int, place: float) -> str:
    """A place for repeating it, in units of z: "z17 = +1.32", or "p1 = +0.40"."""
    name = _dimension(direction) if kind == "informative" else f"p{rank + 1}"
    return f"{name} = {place_words(place)}"


def _dimension(direction: Direction) -> str:
    return f"z{int(np.argmax(np.abs(direction.vector)))}"


def shifts_kept(
    before: Mapping[str, tuple[float, ...]], sliders: Mapping[str, tuple[Slider, ...]]
) -> dict[str, tuple[float, ...]]:
    """The shifts of earlier sliders for these: what is new has not been moved."""
    return {name: tuple((*before.get(name, ()), *(0.0 for _ in each))[: len(each)]) for name, each in sliders.items()}
