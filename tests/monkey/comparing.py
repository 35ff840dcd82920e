"""Whether what the window shows at rest is what is wanted of it: the maps, the clicked sentence, and the open tab.

Every comparison reads the wish from the window's fields and controls and the answer from its cards, lists and pictures,
and computes the answer anew from models and arrays of its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import zstandard
from numpy.typing import NDArray

from app.bench.reconstruct.view import ReconstructView
from app.bench.rows import GatheredRow
from app.bench.table.table import Table
from app.core.picks import Pick
from app.shell.explorer import Explorer
from app.widgets.pick_field import PickField
from app.widgets.sentences.sentence_cards import SentenceCards
from app.widgets.sentences.sentence_grid import SentenceGrid
from engine.corpus.tokens import tokenize
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from engine.runs.run import Run
from tests.monkey import truth
from tests.monkey.comparing_lists import LOOKS, interpolation, samples
from tests.monkey.comparing_paths import path
from tests.monkey.comparing_spaces import arithmetic, neighbours, traversal
from tests.monkey.looking import NO_WORDS, Case, Mismatch, choice_of, compare_card, labels, plain, said
from tests.monkey.truth import Truth

_HOW = re.compile(r"z = μ, (?:beam (\d+)|greedy)")

Comparison = Callable[[Case], Iterator[Mismatch]]


class Comparisons:
    """Compares a window with the truth about the run that is open in it."""

    def __init__(self, explorer: Explorer, known: Truth) -> None:
        self._explorer, self._truth = explorer, known
        self._opened: tuple[object, ...] = ()
        explorer.state.events.maps.connect(self._note_opening, check_nargs=False, max_args=0)
        self._note_opening()
        self.seen: Counter[str] = Counter()

    def forget(self) -> None:
        """Let go of the models and arrays that were read to compare with; they are read again when they are wanted."""
        self._truth.forget()

    def mismatches(self) -> list[Mismatch]:
        """All that is shown wrongly now; the window has come to rest."""
        case = self._case()
        if case is None:
            return []
        state = self._explorer.state
        parts: list[Comparison] = [head, search, clicked, verdicts, path]
        if state.page in ("Explore", "Train"):  # the others show files of their own
            parts.append(TABS[state.tab] if state.page == "Explore" else training)
        found: list[Mismatch] = []
        for part in parts:
            try:
                found += part(case)
            except LoomError as error:
                found.append(Mismatch(part.__name__, "(could not be computed)", str(error)))
        return found

    def _case(self) -> Case | None:
        """None where the run that is open has been trained further since, so that nothing can be compared."""
        state, choice = self._explorer.state, choice_of(self._explorer)
        if self._now() != self._opened:
            return None
        session = self._truth.session(state.run, state.step) if state.models.kind == "ready" else None
        latents = self._truth.latents(state.run, state.step) if state.maps.kind == "ready" else None
        return Case(self._explorer, choice, session, latents, self.seen)

    def _note_opening(self) -> None:
        if self._explorer.state.maps.kind == "loading":
            self._opened = self._now()

    def _now(self) -> tuple[object, ...]:
        state = self._explorer.state
        return state.run, state.step, self._truth.stamp(state.run)


def head(case: Case) -> Iterator[Mismatch]:
    """The title and the open tab."""
    explorer, state = case.explorer, case.explorer.state
    if explorer.window.windowTitle() != f"Latent Loom - {state.subject}":
        yield Mismatch("the title", explorer.window.windowTitle(), state.subject)
    if explorer.window.bench.current != state.tab:
        yield Mismatch("the open tab", explorer.window.bench.current, state.tab)
    if choice_of(explorer) != state.choice:
        yield Mismatch("how sentences are made", str(choice_of(explorer)), str(state.choice))
    if (state.step is not None) != bool(explorer.window.strip.text):
        yield Mismatch("the strip of the step", explorer.window.strip.text, str(state.step))


def search(case: Case) -> Iterator[Mismatch]:
    """The count of the sentences that hold what stands in the search, and the points that are dimmed for it."""
    if case.latents is None:
        return
    bar = case.explorer.window.toolbar
    phrase = "" if truth.is_refused(bar.search.text()) else bar.search.text()
    found = truth.holds(case.latents.sentences, phrase)
    case.seen["searches"] += bool(phrase.strip())
    wanted = f"{int(found.sum()):,} found" if phrase.strip() else ""
    shown = bar._matches.accessibleName()  # its text is shorter where there is little room
    if shown != wanted:
        yield Mismatch(f"the count of the search for {phrase!r}", shown, wanted)
    yield from _list_of_hits(case, np.flatnonzero(found) if phrase.strip() else np.zeros(0, np.int64))
    chosen = selection_of(case)
    yield from selection(case, chosen)
    in_front = chosen is not None and (case.explorer.maps.selecting.state.in_front or not phrase.strip())
    bright = chosen if in_front else found if phrase.strip() else None
    for name, panel in case.explorer.window.maps.panels.items():
        dimmed, wish = panel.map._dimmed, None if bright is None else ~bright
        kept = case.explorer.maps.colours.kept(name)  # a part of the scale alone keeps its colour
        wish = wish if kept is None else ~kept if wish is None else wish | ~kept
        right = dimmed is wish if dimmed is None or wish is None else np.array_equal(dimmed, wish)
        if name in case.latents.mu and not right:
            told = [f"{int(mask.sum())} points" if mask is not None else "none" for mask in (dimmed, wish)]
            yield Mismatch(f"dimmed on the maps, search {phrase!r}, selection {in_front}", told[0], told[1])
            return


def selection_of(case: Case) -> NDArray[np.bool_] | None:
    """The selected sentences (n,), read from what the next start would be given; None for none."""
    chosen = case.explorer.maps.selecting.controller.wish().chosen
    return chosen.mask() if chosen.count else None


def selection(case: Case, chosen: NDArray[np.bool_] | None) -> Iterator[Mismatch]:
    """The count beside the tools, and the list of what is selected, if it is there."""
    explorer = case.explorer
    count = int(chosen.sum()) if chosen is not None else 0
    case.seen["selections"] += count > 0
    said = explorer.window.toolbar.selection.count.accessibleName()
    n = len(case.latents.sentences) if case.latents is not None else 0
    wanted = f"{count:,} of {n:,} selected" if count else "Nothing is selected"
    if said != wanted:
        yield Mismatch("the count of the selection", said, wanted)
    drawer = explorer.maps.selecting.listing.drawer
    if drawer is not None and drawer.isVisible() and drawer.model.rowCount() != count:
        yield Mismatch("how many selected sentences are listed", str(drawer.model.rowCount()), str(count))


def _list_of_hits(case: Case, places: NDArray[np.int64]) -> Iterator[Mismatch]:
    """The rows of the list beside the maps, if it is there, and the one that is clicked."""
    drawer, latents = case.explorer.maps.listing.drawer, case.latents
    if latents is None or drawer is None or not drawer.isVisible():
        return
    listed = drawer.list
    if drawer.model.rowCount() != len(places):
        yield Mismatch("how many hits are listed", str(drawer.model.rowCount()), str(len(places)))
        return
    first, last = listed.rowAt(0), listed.rowAt(listed.viewport().height() - 1)
    for row in range(max(0, first), (last if last >= 0 else len(places) - 1) + 1) if len(places) else ():
        shown, wanted = drawer.model.text(row), latents.sentences[places[row]]
        if shown != wanted:
            yield Mismatch(f"hit {row + 1} in the list", shown, wanted)
            return
    hit = case.explorer.maps.state.hit
    clicked = next(iter(np.flatnonzero(places == case.explorer.state.selection)), -1)
    if hit != clicked:
        yield Mismatch("the hit that is clicked", str(hit), str(clicked))
    if hit >= 0 and listed.currentIndex().row() != hit:
        yield Mismatch("the hit that is marked", str(listed.currentIndex().row()), str(hit))


def clicked(case: Case) -> Iterator[Mismatch]:
    """The clicked sentence above its cards, its ring on the maps, and what each model makes of it."""
    explorer, state = case.explorer, case.explorer.state
    if case.latents is None:
        return
    text = case.latents.sentences[state.selection] if state.selection >= 0 else ""
    if state.selection >= 0 and explorer.window.decoded.source.text != text:
        yield Mismatch("the clicked sentence", explorer.window.decoded.source.text, text)
    for name, panel in explorer.window.maps.panels.items():
        if name in case.latents.mu and panel.map._selection != state.selection:
            yield Mismatch(f"the ring on the map of {name}", str(panel.map._selection), str(state.selection))
    yield from sentence_cards(case, "the clicked sentence's card", explorer.window.decoded.cards, Pick(text))


def verdicts(case: Case) -> Iterator[Mismatch]:
    """The verdict beneath each map, from the KL of all its sentences; a diagnosis can only make it worse."""
    if case.latents is None:
        return
    for name, panel in case.explorer.window.maps.panels.items():
        if name not in case.latents.mu:
            continue
        mu, logvar = (np.asarray(each[name], np.float64) for each in (case.latents.mu, case.latents.logvar))
        kl = float((0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)).sum(axis=1).mean())
        wanted = "Collapsed" if kl < 1 else "Weak" if kl < np.log(1000) else ""
        shown = "" if panel.badge.isHidden() else panel.badge.text().partition(":")[0]
        case.seen["verdicts"] += bool(wanted)
        if shown not in (f"{wanted} (estimate)" if wanted else "", wanted, "Collapsed"):
            yield Mismatch(f"the verdict beneath the map of {name}, KL {kl:.2f}", shown, wanted)


def sentence_cards(case: Case, place: str, cards: SentenceCards, pick: Pick) -> Iterator[Mismatch]:
    """Cards with what each model makes of a sentence or a point; without either they are empty."""
    if case.session is None:
        return
    for column in case.answering:
        card = cards.card(column.name)
        try:
            shortest = None
            if pick.text and not pick.is_point:
                typed = case.session.typed(pick.text)
                shortest = min(len(typed.words), case.session.run.settings.corpus.min_words)
            z = truth.z_of(case.session, pick, column.name, case.choice) if pick.text else None
        except LoomError:
            z = None
        if z is None:
            if said(card) is not None:
                yield Mismatch(f"{place}, {column.label}", str(said(card)), "no sentence")
            continue
        source = (pick.how if pick.is_point else case.choice.source) or None
        yield from compare_card(case, place, card, column, z, shortest, source)


def reconstruction(case: Case) -> Iterator[Mismatch]:
    """The Reconstruct tab: its cards, or the closer look that is open."""
    view = case.explorer.bench.tab("Reconstruct").view
    assert isinstance(view, ReconstructView)
    pick = view.findChildren(PickField)[0].pick
    if view.looks.value == "sentence":
        yield from sentence_cards(case, "Reconstruct", view.findChildren(SentenceCards)[0], pick)
    elif case.session is not None:
        yield from LOOKS[view.looks.value](case, view, pick)


def table(case: Case) -> Iterator[Mismatch]:
    """The rows are those that were gathered; one of them that says how it was made is made again."""
    tab = cast(Table, case.explorer.bench.tab("Table"))
    gathered, grid = tab.state.gathered, tab.view.findChildren(SentenceGrid)[0]
    told = f"{len(gathered)} row{'s' * (len(gathered) != 1)}" if gathered else ""
    said = [text.partition(" of ")[0] for text in labels(tab.view)]  # "2 rows of 2 runs"
    if gathered and (told not in said or len(grid.rows) != len(gathered)):
        yield Mismatch("Table, its rows", f"{len(grid.rows)} rows", told)
        return
    case.seen["rows of the table"] += len(gathered)
    for number, (row, made) in enumerate(zip(grid.rows, gathered, strict=False)):
        for place, column in enumerate(case.columns):
            wanted = made.sentences.get(column.name, "") or "—"
            if row.cells[place].text != wanted:
                yield Mismatch(f"Table, row {number + 1}, {column.label}", row.cells[place].text, wanted)
    open_now = case.explorer.state.origin
    ours = [row for row in gathered if row.origin == open_now and row.path is None and _HOW.fullmatch(row.how)]
    if ours and case.session is not None:
        yield from _made_again(case, ours[len(gathered) % len(ours)])


def _made_again(case: Case, row: GatheredRow) -> Iterator[Mismatch]:
    how, session = _HOW.fullmatch(row.how), case.session
    assert how is not None
    assert session is not None
    options = DecodeOptions(method="greedy") if how[1] is None else DecodeOptions(beam=int(how[1]))
    for variant, text in row.sentences.items():
        try:
            options = session.fitted(options, session.typed(row.source))
            z = session.encode(row.source, [variant])[variant].z
        except LoomError:
            continue
        case.seen["sentences of the table made again"] += 1
        if not truth.could_be(session, variant, z, options, text):
            wanted = truth.decoded(session, variant, z, options).text
            yield Mismatch(f"Table, “{row.source}” by {variant}, {row.how}", text, wanted)


def training(case: Case) -> Iterator[Mismatch]:
    """The Train page: its checkpoints, and the sentences of the chosen evaluation, as the run's files have them.

    Nothing is compared while a training writes them.
    """
    train = case.explorer.train
    page, folder = train.page, train.controller.path
    if train.state.own.alive or folder is None or not page.showing_training:
        return
    case.seen["trainings that are followed"] += 1
    if page.head.name.text() != folder.name:
        yield Mismatch("Train, the run", page.head.name.text(), folder.name)
    run = Run.open(folder)
    kept = [set(run.checkpoints(variant.name).steps()) for variant in run.variants]
    steps = sorted(set.intersection(*kept)) if kept else []
    slider = page.checkpoints.slider
    wanted = f"step {steps[min(slider.value(), len(steps) - 1)]:,}" if steps else "none yet"
    if slider.maximum() != max(0, len(steps) - 1) or wanted not in labels(page.checkpoints):
        yield Mismatch("Train, the checkpoints", f"{slider.value()} of {slider.maximum()}", f"{wanted} of {steps}")
    yield from _probes(case, folder)


def _probes(case: Case, folder: Path) -> Iterator[Mismatch]:
    """The sentences that each variant wrote at the evaluation that is chosen."""
    page, run = case.explorer.train.page, Run.open(folder)
    logs = [_probe_lines(run.probe_path(variant.name)) for variant in run.variants]
    steps = sorted(set.intersection(*(set(log) for log in logs))) if logs else []
    slider = page.probe.slider
    if not steps or not page.probe.texts or slider.maximum() != len(steps) - 1:
        return
    for row, shown in enumerate(page.probe.texts):
        for log, text in zip(logs, shown[1:], strict=True):
            case.seen["sentences of evaluations"] += 1
            wanted = " ".join(tokenize(log[steps[slider.value()]][row]))
            if " ".join(tokenize(plain(text))) != wanted and plain(text) != NO_WORDS:
                yield Mismatch(f"Train, evaluation {steps[slider.value()]}, sentence {row + 1}", plain(text), wanted)


def _probe_lines(path: Path) -> dict[int, list[str]]:
    """What was written at each evaluation."""
    if not path.is_file():
        return {}
    packed = path.suffix == ".zst"
    lines = (zstandard.decompress(path.read_bytes()) if packed else path.read_bytes()).decode().splitlines()
    return {int(line["step"]): list(line["reconstructions"]) for line in map(json.loads, lines)}


TABS: dict[str, Comparison] = {
    "Reconstruct": reconstruction,
    "Interpolate": interpolation,
    "Prior samples": samples,
    "Traverse": traversal,
    "Arithmetic": arithmetic,
    "Neighbours": neighbours,
    "Table": table,
}
