"""Sentences from the prior, and whether the models made them up or remembered them."""

from __future__ import annotations

import random
from dataclasses import replace

from PySide6.QtCore import QObject

from app.bench.samples import requests as sample_requests
from app.bench.samples.requests import Drawn
from app.core.answers import take_series
from app.core.requests import Failure
from app.core.state import Draw, Memory, Series
from app.run.context import Context
from engine.workspace import Workspace


class SamplesController(QObject):
    """Draws sentences, and on demand looks for the nearest training sentence of each."""

    def __init__(self, context: Context, workspace: Workspace, chance: random.Random | None = None) -> None:
        """Args: workspace: where the corpora lie; chance: of new seeds."""
        super().__init__()
        self._context, self._state, self._workspace = context, context.state, workspace
        self.chance = chance or random.Random()

    def set_draw(self, draw: Draw) -> None:
        """Another number of sentences, seed, filter or way of finding words."""
        if draw != self._state.draw:
            self._state.draw = draw
            self.ask()

    def new_seed(self) -> None:
        """Other sentences."""
        self.set_draw(replace(self._state.draw, seed=self.chance.randrange(1_000_000)))

    def ensure(self) -> None:
        """Draw once the tab is looked at, unless that was done already."""
        if not self._state.samples.readings and not self._state.samples.busy:
            self.ask()

    def ask(self) -> None:
        """Draw and decode."""
        state, desk = self._state, self._context.desk
        draw, choice, variants = state.draw, state.choice, state.usable()
        desk.forget("nearest")
        state.memory = Memory(state.memory.wanted)
        state.samples = Series(how=f"z ~ N(0, I), seed {draw.seed}, {draw.how(choice)}", busy=True)

        def take(result: Drawn | Failure) -> None:
            state.samples = take_series(state.samples, result)

        def finish(problem: str) -> None:
            state.samples = take_series(state.samples, None, problem)
            if state.memory.wanted:
                self._search()

        desk.ask("samples", lambda session: sample_requests.sample(session, draw, variants, choice), take, finish)

    def show_nearest(self, on: bool) -> None:
        """Whether the nearest training sentence of each sample is wanted."""
        self._context.desk.forget("nearest")
        self._state.memory = Memory(on)
        if on and not self._state.samples.busy:
            self._search()

    def _search(self) -> None:
        state = self._state
        words = (reading.words for readings in state.samples.readings.values() for reading in readings)
        sentences = tuple(dict.fromkeys(each for each in words if each))
        if not sentences:
            return
        state.memory = replace(state.memory, busy=True)

        def take(result: Memory) -> None:
            state.memory = result

        def finish(problem: str) -> None:
            state.memory = replace(state.memory, busy=False, problem=problem)

        work = lambda session: sample_requests.nearest(session, self._workspace, sentences)  # noqa: E731
        self._context.desk.ask("nearest", work, take, finish)
