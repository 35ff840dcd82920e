"""The Neighbours tab: the test sentences nearest to a sentence or a point, in the latent space of every variant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from app.bench.bench_tab import BenchTab
from app.bench.neighbours import requests
from app.bench.neighbours.requests import Found
from app.bench.neighbours.rows import neighbour_rows
from app.bench.neighbours.state import Distance, Neighbourhoods, NeighboursState, NeighboursWish
from app.bench.neighbours.view import NeighboursView
from app.bench.places import Places, numbered
from app.bench.subject import NOTHING, Placed, Subject, place
from app.core.picks import Pick
from app.core.refresh import Refresh
from app.core.requests import Failure, TypedWords
from app.core.values import Mark, OnMaps, Spot
from app.run.context import Context
from app.widgets.sentences.rich_text import plain_words

_EMPTY = "Click a point in a map, or type a sentence: the nearest test sentences of every model will stand here."
_CHANNEL = "neighbours"


class Neighbours(BenchTab):
    """What a person asks for, as requests and state."""

    name = "Neighbours"
    view: NeighboursView

    def __init__(self, context: Context, view: NeighboursView | None = None) -> None:
        super().__init__(context)
        self.state = NeighboursState()
        self.subject = Subject(context.state)
        self._placed: dict[str, Placed] = {}
        self._stale = True
        self.places = Places(context, "neighbours, places")
        self.subject.changed.connect(self.ask)
        self.view = view or NeighboursView()
        view = self.view
        view.picked.connect(self.take)
        view.followed.connect(self.follow)
        view.distance_chosen.connect(self.choose_distance)
        view.count_changed.connect(self.set_count)
        view.chosen.connect(self.point)
        view.add_requested.connect(self.add_to_table)
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_limits: ("limits",),
                self._show_subject: ("pick", "following"),
                self._show_controls: ("distance", "count"),
                self._show_found: ("found", "columns", "shown", "broken", "models", "maps"),
                self._place_subject: ("found",),
                self.show_on_maps: ("found", "spots", "maps", "selection"),
            },
            [self.state, self.subject.state, self.places.state, context.state],
            in_view=False,
        )

    # the tab

    def opened(self) -> None:
        """Ask for what is out of date."""
        if self._stale:
            self._place()

    def take(self, pick: Pick, slot: str = "") -> None:
        """Look around what was typed or sent."""
        with self.deed("choose the sentence of Neighbours" if pick != NOTHING else "empty the field of Neighbours"):
            self.subject.take(pick)

    def ask(self) -> None:
        """Another subject, or another z of it."""
        self._stale = True
        if self._explorer.tab == self.name:
            self._place()

    def forget(self) -> None:
        """Another run is opened."""
        self.places.forget()
        self.subject.forget()
        self._clear()
        self._stale = True

    def place_anew(self) -> None:
        """Other latents: whatever was found was found among those before."""
        self.places.anew()
        self.ask()

    def on_maps(self) -> OnMaps:
        """The neighbours, numbered as the rows, a line to each, and the subject, unless it is the clicked sentence."""
        atlas, pick = self._context.atlas, self.subject.state.pick
        numbers = atlas.numbers if atlas is not None else {}
        coords = {name: each.coords for name, each in numbers.items() if each.coords is not None}
        dots = {
            name: numbered([_at(coords[name], each.index) for each in near.found])
            for name, near in self.state.found.nearest.items()
            if name in coords
        }
        said = f"numbers: the nearest to “{pick.label}” in z, with a line to each" if dots else ""
        if pick.index < 0 or pick.is_point:
            label = "sent" if pick.is_point else "typed"
            spots = {name: places[0] for name, places in self.places.state.spots.items()}
            marks = {name: (Mark(label, spot),) for name, spot in spots.items()}
            return OnMaps(marks, dots=dots, said=said, hubs={name: spots[name] for name in dots if name in spots})
        hubs = {name: _at(coords[name], pick.index) for name in dots}
        clicked = pick.index == self._explorer.selection
        marks = {} if clicked else {name: (Mark("sentence", spot),) for name, spot in hubs.items()}
        return OnMaps(marks, dots=dots, said=said, hubs=hubs)

    def wish(self) -> NeighboursWish:
        """Whose neighbours, and which."""
        subject, state = self.subject.state, self.state
        return NeighboursWish(subject.pick, subject.following, state.distance, state.count)

    def want(self, wish: NeighboursWish) -> None:
        """Look around another sentence, or otherwise."""
        self.subject.want(wish.subject, wish.following)
        self.choose_distance(wish.distance)
        self.set_count(wish.count)

    # what a person does

    def follow(self, on: bool) -> None:
        """Whether the clicked sentence of the maps is followed."""
        with self.deed(f"{'follow' if on else 'keep'} the clicked sentence in Neighbours"):
            self.subject.follow(on)

    def choose_distance(self, distance: str) -> None:
        """What near means."""
        if distance != self.state.distance and distance in get_args(Distance):
            with self.deed("choose another distance"):
                self.state.distance = cast(Distance, distance)
                self._search()

    def set_count(self, count: int) -> None:
        """How many neighbours."""
        if count != self.state.count:
            with self.deed("change the number of neighbours", "count"):
                self.state.count = count
                self._search()

    def point(self, index: int) -> None:
        """A neighbour was chosen: the maps show it, and the neighbours stay those of the sentence they are of."""
        with self.deed("click a neighbour"):
            self.subject.state.following = False
            self.pointed.emit(index)

    def add_to_table(self) -> None:
        """Gather the neighbours of the shown variants, a row a rank."""
        if not self.state.found.busy:  # what is in sight may still be that of the sentence before
            shown = [column.name for column in self._explorer.visible()]
            self.gather(neighbour_rows(self.subject.state.pick, self.state.found, shown))

    # requests

    def _place(self) -> None:
        """Find the subject's points: the mean of a test sentence is in the cache, for the rest the models are asked."""
        pick, choice, state = self.subject.state.pick, self._explorer.choice, self.state
        self._drop()
        self._stale = False
        if pick == NOTHING:
            self._clear()
            return
        self._placed = {}
        words = frozenset() if pick.is_point else plain_words(pick.text)
        state.found = replace(state.found, words=words, typed=(), unknown=(), failed={}, problem="", busy=True)
        variants = self._explorer.usable()
        if pick.index >= 0 and not pick.is_point and not choice.sample:
            variants = tuple(column.name for column in self._explorer.columns)  # no model is needed
            work = partial(requests.cached, pick=pick, variants=variants)
            self._context.archive.ask(_CHANNEL, work, self._take, self._placed_all)
        else:
            models = partial(place, pick=pick, variants=variants, choice=choice)
            self._context.models.ask(_CHANNEL, models, self._take, self._placed_all)

    def _placed_all(self, problem: str) -> None:
        if problem or not self._placed:
            failed = self.state.found.failed
            self.state.found = Neighbourhoods(failed=failed, problem=problem)
        else:
            self._search()

    def _search(self) -> None:
        """What was found before stays until it is replaced."""
        if not self._placed:
            return
        state, pick = self.state, self.subject.state.pick
        state.found = replace(state.found, busy=True)
        index = -1 if pick.is_point else pick.index
        work = partial(
            requests.search, placed=dict(self._placed), index=index, distance=state.distance, count=state.count
        )
        self._context.archive.ask(_CHANNEL, work, self._take, self._finish)

    def _take(self, result: TypedWords | Placed | Found | Failure | None) -> None:
        found = self.state.found
        match result:
            case TypedWords(words, unknown):
                self.state.found = replace(found, typed=words, unknown=unknown)
            case Placed(variant):
                self._placed[variant] = result
            case Found(variant, nearest):
                failed = {name: reason for name, reason in found.failed.items() if name != variant}
                self.state.found = replace(found, nearest={**found.nearest, variant: nearest}, failed=failed)
            case Failure(variant, reason):
                kept = {name: near for name, near in found.nearest.items() if name != variant}
                self.state.found = replace(found, nearest=kept, failed={**found.failed, variant: reason})

    def _finish(self, problem: str) -> None:
        self.state.found = replace(self.state.found, problem=problem, busy=False)

    def _clear(self) -> None:
        self._drop()
        self._placed = {}
        self.state.found = Neighbourhoods()

    def _drop(self) -> None:
        """Nobody waits for anything that was asked."""
        self._context.models.forget(_CHANNEL)
        self._context.archive.forget(_CHANNEL)

    # what the view is told

    def _show_limits(self) -> None:
        self.view.lengths.set_limits(self._explorer.limits)

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_subject(self) -> None:
        self.view.show_subject(self.subject.state.pick, self.subject.state.following)

    def _show_controls(self) -> None:
        self.view.show_controls(self.state.distance, self.state.count)

    def _place_subject(self) -> None:
        """A test sentence has its place already."""
        pick = self.subject.state.pick
        given = pick.is_point or pick.index < 0
        placed = {name: (tuple(each.z.tolist()),) for name, each in self._placed.items() if given}
        self.places.want(placed if self.state.found.nearest else {})

    def _show_found(self) -> None:
        self.view.show_found(self.state.found, self._note())

    def _note(self) -> str:
        """What stands where there is nothing yet: what is waited for, if anything is."""
        stages = [self._explorer.maps]
        if self.state.found.busy and not self._placed:
            stages.append(self._explorer.models)  # a typed sentence has to be encoded first
        return self.note("…" if self.state.found.busy else _EMPTY, *stages)


def _at(coords: NDArray[np.float32], index: int) -> Spot:
    return float(coords[index, 0]), float(coords[index, 1])
