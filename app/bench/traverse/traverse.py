"""The Traverse tab: sliders along the directions of the latent space that tell most, and what becomes of a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from app.bench.bench_tab import BenchTab
from app.bench.places import Places
from app.bench.rows import picked_row
from app.bench.subject import NOTHING, Placed, Subject, place
from app.bench.traverse import requests
from app.bench.traverse.decoding import REST_MS, TraverseDecoding
from app.bench.traverse.points import Points, shifts_kept
from app.bench.traverse.state import VALUES, Live, TraverseState, TraverseWish
from app.bench.traverse.view import TraverseView
from app.core.picks import Pick
from app.core.readings import point_pick
from app.core.refresh import Refresh
from app.core.requests import Failure, TypedWords
from app.core.values import Mark, OnMaps, Reading, Series
from app.run.context import Context

_EMPTY = "Click a point or type a sentence, and move it along what this model uses most."


class Traverse(BenchTab):
    """What a person does with the sliders, as requests and state."""

    name = "Traverse"
    view: TraverseView

    def __init__(self, context: Context, rest: int = REST_MS, view: TraverseView | None = None) -> None:
        super().__init__(context)
        self.state = TraverseState()
        self.subject = Subject(context.state)
        self._points = Points()
        self._decoding = TraverseDecoding(context, self.state, self._points, rest)
        self._awaited: set[str] = set()
        self._atlas = context.atlas
        self.places = Places(context, "traverse, places")
        self._stale, self._steps_seen = True, False
        self.subject.changed.connect(self._restart)
        self.view = view or TraverseView()
        self._connect()
        seen = ("columns", "shown", "broken")
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_limits: ("limits",),
                self._show_subject: ("pick", "following"),
                self._show_controls: ("kind", "together", "count", "face"),
                self._show_sliders: ("sliders", *seen),
                self._show_positions: ("sliders", "shifts", "rank", *seen),
                self._show_live: ("live", "sliders", "rank", "models", "maps", *seen),
                self._show_steps: ("steps", *seen),
                self._show_step: ("shifts", "rank", "steps"),
                self._place: ("live", "steps"),
                self.show_on_maps: ("spots", "shifts", "pick", "following"),
            },
            [self.state, self.subject.state, self.places.state, context.state],
            in_view=False,
        )

    def _connect(self) -> None:
        view = self.view
        view.picked.connect(self.take)
        view.followed.connect(self.follow)
        view.kind_chosen.connect(self.choose_kind)
        view.together_chosen.connect(self.set_together)
        view.count_changed.connect(self.set_count)
        view.face_chosen.connect(self.show_face)
        view.steps_seen.connect(self.see_steps)
        view.moved.connect(self.move)
        view.rank_chosen.connect(self.choose)
        view.reset_one.connect(self.reset)
        view.reset_requested.connect(self.reset)
        view.step_pressed.connect(lambda step: self.go(self.state.rank, VALUES[step]))
        view.add_requested.connect(self.add_to_table)

    # the tab

    def opened(self) -> None:
        """Ask for what is out of date."""
        if self._stale:
            self._start()

    def take(self, pick: Pick, slot: str = "") -> None:
        """Traverse from what was typed or sent."""
        with self.deed("choose the sentence of Traverse" if pick != NOTHING else "empty the field of Traverse"):
            self.subject.take(pick)

    def ask(self) -> None:
        """Another choice of how sentences are made: another z perhaps; the sliders stay moved as far as they are."""
        self._stale = True
        if self._explorer.tab == self.name:
            self._start()

    def forget(self) -> None:
        """Another run is opened."""
        self._points.statistics, self._atlas = {}, None
        self.places.forget()
        self.subject.forget()
        self._clear()
        self._stale = True

    def place_anew(self) -> None:
        """The points have other places on other maps; sliders stay moved, and of the same latents what was measured."""
        before, self._atlas = self._atlas, self._context.atlas
        if self._atlas is None or not self._atlas.beside(before):
            self._points.statistics = {}
        self.places.anew()
        self.ask()

    def on_maps(self) -> OnMaps:
        """The subject, unless it is the clicked sentence, where the sliders have moved it, and the way along one."""
        pick, spots = self.subject.state.pick, self.places.state.spots
        own = "sent" if pick.is_point else "typed" if pick.index < 0 else "sentence"
        clicked = not pick.is_point and pick.index >= 0 and pick.index == self._explorer.selection
        marks = {}
        shifted = {name for name, shifts in self.state.shifts.items() if any(shifts)} & set(self.state.live.readings)
        for name, (home, moved, *_) in spots.items():
            there = [] if clicked else [Mark(own, home)]
            marks[name] = (*there, *([Mark("moved", moved, "good")] if name in shifted else []))
        ways = {name: tuple(places[2:]) for name, places in spots.items() if len(places) > 2}
        said = [f"{own}: “{pick.label}”"] if marks else []
        said += [f"line: along slider {self.state.rank + 1}"] if ways else []
        made = {name: each for name, each in self.places.made(1, "moved").items() if name in shifted}
        return OnMaps(marks, ways, said="; ".join(said), made=made)

    def wish(self) -> TraverseWish:
        """What is moved, along what, and how far."""
        subject, state = self.subject.state, self.state
        moved = {name: shifts for name, shifts in state.shifts.items() if any(shifts)}
        return TraverseWish(
            subject.pick, subject.following, state.kind, state.together, state.count, state.face, state.rank, moved
        )

    def want(self, wish: TraverseWish) -> None:
        """Move another sentence, or another way. Sliders that are not known yet are moved once they are."""
        state = self.state
        self.subject.want(wish.subject, wish.following)
        before = state.kind, state.count, state.rank
        state.kind, state.together, state.count = wish.kind, wish.together, wish.count
        state.face, state.rank = wish.face, wish.rank
        shifts = {**wish.shifts, **shifts_kept(wish.shifts, state.sliders)}
        changed = [name for name in state.sliders if shifts[name] != state.shifts.get(name)]
        state.shifts = shifts
        if before[:2] != (wish.kind, wish.count):
            self._set_sliders()
        elif changed:
            self._decoding.moved(changed)
        if before[2] != wish.rank or changed:
            self._decode_steps()

    # what a person does

    def follow(self, on: bool) -> None:
        """Whether the clicked sentence of the maps is followed."""
        with self.deed(f"{'follow' if on else 'keep'} the clicked sentence in Traverse"):
            self.subject.follow(on)

    def choose_kind(self, kind: str) -> None:
        """Dimensions ("informative") or principal directions ("principal")."""
        if kind != self.state.kind:
            with self.deed("choose other directions"):
                self.state.kind = "principal" if kind == "principal" else "informative"
                self._forget_moves()
                self._set_sliders()

    def set_count(self, count: int) -> None:
        """How many sliders."""
        if count != self.state.count:
            with self.deed("change the number of sliders", "count"):
                self.state.count = count
                self.state.rank = min(self.state.rank, count - 1)
                self._set_sliders()

    def set_together(self, on: bool) -> None:
        """Whether the sliders of one rank move in all columns."""
        with self.deed(f"move sliders {'together' if on else 'one by one'}"):
            self.state.together = on

    def show_face(self, face: str) -> None:
        """The sliders, or the sentences along the chosen one."""
        self.state.face = "steps" if face == "steps" else "sliders"

    def see_steps(self, seen: bool) -> None:
        """Whether the sentences along the chosen slider are in sight."""
        if seen != self._steps_seen:
            self._steps_seen = seen
            if seen:
                self._decode_steps()

    def move(self, variant: str, rank: int, position: float) -> None:
        """A slider was moved to a position in its units; while they are together, the others move as far."""
        if not self.state.has(variant, rank):
            return
        shift = position - self.state.sliders[variant][rank].own
        with self.deed("move a slider", f"slider {rank} of {variant}"):
            self._shift(dict.fromkeys(self._moved_with(variant, rank), shift), rank)

    def go(self, rank: int, position: float) -> None:
        """Put the sliders of a rank to the same position in all columns."""
        sliders = self.state.sliders
        moved = {name: position - each[rank].own for name, each in sliders.items() if self.state.has(name, rank)}
        if moved:
            with self.deed("go to another step of Traverse", f"go along {rank}"):
                self._shift(moved, rank)

    def choose(self, rank: int) -> None:
        """Choose the sliders of a rank; the sentences along them are shown."""
        if rank != self.state.rank and any(self.state.has(name, rank) for name in self.state.sliders):
            with self.deed("choose other sliders of Traverse", "choose sliders"):
                self.state.rank = rank
            self._decode_steps()

    def reset(self, variant: str = "", rank: int = -1) -> None:
        """Put one slider (and those that move with it), or all, back to the subject's own value."""
        with self.deed("put a slider back" if variant else "put all sliders back"):
            if variant and self.state.has(variant, rank):
                self._shift(dict.fromkeys(self._moved_with(variant, rank), 0.0), rank)
            elif not variant:
                self._set_shifts({name: (0.0,) * len(shifts) for name, shifts in self.state.shifts.items()})
                self._decode_steps()

    def add_to_table(self) -> None:
        """Keep what is in sight: the sentences along the chosen slider, or those where all sliders stand."""
        if self.state.live.busy or (self._steps_seen and self.state.steps.busy):
            return  # what is in sight may still be of the sentence before
        series = self.state.steps.readings
        rows: list[Mapping[str, Reading]] = [self.state.live.readings]
        if self._steps_seen and series:
            rows = [{name: readings[step] for name, readings in series.items()} for step in range(len(VALUES))]
        subject = self.subject.state.pick
        made = [picked_row(pick) for row in rows if (pick := point_pick(subject.text, row)) is not None]
        self.gather([replace(row, index=subject.index) for row in made if row is not None])

    def _moved_with(self, variant: str, rank: int) -> list[str]:
        if not self.state.together:
            return [variant]
        return [name for name in self.state.sliders if self.state.has(name, rank)]

    def _shift(self, shifts: Mapping[str, float], rank: int) -> None:
        before = self.state.shifts
        moved = {name: (*before[name][:rank], shift, *before[name][rank + 1 :]) for name, shift in shifts.items()}
        self._set_shifts({**before, **moved})
        self.choose(rank)

    def _set_shifts(self, shifts: dict[str, tuple[float, ...]]) -> None:
        changed = {name for name in shifts if shifts[name] != self.state.shifts[name]}
        if changed:
            self.state.shifts = shifts
            self._decoding.moved(changed)

    # the subject, and what is known of the latent spaces

    def _restart(self) -> None:
        self._forget_moves()
        self.ask()

    def _forget_moves(self) -> None:
        """Put the sliders back; they stay in view until the next are known, and may be moved meanwhile."""
        self.state.shifts = {name: (0.0,) * len(sliders) for name, sliders in self.state.sliders.items()}

    def _start(self) -> None:
        """Find the subject's points and the directions, then decode."""
        pick, models = self.subject.state.pick, self._context.models
        self._drop()
        self._stale = False
        if pick == NOTHING:
            self._clear()
            return
        self._points.placed = {}
        self._decoding.shortest = None
        self._decoding.begin()
        variants, choice = self._explorer.usable(), self._explorer.choice
        self._awaited = {"subject"}
        lacking = [name for name in variants if name not in self._points.statistics]
        if lacking:
            self._awaited.add("directions")
            measure = partial(requests.measure, variants=lacking)
            self._context.archive.ask("traverse", measure, self._take, partial(self._arrived, "directions"))
        work = partial(place, pick=pick, variants=variants, choice=choice)
        models.ask("traverse subject", work, self._take, partial(self._arrived, "subject"))

    def _take(self, result: TypedWords | Placed | requests.Measured | Failure | None) -> None:
        match result:
            case TypedWords(words, _):
                self._decoding.shortest = len(words)
            case Placed(variant):
                self._points.placed[variant] = result
            case requests.Measured(variant, statistics):
                self._points.statistics[variant] = statistics
            case Failure():
                self._decoding.fail(result)

    def _arrived(self, what: str, problem: str) -> None:
        self._awaited.discard(what)
        if problem:
            self._clear()
            self.state.live = Live(problem=problem)
        elif not self._awaited:
            self._set_sliders()

    def _set_sliders(self) -> None:
        """Have sliders for what is known, moved as far as those before were, and decode where they stand."""
        state = self.state
        if self._awaited or (self._stale and not self._points.placed):
            return
        sliders = self._points.lay(state.kind, state.count)
        state.shifts = shifts_kept(state.shifts, sliders)
        state.sliders = sliders
        if not sliders:
            self._decoding.end()
            return
        self._decoding.home()
        moved = [name for name, shifts in state.shifts.items() if any(shifts)]
        if moved:
            self._decoding.moved(moved)
        self._decode_steps()

    def _decode_steps(self) -> None:
        if not self._steps_seen:
            self._decoding.leave_steps()
        elif self._points.directions and self._points.placed:
            self._decoding.steps()

    def _clear(self) -> None:
        self._drop()
        self._points.placed, self._points.directions, self._awaited = {}, {}, set()
        state = self.state
        state.shifts, state.sliders, state.live, state.steps = {}, {}, Live(), Series()

    def _drop(self) -> None:
        """Nobody waits for anything that was asked."""
        self._decoding.drop()
        self._context.models.forget("traverse subject")
        self._context.archive.forget("traverse")

    # what the view is told

    def _show_limits(self) -> None:
        self.view.lengths.set_limits(self._explorer.limits)

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_subject(self) -> None:
        self.view.show_subject(self.subject.state.pick, self.subject.state.following)

    def _show_controls(self) -> None:
        state = self.state
        self.view.show_controls(state.kind, state.together, state.count, state.face)

    def _show_sliders(self) -> None:
        self.view.show_sliders(self.state.sliders)

    def _show_positions(self) -> None:
        state = self.state
        self.view.show_positions({name: state.positions(name) for name in state.sliders}, state.rank)

    def _show_live(self) -> None:
        # Until there are models, or directions of a cache that could not be made, the note says what is waited for.
        never = self._explorer.maps.kind == "failed" and "directions" in self._awaited
        awaited = self.state.live.busy and self._explorer.models.kind == "ready" and not never
        live = replace(self.state.live, busy=awaited)
        self.view.show_live(
            live,
            self._explorer.broken,
            self.note(_EMPTY, self._explorer.models, self._explorer.maps),
            self.subject.state.pick.text,
        )

    def _show_steps(self) -> None:
        self.view.show_steps(self.awaited(self.state.steps), self._explorer.broken, self.subject.state.pick.text)

    def _show_step(self) -> None:
        self.view.show_step(self.way_step())

    def way_step(self) -> int:
        """The row of the way that is nearest to where the sliders stand, if they stand alike; -1 if not."""
        state = self.state
        stand = {round(state.position(name, state.rank), 2) for name, s in state.sliders.items() if state.rank < len(s)}
        same = len(stand) == 1 and next(iter(stand)) in VALUES
        return VALUES.index(next(iter(stand))) if same else -1

    def _place(self) -> None:
        """The subject, where the sliders have moved it, and the way along the chosen one."""
        live, steps = self.state.live, self.state.steps.readings
        made = {
            name: (home.z, live.readings.get(name, home).z, *(each.z for each in steps.get(name, ())))
            for name, home in {**live.home_drafts, **live.home}.items()
        }
        self.places.want({name: points for name, points in made.items() if all(points)})
