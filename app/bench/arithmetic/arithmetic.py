"""The tab that calculates with sentences: a - b + c, and a direction from two groups of sentences applied to another.

Here the intents become requests and state. The requests are in `requests`, the groups in `concept_groups`, the words in
`words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from PySide6.QtCore import QTimer

from app.bench.arithmetic import requests, words
from app.bench.arithmetic.concept_groups import GROUPS, ConceptGroups
from app.bench.arithmetic.requests import Measured, Memory, Moved, Ways
from app.bench.arithmetic.state import (
    ArithmeticState,
    ArithmeticWish,
    Face,
    Member,
    Operand,
    Outcome,
)
from app.bench.arithmetic.view import ArithmeticView
from app.bench.bench_tab import BenchTab
from app.bench.places import Places
from app.core.picks import NOTHING, Pick
from app.core.refresh import Refresh
from app.core.values import Mark, OnMaps
from app.run.context import Context

_REST_MS = 150
_SEARCHING = "The test sentences for the groups are searched …"

_FACES: tuple[Face, Face] = ("analogy", "concept")
_CHANNELS: dict[Face, str] = {face: f"arithmetic, {face}" for face in _FACES}
_DRAGGED: dict[Face, str] = {face: f"arithmetic, {face}, dragged" for face in _FACES}
_EVIDENCE = "arithmetic, evidence"

Part = Literal["all", "quick", "rest"]
"""Of the answers: quick ones and then as chosen, the quick ones while a slider is dragged, or the rest after that."""


class Arithmetic(BenchTab):
    """Keeps the state of the tab."""

    name = "Arithmetic"

    def __init__(self, context: Context, rest: int = _REST_MS, view: ArithmeticView | None = None) -> None:
        super().__init__(context)
        self.state = ArithmeticState()
        self.groups = ConceptGroups(context, self.state)
        self._memory = Memory()
        self._apart: requests.Groups = {}
        self._examples = dict.fromkeys(_FACES, -1)
        self._rests: dict[Face, QTimer] = {face: self._timer(face, rest) for face in _FACES}
        self.places = Places(context, "arithmetic, places")
        self.view: ArithmeticView = view or ArithmeticView()
        self._connect()
        shown = ("columns", "shown", "broken", "models")
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_limits: ("limits",),
                self._show_face: ("face",),
                self._show_operands: ("a", "b", "c", "subject", "share", "strength"),
                self._show_groups: ("groups", "selection"),
                self._show_outcome: ("face", "analogy", "concept", "groups", "searching", *shown),
                self._show_evidence: ("evidence", "unmeasured", "measuring", "face", *shown),
                self._place: ("face", "analogy", "concept"),
                self.show_on_maps: ("face", "share", "spots"),
            },
            [self.state, self.places.state, self._explorer],
            in_view=False,
        )

    def _connect(self) -> None:
        view = self.view
        view.face_chosen.connect(self.choose_face)
        view.picked.connect(self.set_operand)
        view.strength_changed.connect(self.set_strength)
        view.example_wanted.connect(self.example)
        view.add_wanted.connect(self.add)
        view.groups.typed.connect(self.groups.type)
        view.groups.line_added.connect(self.groups.add_line)
        view.groups.all_added.connect(self.groups.add_all)
        view.groups.dropped.connect(lambda name, pick: self.groups.add(name, [Member(pick)]))
        view.groups.clicked_wanted.connect(self.take_clicked)
        view.groups.removed.connect(self.groups.remove)
        view.groups.cleared.connect(self.groups.clear)
        self.groups.changed.connect(self._groups_changed)
        self.groups.told.connect(self.told)

    # what a person does

    def opened(self) -> None:
        """The tab is in view; what was asked of models that are gone is asked again."""
        outcome = self._outcome(self.state.face)
        if not outcome.after and not outcome.busy:
            self._ask_open("all")

    def choose_face(self, face: str) -> None:
        """a - b + c, or a concept."""
        self.state.face = cast(Face, face)
        self.opened()

    def set_operand(self, name: str, pick: Pick) -> None:
        """a, b, c or the subject is another."""
        if getattr(self.state, name) != pick:
            called = "x" if name == "subject" else name
            with self.deed(f"choose {called}" if pick != NOTHING else f"empty {called}"):
                setattr(self.state, cast(Operand, name), pick)
                self._ask("concept" if name == "subject" else "analogy", "all")

    def take_clicked(self, slot: str) -> None:
        """The sentence that is clicked in the maps goes to a slot."""
        explorer = self._explorer
        if explorer.selection < 0:
            self.told.emit("Click a sentence on a map first.")
            return
        self.take(Pick(explorer.selection_text, index=explorer.selection), slot)

    def take(self, pick: Pick, slot: str) -> None:
        """A sentence or points for a, b, c, the subject, or one of the groups."""
        self.state.face = "analogy" if slot in ("a", "b", "c") else "concept"
        if slot in GROUPS:
            self.groups.add(slot, [Member(pick)])
        else:
            self.set_operand(slot, pick)

    def take_rows(self, indices: Sequence[int], slot: str) -> None:
        """Test sentences that were chosen on a map go to one of the groups."""
        if slot in GROUPS:
            self.state.face = "concept"
            self.groups.add_rows(slot, indices)

    def set_strength(self, value: float) -> None:
        """The slider of the open face moved: quick answers at once, the others when the hand rests."""
        with self.deed("change the strength", f"strength, {self.state.face}"):
            setattr(self.state, "share" if self.state.face == "analogy" else "strength", value)
        self._ask_open("quick")
        if self._explorer.choice.method == "beam":
            self._rests[self.state.face].start()

    def example(self) -> None:
        """Fill in the next example of the open face; it can be undone."""
        face = self.state.face
        number = self._examples[face] = self._examples[face] + 1
        key = f"example {number} of {face}"
        with self.deed("fill in an example", key):
            self._fill_in(face, number, f"{self.name}, {key}")

    def _fill_in(self, face: Face, number: int, key: str) -> None:
        """The groups are filled once the sentences are found, which belongs to the step of this key."""
        state = self.state
        if face == "analogy":
            chosen = words.SUMS[number % len(words.SUMS)]
            state.a, state.b, state.c, state.share = Pick(chosen.a), Pick(chosen.b), Pick(chosen.c), 1.0
            self._ask("analogy", "all")
        else:
            contrast = words.CONTRASTS[number % len(words.CONTRASTS)]
            state.subject, state.strength = Pick(contrast.subject), 1.0
            self.groups.fill((contrast.with_, contrast.without), "fill in an example", key)

    def add(self) -> None:
        """Gather the result of the open face."""
        self.gather([words.row(self.state)])

    def wish(self) -> ArithmeticWish:
        """The sentences, the factors and the groups."""
        state, (first, second) = self.state, (self.state.groups[name] for name in GROUPS)
        return ArithmeticWish(
            *(state.face, state.a, state.b, state.c, state.share, state.subject, state.strength),
            *(first.members, second.members, first.text, second.text),
        )

    def want(self, wish: ArithmeticWish) -> None:
        """Calculate with other sentences, or otherwise."""
        state, before = self.state, self.wish()
        state.face, state.a, state.b, state.c, state.share = wish.face, wish.a, wish.b, wish.c, wish.share
        state.subject, state.strength = wish.subject, wish.strength
        self.groups.want(
            {"with": (wish.members_with, wish.text_with), "without": (wish.members_without, wish.text_without)}
        )
        members = before.members_with, before.members_without
        if members != (wish.members_with, wish.members_without):
            self._groups_changed()
        elif (before.subject, before.strength) != (wish.subject, wish.strength):
            self._ask("concept", "all")
        if (before.a, before.b, before.c, before.share) != (wish.a, wish.b, wish.c, wish.share):
            self._ask("analogy", "all")

    # asking

    def ask(self) -> None:
        """Ask anew, the open face last, so that it is answered first."""
        for face in sorted(_FACES, key=lambda name: name == self.state.face):
            self._ask(face, "all")

    def renew(self) -> None:
        """Other models can answer: what they move, and what speaks for the direction in them."""
        if any(group.members for group in self.state.groups.values()):
            self._groups_changed()
        else:
            self._ask("concept", "all")
        self._ask("analogy", "all")

    def place_anew(self) -> None:
        """Other test sentences are there, or the first: the direction is weighed against them."""
        self.places.anew()
        if any(group.members for group in self.state.groups.values()):
            self._groups_changed()

    def on_maps(self) -> OnMaps:
        """The operands, and where the first of them went."""
        letters = words.marks(self.state)
        marks = {
            name: tuple(Mark(label, spot, role) for (label, role), spot in zip(letters, spots, strict=False))
            for name, spots in self.places.state.spots.items()
        }
        said = f"flags: {words.name(self.state)}" if marks else ""
        return OnMaps(marks, said=said, made=self.places.made(1, "result") if marks else {})

    def forget(self) -> None:
        """Another run: its models have other spaces and its test set other sentences."""
        self.places.forget()
        for rest in self._rests.values():
            rest.stop()
        for channel in (*_CHANNELS.values(), *_DRAGGED.values(), _EVIDENCE):
            self._context.models.forget(channel)
        self._memory, self._apart = Memory(), {}
        self.groups.forget()
        state = self.state
        state.a = state.b = state.c = state.subject = NOTHING
        state.analogy = state.concept = Outcome()
        state.evidence, state.unmeasured, state.measuring = {}, {}, False

    def _place(self) -> None:
        outcome = self._outcome(self.state.face)
        points = {
            name: (outcome.before[name].z, after.z, *outcome.others.get(name, ()))
            for name, after in outcome.after.items()
            if name in outcome.before
        }
        self.places.want({name: each for name, each in points.items() if all(each)})

    def _timer(self, face: Face, rest: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(rest)
        timer.timeout.connect(lambda: self._rested(face))
        return timer

    def _rested(self, face: Face) -> None:
        """The hand rests; the quick answer is let come first."""
        if self._context.models.awaits(_DRAGGED[face]):
            self._rests[face].start()
        else:
            self._ask(face, "rest")

    def _ask_open(self, part: Part) -> None:
        self._ask(self.state.face, part)

    def _ask(self, face: Face, part: Part) -> None:
        if part != "quick":
            self._rests[face].stop()
        if face == "analogy":
            self._ask_analogy(part)
        else:
            self._ask_concept(part)

    def _ask_analogy(self, part: Part) -> None:
        state, memory = self.state, self._memory
        a, b, c, share = state.a, state.b, state.c, state.share
        if not (a.text and b.text and c.text):
            self._empty("analogy")
            return
        choice, ways = self._explorer.choice, self._ways(part)
        short = words.analogy_formula(state, choice)
        state.analogy = state.analogy.asked(words.analogy_source(state, choice), choice.search)
        self._request("analogy", part, lambda session: requests.analogy(session, memory, a, b, c, share, ways, short))

    def _ask_concept(self, part: Part) -> None:
        state, memory, groups, cache = self.state, self._memory, self._apart, self._cache
        subject, strength = state.subject, state.strength
        if not subject.text or not all(groups.get(name) for name in GROUPS):
            self._empty("concept")
            return
        choice, ways = self._explorer.choice, self._ways(part)
        short = words.concept_formula(state, choice)
        state.concept = state.concept.asked(words.concept_source(state, choice), choice.search)
        self._request(
            "concept",
            part,
            lambda session: requests.concept(session, cache, memory, subject, groups, strength, ways, short),
        )

    def _request(self, face: Face, part: Part, work: Callable[[Any], Iterator[Moved]]) -> None:
        more = part == "quick" and self._explorer.choice.method == "beam"  # the beam is asked when the hand rests

        def take(moved: Moved) -> None:
            after = self._outcome(face).answered(moved.before, moved.after, moved.failed, moved.unknown, moved.others)
            setattr(self.state, face, after)

        def finish(problem: str) -> None:
            if problem or not more:
                setattr(self.state, face, self._outcome(face).ended(problem))

        models = self._context.models
        if part == "quick":
            models.forget(_CHANNELS[face])
            models.follow(_DRAGGED[face], work, take, finish)
        else:
            models.forget(_DRAGGED[face])
            models.ask(_CHANNELS[face], work, take, finish)

    def _groups_changed(self) -> None:
        """There is another direction: move along it, and weigh it."""
        state, memory, cache = self.state, self._memory, self._cache
        self._apart = groups = requests.apart({name: state.groups[name].members for name in GROUPS})
        state.evidence, state.unmeasured = {}, {}
        if all(groups.values()):
            state.measuring = True
            variants = self._explorer.usable()
            self._context.models.ask(
                _EVIDENCE,
                lambda session: requests.measure(session, cache, memory, groups, variants),
                self._take_evidence,
                self._finish_evidence,
            )
        else:
            state.measuring = False
            self._context.models.forget(_EVIDENCE)
        self._ask("concept", "all")

    def _take_evidence(self, measured: Measured) -> None:
        if measured.evidence is not None:
            self.state.evidence = {**self.state.evidence, measured.variant: measured.evidence}
        else:
            self.state.unmeasured = {**self.state.unmeasured, measured.variant: measured.reason}

    def _finish_evidence(self, problem: str) -> None:
        self.state.measuring = False
        if problem:
            self.state.unmeasured = dict.fromkeys(self._explorer.usable(), problem)

    def _empty(self, face: Face) -> None:
        for channels in (_CHANNELS, _DRAGGED):
            self._context.models.forget(channels[face])
        setattr(self.state, face, Outcome())

    def _ways(self, part: Part) -> Ways:
        choice = self._explorer.choice
        choices = {"all": choice.searches, "quick": (choice.greedy(),), "rest": (choice,)}[part]
        return Ways(choices, choice, self._explorer.usable())

    def _outcome(self, face: Face) -> Outcome:
        return self.state.analogy if face == "analogy" else self.state.concept

    @property
    def _cache(self) -> Any:
        return self._context.atlas.cache if self._context.atlas is not None else None

    # what the view is told

    def _show_limits(self) -> None:
        self.view.lengths.set_limits(self._explorer.limits)

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_face(self) -> None:
        self.view.show_face(self.state.face)

    def _show_operands(self) -> None:
        state = self.state
        self.view.show_operands({"a": state.a, "b": state.b, "c": state.c, "subject": state.subject})
        self.view.show_strengths(state.share, state.strength)

    def _show_groups(self) -> None:
        self.view.groups.show_groups(self.state.groups, self._explorer.selection >= 0)

    def _show_outcome(self) -> None:
        state, stage = self.state, self._explorer.models
        searching = state.face == "concept" and state.searching
        usual = _SEARCHING if searching else words.missing(state)
        outcome, moved = self._outcome(state.face), "a" if state.face == "analogy" else "x"
        if stage.kind == "failed":
            outcome = replace(outcome, busy=False)  # nobody waits for models that could not be loaded
        point = words.sent(outcome, words.name(state))
        self.view.show_outcome(outcome, moved, self._explorer.broken, stage.note(usual), point)

    def _show_evidence(self) -> None:
        state, measuring = self.state, self.state.measuring and self._explorer.models.kind != "failed"
        self.view.evidence.show_evidence(state.evidence, {**state.unmeasured, **self._explorer.broken}, measuring)
