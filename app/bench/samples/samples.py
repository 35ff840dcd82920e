"""The tab of prior samples: sentences out of nothing, and whether the models made them up or remembered them."""

from __future__ import annotations

import random
from dataclasses import replace

from app.bench.bench_tab import BenchTab
from app.bench.places import Places, numbered
from app.bench.samples import requests
from app.bench.samples.requests import Drawn
from app.bench.samples.state import Draw, Memory, PriorSamplesWish, Samples, SamplesState
from app.bench.samples.view import PriorSamplesView
from app.bench.samples.words import sample_rows
from app.core.answers import take_series, without
from app.core.refresh import Refresh
from app.core.requests import Answer, Failure
from app.core.values import OnMaps
from app.run.context import Context

_DRAW = "Press New seed to draw sentences."
_UNDER_WAY = "The sentences are drawn …"


class PriorSamples(BenchTab):
    """Draws sentences, and on demand looks for the nearest training sentence of each."""

    name = "Prior samples"
    view: PriorSamplesView

    def __init__(
        self, context: Context, chance: random.Random | None = None, view: PriorSamplesView | None = None
    ) -> None:
        """Args: context: of the open run; chance: of new seeds."""
        super().__init__(context)
        self.state = SamplesState()
        self.chance = chance or random.Random()
        self.view = view or PriorSamplesView()
        self.view.changed.connect(self.set_draw)
        self.view.nearest_toggled.connect(self.show_nearest)
        self.view.new_seed_requested.connect(self.new_seed)
        self.view.add_requested.connect(self.add_to_table)
        self.places = Places(context, "samples, places")
        seen = ("columns", "shown", "broken", "models")
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_samples: ("samples", "draw", "memory", *seen),
                self._place: ("samples",),
                self.show_on_maps: ("spots",),
            },
            [self.state, self.places.state, context.state],
            in_view=False,
        )

    # the tab

    def opened(self) -> None:
        """Draw once the tab is looked at, unless that was done already; models still to come are waited for."""
        self.ensure()

    def ask(self) -> None:
        """Draw anew what was drawn, as after another choice of how sentences are made."""
        if self.state.samples.how:
            self.draw()

    def place_anew(self) -> None:
        """The points have places on the maps that are there now."""
        self.places.anew()

    def on_maps(self) -> OnMaps:
        """The points that were drawn, numbered as the rows."""
        dots = {name: numbered(spots) for name, spots in self.places.state.spots.items()}
        said = f"numbers: prior samples, {self.state.samples.how}" if dots else ""
        return OnMaps(dots=dots, said=said, made=self.places.all_made("samples") if dots else {})

    def forget(self) -> None:
        """Another run is opened."""
        self.places.forget()
        self._context.models.forget("samples")
        self._context.models.forget("nearest")
        self.state.samples, self.state.memory = Samples(), Memory(self.state.memory.wanted)

    def wish(self) -> PriorSamplesWish:
        """What is drawn, and whether the nearest training sentences are wanted."""
        return PriorSamplesWish(self.state.draw, self.state.memory.wanted)

    def want(self, wish: PriorSamplesWish) -> None:
        """Draw this; what was never drawn is drawn once the tab is looked at."""
        if wish.nearest != self.state.memory.wanted:
            self.show_nearest(wish.nearest)
        if wish.draw != self.state.draw:
            self.state.draw = wish.draw
            self.ask()

    # what a person does

    def set_draw(self, draw: Draw) -> None:
        """Another number of sentences, seed, filter or way of finding words."""
        if draw != self.state.draw:
            with self.deed("draw other samples", "draw"):
                self.state.draw = draw
                self.draw()

    def new_seed(self) -> None:
        """Other sentences."""
        with self.deed("take a new seed"):
            self.set_draw(replace(self.state.draw, seed=self.chance.randrange(1_000_000)))

    def ensure(self) -> None:
        """Draw, unless that was done already."""
        if not self.state.samples.readings and not self.state.samples.busy:
            self.draw()

    def draw(self) -> None:
        """Draw and decode."""
        state, models = self.state, self._context.models
        draw, choice, variants = state.draw, self._explorer.choice, self._explorer.usable()
        models.forget("nearest")
        state.memory = Memory(state.memory.wanted)
        state.samples = Samples(how=f"z ~ N(0, I), seed {draw.seed}, {draw.how(choice)}", busy=True)

        def take(result: Drawn | Failure) -> None:
            state.samples = _taken(state.samples, result)

        def finish(problem: str) -> None:
            state.samples = take_series(state.samples, None, problem)
            if state.memory.wanted:
                self._search()

        models.ask("samples", lambda session: requests.sample(session, draw, variants, choice), take, finish)

    def show_nearest(self, on: bool) -> None:
        """Whether the nearest training sentence of each sample is wanted."""
        with self.deed(f"{'show' if on else 'hide'} the nearest training sentences"):
            self._context.models.forget("nearest")
            self.state.memory = Memory(on)
            if on and not self.state.samples.busy:
                self._search()

    def add_to_table(self) -> None:
        """Gather the prior samples."""
        self.gather(sample_rows(self.state.samples))

    def _place(self) -> None:
        readings = self.state.samples.readings
        self.places.want({name: tuple(each.z for each in drawn if each.z) for name, drawn in readings.items()})

    def _search(self) -> None:
        state = self.state
        words = (reading.words for readings in state.samples.readings.values() for reading in readings)
        sentences = tuple(dict.fromkeys(each for each in words if each))
        if not sentences:
            return
        state.memory = replace(state.memory, busy=True)

        def take(result: Memory) -> None:
            state.memory = result

        def finish(problem: str) -> None:
            state.memory = replace(state.memory, busy=False, problem=problem)

        work = lambda session: requests.nearest(session, self._context.workspace, sentences)  # noqa: E731
        self._context.models.ask("nearest", work, take, finish)

    # what the view is told

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_samples(self) -> None:
        state, view = self.state, self.view
        view.show_draw(state.draw, state.memory)
        samples = self.awaited(state.samples)
        note = self.note(_UNDER_WAY if samples.busy else "" if samples.failed else _DRAW)
        view.show_samples(samples, state.memory, self._explorer.broken, note)


def _taken(before: Samples, result: Drawn | Failure) -> Samples:
    """`before` with one more result."""
    name = result.variant
    if isinstance(result, Failure):
        return replace(take_series(before, result), thrown=without(before.thrown, name))
    taken = take_series(before, Answer(name, result.readings))
    return replace(taken, thrown={**before.thrown, name: (result.rejected, result.drawn)})
