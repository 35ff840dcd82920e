"""Which of two ways to take the same steps is sooner done on this machine: some steps of a training itself tell.

The variants' steps beside each other, each on a stream of its own, or together, with recurrent layers in one product:
which is faster depends on the card, the sizes and the library's kernels, so it is timed and not assumed. Both ways
compute the same but for rounding, so no step is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import torch

from engine.training.graphs.shapes import Shape

Way = Literal["apart", "together"]
UNTIMED = 2
"""Steps of a shape in each way that are not timed: the first is started kernel by kernel, the second is recorded."""
PAIRS = 24
"""Steps of each way that are compared, of the same shapes in both."""


class Trial:
    """Takes steps in both ways, in turns, until it is known which is faster.

    Args:
        device: on which they are taken.

    Attributes:
        way: the faster one; None until it is known.
        milliseconds: that a step took in each way, a mean over the same shapes.
    """

    def __init__(self, device: torch.device) -> None:
        self._clock = Clock(device)
        self._met: dict[Shape, int] = {}
        self._taken: dict[Shape, dict[Way, list[tuple[Any, Any]]]] = {}
        self.way: Way | None = None
        self.milliseconds: dict[Way, float] = {}

    def take(self, shape: Shape, step: Callable[[Way], None]) -> None:
        """Take a step of a shape in the way whose turn it is."""
        met = self._met[shape] = self._met.get(shape, -1) + 1
        way: Way = get_args(Way)[met % 2]
        if met < 2 * UNTIMED:
            step(way)
            return
        begin = self._clock.mark()
        step(way)
        taken = self._taken.setdefault(shape, {"apart": [], "together": []})
        taken[way].append((begin, self._clock.mark()))
        if self._pairs() == PAIRS:
            self._decide()

    def _pairs(self) -> int:
        return sum(len(taken["together"]) for taken in self._taken.values())  # after as many apart

    def _decide(self) -> None:
        sums: dict[Way, float] = {}
        way: Way
        for way in get_args(Way):
            paired = [taken[way][: len(taken["together"])] for taken in self._taken.values()]
            sums[way] = sum(self._clock.between(*marks) for part in paired for marks in part)
        self.milliseconds = {way: each / PAIRS for way, each in sums.items()}
        self.way = "together" if sums["together"] < sums["apart"] else "apart"
        self._taken.clear()


class Clock:
    """Marks in the work of a GPU, which are not waited for until the time between two of them is asked for."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def mark(self) -> torch.cuda.Event:
        """A mark after what the current stream has been given so far."""
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        return event

    def between(self, first: torch.cuda.Event, second: torch.cuda.Event) -> float:
        """Milliseconds."""
        second.synchronize()
        return first.elapsed_time(second)
