"""The tabs that work in the latent spaces: moved points, sums of sentences, neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from PySide6.QtWidgets import QPushButton

from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.arithmetic.concept_editor import GroupEditor
from app.bench.neighbours.neighbours import Neighbours
from app.bench.neighbours.view import NeighboursView
from app.bench.traverse.state import REACH, VALUES
from app.bench.traverse.traverse import Traverse
from app.core.choice import Choice
from app.core.picks import NOTHING, Pick
from app.core.values import Column
from app.widgets.parts import Segmented
from app.widgets.pick_field import PickField
from app.widgets.sentences.sentence_cards import SentenceCards
from engine.errors import LoomError
from engine.latents.directions import Direction, Kind, moved, sliders
from tests.monkey import truth
from tests.monkey.looking import Case, Mismatch, cells_of, compare_card, number_of, said, sentence_in
from tests.monkey.truth import Floats

_NEAR = 1e-4
"""A share by which two distances may differ and still be the same."""


def traversal(case: Case) -> Iterator[Mismatch]:
    """The sliders of every column, and the sentence of the point that they have gone to."""
    tab = cast(Traverse, case.explorer.bench.tab("Traverse"))
    view, state = tab.view, tab.state
    pick = view.findChildren(PickField)[0].pick
    yield from _follows(case, "Traverse", view.findChildren(QPushButton), pick)
    if case.session is None or case.latents is None:
        return
    kind = cast(Kind, view.findChildren(Segmented)[0].value)
    count = int(number_of(view, "How many sliders"))
    for column in case.answering:
        where = f"Traverse, {column.label}"
        try:
            z = truth.z_of(case.session, pick, column.name, case.choice) if pick != NOTHING else None
        except LoomError:
            z = None
        labels, card = view.sliders.labels(column.name), view.cards.card(column.name)
        if z is None:
            if said(card) is not None:
                yield Mismatch(where, str(said(card)), "no sentence")
            continue
        directions = sliders(case.latents.statistics[column.name], count, kind)
        if len(labels) != len(directions):
            yield Mismatch(f"{where}, its sliders", f"{len(labels)}", f"{len(directions)}")
            continue
        positions = state.positions(column.name)
        for rank, position in enumerate(positions):
            shown = view.sliders.slider(column.name, rank).value() / 100
            if abs(shown - position) > 0.0051:
                yield Mismatch(f"{where}, slider {rank + 1}", f"{shown:.2f}", f"{position:.4f}")
        point = _moved(z, directions, positions, state.shifts[column.name])
        yield from compare_card(case, "Traverse", card, column, point, _shortest(case, pick), None)
        if view.grid.isVisibleTo(view) and state.rank < len(directions):
            rank = state.rank
            start = _moved(z, directions, positions, state.shifts[column.name], but=rank)
            yield from _steps(case, column, start, directions[rank], _shortest(case, pick))


def _moved(
    z: Floats, directions: Sequence[Direction], positions: Sequence[float], shifts: Sequence[float], but: int = -1
) -> Floats:
    places = [
        (direction, positions[rank] * direction.reach / REACH)
        for rank, direction in enumerate(directions)
        if shifts[rank] and rank != but
    ]
    return moved(z, places)


def _steps(case: Case, column: Column, z: Floats, direction: Direction, shortest: int | None) -> Iterator[Mismatch]:
    """The sentences along the chosen slider."""
    assert case.session is not None
    view = cast(Traverse, case.explorer.bench.tab("Traverse")).view
    place = case.columns.index(column)
    shown = [sentence_in(cell) for cell in cells_of(view.grid, place)]
    if len(shown) != len(VALUES):
        yield Mismatch(f"Traverse, {column.label}, along the slider", f"{len(shown)} sentences", str(len(VALUES)))
        return
    options = truth.options_of(case.choice, shortest)
    for value, text in list(zip(VALUES, shown, strict=True))[::4]:
        case.seen["sentences along a slider"] += 1
        point = moved(z, [(direction, value * direction.reach / REACH)])
        if not truth.could_be(case.session, column.name, point, options, text):
            wanted = truth.decoded(case.session, column.name, point, options).text
            yield Mismatch(f"Traverse, {column.label}, at {value:+.2f} of the slider", text, wanted)


def _shortest(case: Case, pick: Pick) -> int | None:
    """Words of a sentence that is shorter than any of the corpus, and can come back for all that."""
    assert case.session is not None
    if pick.is_point:
        return None
    count, usual = len(case.session.typed(pick.text).words), case.session.run.settings.corpus.min_words
    return count if count < usual else None


def _follows(case: Case, place: str, buttons: Sequence[QPushButton], pick: Pick) -> Iterator[Mismatch]:
    """Whether a field that follows the clicked sentence has it, or has been emptied since the click."""
    follow = next(each for each in buttons if each.text() == "Clicked")
    wanted = case.explorer.state.selection_text if case.explorer.state.selection >= 0 else ""
    if follow.isChecked() and pick.text not in ("", wanted):
        yield Mismatch(f"{place}, what follows the clicked sentence", pick.text, wanted)


def neighbours(case: Case) -> Iterator[Mismatch]:
    """The nearest test sentences of every column, by looking at each of them."""
    view = case.explorer.bench.tab("Neighbours").view
    assert isinstance(view, NeighboursView)
    pick = view.findChildren(PickField)[0].pick
    yield from _follows(case, "Neighbours", view.findChildren(QPushButton), pick)
    if case.session is None or case.latents is None:
        return
    kind, count = view.findChildren(Segmented)[0].value, int(number_of(view, "How many neighbours"))
    own = pick.index if not pick.is_point else -1
    for place, column in enumerate(case.columns):
        if column not in case.answering:
            continue
        shown = [cell.pick.index for cell in cells_of(view.grid, place) if cell.pick is not None]
        where = f"Neighbours, {column.label}"
        try:
            z = truth.z_of(case.session, pick, column.name, case.choice) if pick != NOTHING else None
        except LoomError:
            z = None
        if z is None:
            if shown:
                yield Mismatch(where, f"{len(shown)} sentences", "none")
            continue
        logvar = None
        if own >= 0 and not case.choice.sample:  # where the cache has it, whose numbers may be rounded
            z, logvar = case.latents.mu[column.name][own], case.latents.logvar[column.name][own]
        elif not pick.is_point and not case.choice.sample:
            logvar = case.session.encode(pick.text, [column.name])[column.name].logvar
        far = truth.distances(case.latents, column.name, z, logvar, kind)
        order = [i for i in np.argsort(far, kind="stable").tolist() if i != own][:count]
        if len(shown) != len(order):
            yield Mismatch(
                where, f"{len(shown)} sentences of “{pick.label}”, number {own}: {view.note}", f"{len(order)}"
            )
            continue
        case.seen["lists of neighbours"] += 1
        wrong = [
            (i, j) for i, j in zip(shown, order, strict=True) if abs(far[i] - far[j]) > _NEAR * (1 + abs(float(far[j])))
        ]
        if own in shown or len(set(shown)) != len(shown) or wrong:
            sentences = case.latents.sentences
            first = wrong[0] if wrong else (own, order[0])
            tab = cast(Neighbours, case.explorer.bench.tab("Neighbours"))
            inside = f"subject “{tab.subject.state.pick.text}”, stale {tab._stale}, sampled {case.choice.sample}"
            shown_first = f"{sentences[first[0]]} ({inside}; {view.note})"
            yield Mismatch(f"{where}, by {kind}, of “{pick.text}”", shown_first, sentences[first[1]])


def arithmetic(case: Case) -> Iterator[Mismatch]:
    """The sum, or the moved sentence, of every column; what the groups hold and how much their words would find."""
    tab = cast(Arithmetic, case.explorer.bench.tab("Arithmetic"))
    view = tab.view
    if view.face.value == "concept":
        for name, editor in view.groups.editors.items():
            yield from _group(case, name, editor, len(tab.state.groups[name].members))
    if case.session is None:
        return
    cards = view.outcome.findChildren(SentenceCards)[0]
    for column in case.answering:
        where = f"Arithmetic, {view.face.value}, {column.label}"
        card = cards.card(column.name)
        try:
            z = _sum(case, tab, column.name) if view.face.value == "analogy" else _concept(case, tab, column.name)
        except LoomError:
            z = None
        if z is not None:
            yield from compare_card(case, f"Arithmetic, {view.face.value}", card, column, z, None, None)
        elif said(card) is not None:
            yield Mismatch(where, str(said(card)), "no sentence")


def _group(case: Case, name: str, editor: GroupEditor, count: int) -> Iterator[Mismatch]:
    told = f"{count:,} sentence{'s' * (count != 1)}"
    if editor.count.text() != told:
        yield Mismatch(f"Arithmetic, the count of the group {name}", editor.count.text(), told)
    phrase = editor.field.text().strip()
    if not phrase or case.latents is None or case.session is None:
        return
    case.seen["searches of a group"] += 1
    found = int(truth.holds_words(case.latents.sentences, phrase).sum())
    wanted = f"Add all {found:,}" if found < 10_000 else "Add all"
    if not editor.all.text().startswith(wanted):
        yield Mismatch(f"Arithmetic, the sentences with {phrase!r} for the group {name}", editor.all.text(), wanted)


def _sum(case: Case, tab: Arithmetic, variant: str) -> Floats | None:
    """a + share (c - b); with samples, b and c have the next two seeds."""
    picks = [tab.view.fields[name].pick for name in ("a", "b", "c")]
    if not all(pick.text for pick in picks):
        return None
    assert case.session is not None
    for pick in picks:
        if not pick.is_point:
            case.session.typed(pick.text)
    a, b, c = (truth.z_of(case.session, pick, variant, case.choice, i).astype(float) for i, pick in enumerate(picks))
    return (a + tab.view.sliders["analogy"].value * (c - b)).astype(np.float32)


def _concept(case: Case, tab: Arithmetic, variant: str) -> Floats | None:
    """x + strength (mean of mu with - mean of mu without), without the sentences that are in both groups."""
    subject, strength = tab.view.fields["subject"].pick, tab.view.sliders["concept"].value
    groups = [tab.state.groups[name].members for name in tab.view.groups.editors]
    keys = [{member.key for member in members} for members in groups]
    apart = [[member.pick for member in members if member.key not in keys[0] & keys[1]] for members in groups]
    if not subject.text or not all(apart):
        return None
    assert case.session is not None
    if not subject.is_point:
        case.session.typed(subject.text)
    start = truth.z_of(case.session, subject, variant, case.choice).astype(float)
    means = [np.mean([_mu(case, pick, variant) for pick in picks], axis=0) for picks in apart]
    return (start + strength * (means[0] - means[1])).astype(np.float32)


def _mu(case: Case, pick: Pick, variant: str) -> Floats:
    assert case.session is not None
    if pick.index >= 0 and not pick.is_point and case.latents is not None and variant in case.latents.mu:
        return case.latents.mu[variant][pick.index].astype(np.float64)  # type: ignore[no-any-return]
    return truth.z_of(case.session, pick, variant, Choice()).astype(np.float64)  # type: ignore[return-value]
