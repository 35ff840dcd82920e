"""The way from one sentence or point through others to the last."""

from __future__ import annotations

import random

from PySide6.QtCore import QObject

from app.bench.interpolate import way as walk
from app.core import requests
from app.core.answers import take_series
from app.core.picks import NOTHING, Pick
from app.core.requests import Result
from app.core.state import Series
from app.run.context import Context

FEWEST, MOST = 2, 50
"""Steps from one stop to the next."""


class InterpolateController(QObject):
    """Two ends and the stops between them, wherever they come from, and the way through them."""

    def __init__(self, context: Context, chance: random.Random | None = None) -> None:
        super().__init__()
        self._context, self._state = context, context.state
        self.chance = chance or random.Random()

    def set_end(self, end: str, pick: Pick) -> None:
        """Set A or B to a sentence or to points."""
        if end == "A":
            self._state.a = pick
        else:
            self._state.b = pick
        self.ask()

    def take(self, pick: Pick, slot: str) -> None:
        """Something was sent: to A, to B, "through" as a stop between, or "" to the first end that is empty, or B."""
        if slot == "through":
            self.add_stop(pick)
        else:
            self.set_end(slot or ("A" if self._state.a == NOTHING else "B"), pick)

    def take_point(self, end: str, index: int) -> None:
        """Set A or B to a point of the maps."""
        atlas = self._context.atlas
        if atlas is not None and 0 <= index < atlas.n:
            self.set_end(end, Pick(atlas.sentence(index), index=index))

    def add_stop(self, pick: Pick = NOTHING) -> None:
        """One stop more before B: the first empty one is filled, or one is added while there is room."""
        through = list(self._state.through)
        if pick != NOTHING and NOTHING in through:
            through[through.index(NOTHING)] = pick
        elif len(through) < walk.MOST_BETWEEN:
            through.append(pick)
        elif pick != NOTHING:
            through[-1] = pick
        self._set_through(through)

    def set_stop(self, i: int, pick: Pick) -> None:
        """Fill the stop `i` between A and B anew."""
        through = list(self._state.through)
        through[i] = pick
        self._set_through(through)

    def remove_stop(self, i: int) -> None:
        """Go past the stop `i` between A and B."""
        through = list(self._state.through)
        del through[i]
        self._set_through(through)

    def move_stop(self, i: int, by: int) -> None:
        """Exchange the stop `i` between A and B with the one before (-1) or after (1) it, which may be an end."""
        stops = list(self._state.stops())
        stops[i + 1], stops[i + 1 + by] = stops[i + 1 + by], stops[i + 1]
        self._state.a, *through, self._state.b = stops
        self._state.through = tuple(through)
        self.ask()

    def random_pair(self) -> None:
        """Two different test sentences by chance, with nothing between."""
        atlas = self._context.atlas
        if atlas is None or atlas.n < 2:
            return
        a, b = self.chance.sample(range(atlas.n), 2)
        self._state.a = Pick(atlas.sentence(a), index=a)
        self._state.b = Pick(atlas.sentence(b), index=b)
        self._state.through = ()
        self.ask()

    def set_steps(self, steps: int) -> None:
        """How many steps there are from one stop to the next."""
        steps = max(FEWEST, min(MOST, steps))
        if steps != self._state.steps:
            self._state.steps = steps
            if not self._state.path.stops:
                self._state.position = steps // 2
            self.ask()

    def set_fold(self, on: bool) -> None:
        """Show each run of equal sentences once."""
        self._state.fold = on

    def move_to(self, position: int) -> None:
        """Go to a step; nothing needs decoding for it."""
        self._state.position = max(0, min(self._state.path.last or self._state.steps, position))

    def step(self, by: int) -> None:
        """Go on or back by some steps."""
        self.move_to(self._state.position + by)

    def set_slerp(self, on: bool) -> None:
        """Along the arc, or straight."""
        if on != self._state.slerp:
            self._state.slerp = on
            self.ask()

    def ask(self) -> None:
        """Decode the way through the stops, if there are both ends."""
        state, desk = self._state, self._context.desk
        slerp, choice, steps = state.slerp, state.choice, state.steps
        if NOTHING in (state.a, state.b):
            desk.forget("interpolate")
            state.path = Series()
            return
        stops = tuple(stop for stop in state.stops() if stop != NOTHING)
        share = state.position / (state.path.last or steps)
        how = f"{'slerp' if slerp else 'lerp'}, {choice.how}"
        path = Series(stops=tuple(stop.label for stop in stops), steps=steps, how=how, busy=True)
        state.position = round(share * path.last)
        state.path = path
        variants = state.usable()
        place = self._context.place

        def take(result: Result) -> None:
            state.path = take_series(state.path, result)

        def finish(problem: str) -> None:
            state.path = take_series(state.path, None, problem)

        work = lambda session: requests.interpolate(session, stops, variants, choice, slerp, steps, place)  # noqa: E731
        desk.ask("interpolate", work, take, finish)

    def _set_through(self, through: list[Pick]) -> None:
        before = [stop for stop in self._state.through if stop != NOTHING]
        self._state.through = tuple(through)
        if [stop for stop in through if stop != NOTHING] != before:
            self.ask()
