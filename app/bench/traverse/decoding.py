"""The sentences of the Traverse tab: quick ones while a slider is dragged, the chosen search once the hand rests.

While a slider is dragged one request at a time is under way, and the newest position follows when it has answered: a
request for each move would replace the one before it without end, and nothing would be seen until the hand rests.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer

from app.bench.traverse import requests
from app.bench.traverse.points import Points
from app.bench.traverse.requests import Answers, Rows
from app.bench.traverse.state import Live, TraverseState
from app.core.answers import take_series, without
from app.core.choice import Choice
from app.core.requests import Failure
from app.core.values import Series
from app.run.context import Context

REST_MS = 220
"""Milliseconds after the last move when the hand is taken to rest."""
_CHANNELS = ("home", "live", "best", "steps", "best steps")


class TraverseDecoding(QObject):
    """Keeps `live` and `steps` of the state true to its sliders.

    Attributes:
        shortest: words of the subject, if it is a sentence.
    """

    def __init__(self, context: Context, state: TraverseState, points: Points, rest: int = REST_MS) -> None:
        super().__init__()
        self._models, self._explorer = context.models, context.state
        self._state, self._points = state, points
        self.shortest: int | None = None
        self._dirty: set[str] = set()
        self._under_way = self._steps_under_way = False
        self._ways: Mapping[str, Rows] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(rest)
        self._rest.timeout.connect(self.decode_best)

    def drop(self) -> None:
        """Nobody waits for what was asked."""
        self._rest.stop()
        self._dirty, self._under_way, self._steps_under_way = set(), False, False
        for name in _CHANNELS:
            self._models.forget(f"traverse {name}")

    def begin(self) -> None:
        """Another subject, or the same anew, is to be found: what was shown stays until it is answered."""
        self._state.live = replace(self._state.live, failed={}, problem="", busy=True)
        self._state.steps = replace(self._state.steps, failed={}, problem="")

    def fail(self, failure: Failure) -> None:
        """A variant cannot have the subject moved: what is shown of it is of the one before."""
        live, name = self._state.live, failure.variant
        readings, kept, drafts = (without(each, name) for each in (live.readings, live.home, live.home_drafts))
        failed = {**live.failed, name: failure.reason}
        self._state.live = replace(live, readings=readings, home=kept, home_drafts=drafts, failed=failed)
        self._state.steps = take_series(self._state.steps, failure)

    def end(self) -> None:
        """There is nothing to move: nothing is shown but why."""
        self._state.live = Live(failed=self._state.live.failed, problem=self._state.live.problem)
        self._state.steps = Series(failed=self._state.steps.failed)

    def home(self) -> None:
        """The sentence of the subject itself, which is also what is shown until a slider is moved."""
        choice, points, live = self._explorer.choice, self._points.home(), self._state.live
        awaited = {name: reading for name, reading in live.readings.items() if name in points}
        self._state.live = replace(live, readings=awaited, home={}, home_drafts={}, busy=True)
        searches = [choice.greedy(), choice] if choice.method == "beam" else [choice]
        self._ask("home", points, searches, partial(self._take_live, home=True), self._finish_live)

    def moved(self, names: Collection[str]) -> None:
        """Sliders of these variants were moved."""
        state, home = self._state, self._state.live.home
        back = {name: home[name] for name in names if name in home and not any(state.shifts[name])}
        if back:
            failed = {name: reason for name, reason in state.live.failed.items() if name not in back}
            state.live = replace(state.live, readings={**state.live.readings, **back}, failed=failed)
        self._dirty = {*self._dirty, *names} - set(back)
        self._give_up_best()
        self._draft()
        self._rest.start()

    def steps(self) -> None:
        """The sentences along the chosen direction."""
        self._give_up_best()
        steps, ways = self._state.steps, self._points.along(self._state)
        ended = self._points.placed.keys() - ways.keys()  # which have no such slider
        awaited = {name: readings for name, readings in steps.readings.items() if name not in ended}
        self._state.steps = replace(steps, readings=awaited, busy=True)
        self._ways, self._steps_under_way = {}, True
        finish = partial(self._finish_steps, ways)
        self._ask("steps", ways, [self._explorer.choice.greedy()], self._take_steps, finish)
        self._rest.start()

    def leave_steps(self) -> None:
        """They are out of sight: what was decoded goes if it is of another slider, or of another sentence."""
        ways = self._points.along(self._state)
        if ways.keys() == self._ways.keys() and all(np.array_equal(ways[name].z, self._ways[name].z) for name in ways):
            return
        for name in ("steps", "best steps"):
            self._models.forget(f"traverse {name}")
        self._ways, self._steps_under_way = {}, False
        self._state.steps = Series(failed=self._state.steps.failed)

    def decode_best(self) -> None:
        """The hand rests: decode by the chosen search whatever is only a draft yet."""
        choice, state = self._explorer.choice, self._state
        if choice.method == "greedy":
            return
        if self._under_way or self._steps_under_way:
            self._rest.start()
            return
        drafts = [name for name, reading in state.live.readings.items() if reading.draft]
        points = self._points.moved(state, drafts)
        if points:
            self._ask("best", points, [choice], self._take_live, self._finish_live)
        ways = self._points.along(state) if any(r and r[0].draft for r in state.steps.readings.values()) else {}
        if ways:
            self._ask("best steps", ways, [choice], self._take_steps, partial(self._finish_steps, ways))

    def _give_up_best(self) -> None:
        for name in ("best", "best steps"):
            self._models.forget(f"traverse {name}")

    def _draft(self) -> None:
        """Ask for what has moved, unless an answer is awaited; then it is asked for when that has come."""
        if self._under_way or not self._dirty:
            return
        points = self._points.moved(self._state, self._dirty)
        self._dirty = set()
        if points:
            self._under_way = True
            self._ask("live", points, [self._explorer.choice.greedy()], self._take_live, self._finish_draft)

    def _ask(
        self,
        name: str,
        points: Mapping[str, Rows],
        searches: Sequence[Choice],
        take: Callable[[Answers], None],
        finish: Callable[[str], None],
    ) -> None:
        choice, shortest = self._explorer.choice, self.shortest
        final = searches[-1] == choice
        work = partial(requests.decode, points=dict(points), searches=searches, shortest=shortest, draft=not final)
        self._models.ask(f"traverse {name}", work, take, finish)

    # answers

    def _take_live(self, answers: Answers, home: bool = False) -> None:
        live = self._state.live
        readings, failed = dict(live.readings), dict(live.failed)
        kept, drafts = dict(live.home), dict(live.home_drafts)
        for answer in answers:
            if isinstance(answer, Failure):
                failed[answer.variant] = answer.reason
                for found in (readings, kept, drafts) if home else (readings,):
                    found.pop(answer.variant, None)
                continue
            reading = answer.readings[0]
            failed.pop(answer.variant, None)
            if home:
                (drafts if reading.draft else kept)[answer.variant] = reading
            if not home or not any(self._state.shifts.get(answer.variant, ())):
                readings[answer.variant] = reading
        self._state.live = replace(live, readings=readings, home=kept, home_drafts=drafts, failed=failed)

    def _take_steps(self, answers: Answers) -> None:
        for answer in answers:
            self._state.steps = take_series(self._state.steps, answer)

    def _finish_live(self, problem: str) -> None:
        live = self._state.live
        self._state.live = replace(live, readings={} if problem else live.readings, busy=False, problem=problem)

    def _finish_draft(self, problem: str) -> None:
        self._under_way = False
        self._finish_live(problem)
        self._draft()

    def _finish_steps(self, ways: Mapping[str, Rows], problem: str) -> None:
        self._ways, self._steps_under_way = {} if problem else ways, False
        steps = self._state.steps
        self._state.steps = take_series(replace(steps, readings={}) if problem else steps, None, problem)
