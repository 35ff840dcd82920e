"""The Interpolate tab: the way from one sentence or point through others to the last."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from app.bench.bench_tab import BenchTab
from app.bench.interpolate import requests, way
from app.bench.interpolate.state import FEWEST, MOST, InterpolateState, InterpolateWish, Path
from app.bench.interpolate.view import InterpolateView
from app.core.answers import take_series, without
from app.core.picks import NOTHING, Pick
from app.core.refresh import Refresh
from app.core.requests import Failure, Result
from app.core.values import Made, Mark, OnMaps, Reading, Spot
from app.run.context import Context

_CHANNEL = "interpolate"
_PAIR = "interpolate, pair"
_ENDS = "Choose A and B: type them, click points and press A and B, or take a random pair."
_UNDER_WAY = "The way from A to B is decoded …"
_ROLES = {"A": "good", "B": "warning"}


class Interpolate(BenchTab):
    """Two ends and the stops between them, wherever they come from, and the way through them."""

    name = "Interpolate"
    view: InterpolateView

    def __init__(
        self, context: Context, chance: random.Random | None = None, view: InterpolateView | None = None
    ) -> None:
        """Args: context: of the open run; chance: of random pairs."""
        super().__init__(context)
        self.state = InterpolateState()
        self.chance = chance or random.Random()
        self.view = view or InterpolateView(FEWEST, MOST)
        self._connect()
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_limits: ("limits",),
                self._show_stops: ("a", "through", "b", "steps", "slerp", "fold"),
                self._show_path: ("path", "fold", "columns", "shown", "broken", "models"),
                self._show_step: ("position", "path"),
                self.show_on_maps: ("maps", "a", "through", "b", "path"),
            },
            [self.state, context.state],
            in_view=False,
        )

    def _connect(self) -> None:
        view = self.view
        view.end_picked.connect(self.set_end)
        view.position_changed.connect(self.move_to)
        view.slerp_chosen.connect(self.set_slerp)
        view.random_requested.connect(self.random_pair)
        view.steps_changed.connect(self.set_steps)
        view.fold_toggled.connect(self.set_fold)
        view.stop_wanted.connect(self._add_empty_stop)
        view.stops.filled.connect(self.set_stop)
        view.stops.moved.connect(self.move_stop)
        view.stops.removed.connect(self.remove_stop)
        view.add_requested.connect(self.add_to_table)

    # the tab

    def take(self, pick: Pick, slot: str) -> None:
        """Something was sent: to A, to B, "through" as a stop between, or "" to the first end that is empty, or B."""
        if slot == "through":
            self.add_stop(pick)
        else:
            self.set_end(slot or ("A" if self.state.a == NOTHING else "B"), pick)

    def step(self, by: int) -> None:
        """Go on or back by some steps."""
        self.move_to(self.state.position + by)

    def place_anew(self) -> None:
        """The way has places on the maps that are there now."""
        self.ask()

    def forget(self) -> None:
        """Another run is opened."""
        self._set_stops((NOTHING, NOTHING))
        self.ask()

    def ask(self) -> None:
        """Decode the way through the stops, if there are both ends."""
        state, models = self.state, self._context.models
        slerp, choice, steps = state.slerp, self._explorer.choice, state.steps
        if NOTHING in (state.a, state.b):
            models.forget(_CHANNEL)
            self._lead(Path(steps=steps))
            return
        stops = tuple(stop for stop in state.stops() if stop != NOTHING)
        how = f"{'slerp' if slerp else 'lerp'}, {choice.how}"
        labels, indices = tuple(stop.label for stop in stops), tuple(stop.index for stop in stops)
        self._lead(Path(stops=labels, indices=indices, steps=steps, how=how, busy=True))
        variants = self._explorer.usable()
        place = self._context.place

        def take(result: Result) -> None:
            state.path = _taken(state.path, result)

        def finish(problem: str) -> None:
            state.path = take_series(state.path, None, problem)

        work = lambda session: requests.interpolate(session, stops, variants, choice, slerp, steps, place)  # noqa: E731
        models.ask(_CHANNEL, work, take, finish)

    def wish(self) -> InterpolateWish:
        """The stops, and how the way leads through them."""
        return self.state.wish

    def want(self, wish: InterpolateWish) -> None:
        """Another way, or another step of it in view."""
        state, before = self.state, self.state.wish
        if (stops := (wish.a, *wish.through, wish.b)) != state.stops():
            self._set_stops(stops, restored=wish.sentences == before.sentences)
        state.steps, state.slerp, state.fold = wish.steps, wish.slerp, wish.fold
        if wish.way != before.way:
            self.ask()
        state.position = max(0, min(state.path.end, wish.position))

    def _lead(self, path: Path) -> None:
        """Another way: the step in view is as far along it as it was on the way before."""
        state = self.state
        state.position = round(state.position / state.path.end * path.end)
        state.path = path

    def on_maps(self) -> OnMaps:
        """The stops, and the way through them."""
        names = [column.name for column in self._explorer.columns]
        stops, paths = self.state.stops(), self.state.path.paths
        named = [f"{name}: “{stop.label}”" for name, stop in zip(way.names(stops), stops, strict=True) if stop.label]
        said = "; ".join([*named, *(["line: the way between them"] if paths else [])])
        made = {name: tuple(Made("this step", each.z) for each in way) for name, way in self._decoded().items()}
        return OnMaps({name: self._marks(name) for name in names}, paths, said=said, made=made, by_step=True)

    def _decoded(self) -> dict[str, tuple[Reading, ...]]:
        """The sentences on the way whose points are all known."""
        return {name: way for name, way in self.state.path.readings.items() if way and all(each.z for each in way)}

    def way_step(self) -> int:
        """The step in view."""
        return self.state.position

    # what a person does

    def set_end(self, end: str, pick: Pick) -> None:
        """Set A or B to a sentence or to points."""
        with self.deed(f"choose {end}" if pick != NOTHING else f"empty {end}"):
            a, *through, b = self.state.stops()
            self._set_stops((pick, *through, b) if end == "A" else (a, *through, pick))
            self.ask()

    def add_stop(self, pick: Pick = NOTHING) -> None:
        """One stop more before B: the first empty one is filled, or one is added while there is room."""
        through = list(self.state.through)
        if pick != NOTHING and NOTHING in through:
            through[through.index(NOTHING)] = pick
        elif len(through) < way.MOST_BETWEEN:
            through.append(pick)
        elif pick != NOTHING:
            through[-1] = pick
        self._set_through(through, "add a stop")

    def set_stop(self, i: int, pick: Pick) -> None:
        """Fill the stop `i` between A and B anew, unless that is gone."""
        through = list(self.state.through)
        through[i : i + 1] = [pick] if i < len(through) else []
        self._set_through(through, "choose a stop" if pick != NOTHING else "empty a stop")

    def remove_stop(self, i: int) -> None:
        """Go past the stop `i` between A and B."""
        through = list(self.state.through)
        del through[i : i + 1]
        self._set_through(through, "remove a stop")

    def move_stop(self, i: int, by: int) -> None:
        """Exchange the stop `i` between A and B with the one before (-1) or after (1) it, which may be an end."""
        if i >= len(self.state.through):
            return
        stops = list(self.state.stops())
        stops[i + 1], stops[i + 1 + by] = stops[i + 1 + by], stops[i + 1]
        with self.deed("exchange two stops"):
            self._set_stops(stops)
            self.ask()

    def random_pair(self) -> None:
        """Two different test sentences by chance, with nothing between; once the maps are there.

        Stops that are wanted while it is waited for the maps are wanted later, and no pair comes any more.
        """
        if self._context.atlas is None:
            self._context.archive.ask(_PAIR, lambda _: iter(()), lambda _: None, lambda _: self._take_random_pair())
        else:
            self._take_random_pair()
        self.view.slider.setFocus()

    def _take_random_pair(self) -> None:
        atlas = self._context.atlas
        if atlas is None or atlas.n < 2:
            return
        a, b = self.chance.sample(range(atlas.n), 2)
        with self.deed("take a random pair"):
            self._set_stops([Pick(atlas.sentence(index), index=index) for index in (a, b)])
            self.ask()

    def set_steps(self, steps: int) -> None:
        """How many steps there are from one stop to the next."""
        steps = max(FEWEST, min(MOST, steps))
        if steps != self.state.steps:
            with self.deed("change the number of steps", "steps"):
                self.state.steps = steps
                self.ask()

    def set_fold(self, on: bool) -> None:
        """Show each run of equal sentences once."""
        with self.deed("fold repeats" if on else "unfold repeats"):
            self.state.fold = on

    def move_to(self, position: int) -> None:
        """Go to a step; nothing needs decoding for it."""
        with self.deed("go to another step", "position"):
            self.state.position = max(0, min(self.state.path.end, position))

    def set_slerp(self, on: bool) -> None:
        """Along the arc, or straight."""
        if on != self.state.slerp:
            with self.deed(f"choose {'slerp' if on else 'lerp'}"):
                self.state.slerp = on
                self.ask()

    def add_to_table(self) -> None:
        """Gather the steps of the interpolation."""
        self.gather(way.step_rows(self.state.path))

    def _add_empty_stop(self) -> None:
        """One stop more, to be filled at once."""
        self.add_stop()
        self.refresh.flush()
        self.view.stops.focus(len(self.state.through) - 1)

    def _set_through(self, through: list[Pick], words: str) -> None:
        before = [stop for stop in self.state.through if stop != NOTHING]
        with self.deed(words):
            self._set_stops((self.state.a, *through, self.state.b))
            if [stop for stop in through if stop != NOTHING] != before:
                self.ask()

    def _set_stops(self, stops: Sequence[Pick], restored: bool = False) -> None:
        """Have these stops, from A to B; a random pair that is still to come is not wanted any more.

        Args:
            stops: two or more.
            restored: whether they are those that were there, now with what the maps know of them.
        """
        if not restored:
            self._context.archive.forget(_PAIR)
        self.state.a, *through, self.state.b = stops
        self.state.through = tuple(through)

    def _marks(self, variant: str) -> tuple[Mark, ...]:
        state, atlas = self.state, self._context.atlas
        path = state.path.paths.get(variant, ())
        coords = atlas.numbers[variant].coords if atlas is not None and variant in atlas.numbers else None
        given = [(name, stop) for name, stop in zip(way.names(state.stops()), state.stops(), strict=True) if name]
        marks = []
        for i, (name, stop) in enumerate(given):
            at = len(path) - 1 if name == "B" else i * state.path.steps
            spot: Spot | None = None
            if coords is not None and 0 <= stop.index < len(coords):
                spot = float(coords[stop.index, 0]), float(coords[stop.index, 1])
            elif stop != NOTHING and 0 <= at < len(path):
                spot = path[at]
            if spot is not None:
                marks.append(Mark(name, spot, _ROLES.get(name, "accent")))
        return tuple(marks)

    # what the view is told

    def _show_limits(self) -> None:
        self.view.lengths.set_limits(self._explorer.limits)

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_stops(self) -> None:
        state = self.state
        self.view.show_choices(state.stops(), state.steps, state.slerp, state.fold)

    def _show_path(self) -> None:
        state, path = self.state, self.awaited(self.state.path)
        note = self.note(_UNDER_WAY if path.busy else "" if path.stops else _ENDS)
        self.view.show_path(path, state.position, state.fold, self._explorer.broken, note)

    def _show_step(self) -> None:
        self.view.show_position(self.state.position)
        self._explorer.way_step = self.way_step()


def _taken(before: Path, result: Result) -> Path:
    """`before` with one more result."""
    after = take_series(before, result)
    if not isinstance(result, (requests.Steps, Failure)):
        return after
    paths, numbers = without(before.paths, result.variant), without(before.smoothness, result.variant)
    if isinstance(result, requests.Steps):
        if result.spots:
            paths[result.variant] = result.spots
        if result.smoothness is not None:
            numbers[result.variant] = result.smoothness
    return replace(after, paths=paths, smoothness=numbers)
