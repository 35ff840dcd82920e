"""What shows lists: the steps of an interpolation, samples of the prior, the closer looks at a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from app.bench.interpolate.view import InterpolateView
from app.bench.reconstruct.inspection.beam_tree_view import BeamTreeView
from app.bench.reconstruct.inspection.cloud_view import CloudView
from app.bench.reconstruct.inspection.credit_view import CreditView
from app.bench.reconstruct.inspection.fill_view import FillView
from app.bench.reconstruct.view import ReconstructView
from app.bench.samples.view import PriorSamplesView
from app.core.picks import NOTHING, Pick
from app.core.values import Column
from app.widgets.parts import Segmented
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell
from engine.corpus.tokens import detokenize
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from engine.latents.paths import path
from engine.sentences.filling import fill as filled
from engine.sentences.memorisation import nearest_training, training_corpus
from engine.sentences.posterior_cloud import posterior_cloud
from engine.sentences.prior_samples import prior_samples
from engine.sentences.token_credit import decoded_credit, token_credit
from tests.monkey import truth
from tests.monkey.looking import Case, Mismatch, cells_of, labels, number_of, sentence_in
from tests.monkey.truth import Floats

_LOOKED_AT = 8
"""Steps of a way that are decoded anew in each column: both ends, and some between. Of samples, the first of them."""
_SPARE = 4  # sentences behind the last that is shown, with which that may change places
_TIED = 2e-3  # nats by which scores may differ and still be the same
_NEW_LINE = "\N{LINE SEPARATOR}"
V = TypeVar("V")


@dataclass(frozen=True)
class Said:
    """A cell of a way: the sentence, and the steps that it is of."""

    text: str
    first: int
    last: int


def interpolation(case: Case) -> Iterator[Mismatch]:
    """The slider with its words, and the sentence of every step."""
    view = case.explorer.bench.tab("Interpolate").view
    assert isinstance(view, InterpolateView)
    stops = [view.fields["A"].pick, *(field.pick for field in view.stops.fields), view.fields["B"].pick]
    whole = NOTHING not in (stops[0], stops[-1])
    given = [stop for stop in stops if stop != NOTHING]
    last = (len(given) - 1 if whole else 1) * view.steps.value()
    slider = view.slider
    if slider.maximum() != last:
        yield Mismatch("Interpolate, the end of the slider", str(slider.maximum()), str(last))
    step = f"{slider.value()} / {slider.maximum()}"
    if not any(each.text() == step for each in view.findChildren(QLabel)):
        yield Mismatch("Interpolate, the words beside the slider", "other ones", step)
    if case.session is None:
        return
    grid = view.findChildren(SentenceGrid)[0]
    slerp = view.findChildren(Segmented)[0].value == "slerp"
    for place, column in enumerate(case.columns):
        if column not in case.answering:
            continue
        said = _steps_said(grid, place)
        points = _way(case, given, column, view.steps.value(), slerp) if whole else None
        if points is None:
            if said:
                yield Mismatch(f"Interpolate, {column.label}", said[0].text, "no steps")
            continue
        yield from _compare_way(case, column, points, said)


def _way(case: Case, given: list, column: Column, steps: int, slerp: bool) -> Floats | None:  # type: ignore[type-arg]
    """The points (steps, latent) of a way; None where one of its stops has none."""
    session = case.session
    assert session is not None
    try:
        for stop in given:
            if not stop.is_point:
                session.typed(stop.text)
        ends = [truth.z_of(session, stop, column.name, case.choice, i) for i, stop in enumerate(given)]
    except LoomError:
        return None
    return path(np.stack(ends), steps, slerp)


def _steps_said(grid: SentenceGrid, column: int) -> list[Said]:
    said = []
    for row in grid.rows:
        cell: Cell = row.cells[column]
        if cell.number:
            first, _, last = cell.number.partition("–")
            said.append(Said(sentence_in(cell), int(first), int(last or first)))
    return said


def _compare_way(case: Case, column: Column, points: Floats, said: list[Said]) -> Iterator[Mismatch]:
    session, where = case.session, f"Interpolate, {column.label}"
    assert session is not None
    shown = {step: each.text for each in said for step in range(each.first, each.last + 1)}
    missing = sorted(set(range(len(points))) - set(shown))
    if missing or len(shown) != len(points):
        yield Mismatch(f"{where}, its steps", f"{len(shown)} steps, without {missing[:5]}", f"{len(points)} steps")
        return
    options = truth.options_of(case.choice)
    chosen = sorted({round(i) for i in np.linspace(0, len(points) - 1, _LOOKED_AT)})
    for step, wanted in zip(chosen, session.decode(column.name, points[chosen], options), strict=True):
        case.seen["steps of a way"] += 1
        if shown[step] == wanted.text or truth.could_be(session, column.name, points[step], options, shown[step]):
            continue
        yield Mismatch(f"{where}, step {step}", shown[step], wanted.text)


def samples(case: Case) -> Iterator[Mismatch]:
    """Sentences of the prior, and what is said of their nearest training sentences."""
    view = case.explorer.bench.tab("Prior samples").view
    assert isinstance(view, PriorSamplesView)
    if case.session is None:
        return
    seed, count, filtered = view.seed.value(), view.count.value(), view.filter.isChecked()
    options = truth.options_of(case.choice)
    if view.words.value == "sample":
        heat, share = round(view.temperature.value(), 2), round(view.top_p.value(), 2)
        options = DecodeOptions(method="sample", temperature=heat, top_p=share, seed=seed)
    if not any(f"z ~ N(0, I), seed {seed}, " in text for text in labels(view)):
        yield Mismatch("Prior samples, how they were drawn", "another draw", f"seed {seed}")
    grid = view.findChildren(SentenceGrid)[0]
    for place, column in enumerate(case.columns):
        if column not in case.answering:
            continue
        cells = cells_of(grid, place)[1:]
        if len(cells) != count and not (filtered and len(cells) < count):
            yield Mismatch(f"Prior samples, {column.label}", f"{len(cells)} sentences", f"{count}")
        wanted = min(len(cells), _LOOKED_AT)  # a draw is known by its number, whatever comes after it
        if not wanted:
            continue
        *_, drawn = prior_samples(case.session, wanted, options, seed, (column.name,), filtered)
        for i, (cell, sample) in enumerate(zip(cells, drawn.samples, strict=False)):
            made, text = sample.decoded, cell.spans[0].text
            case.seen["samples of the prior"] += 1
            if text == made.text:
                continue
            if options.method == "sample" or not truth.could_be(case.session, column.name, made.z, options, text):
                yield Mismatch(f"Prior samples, {column.label}, {i + 1}", text, made.text)
        if view.nearest.isChecked():
            made = [(cell, sample.decoded.words) for cell, sample in zip(cells, drawn.samples, strict=False)]
            yield from _nearest(case, view, column, made)


def _nearest(
    case: Case, view: PriorSamplesView, column: Column, made: Sequence[tuple[Cell, tuple[str, ...]]]
) -> Iterator[Mismatch]:
    """The words of the nearest training sentence under each sample; of a corpus that is not there, why.

    Args:
        case, view, column: where.
        made: the cells, and the tokens of the sentence in each, which its text does not tell (two marks in a row).
    """
    assert case.session is not None
    where = f"Prior samples, {column.label}, nearest training sentences"
    try:
        corpus = training_corpus(case.session.run, case.explorer.context.workspace)
    except LoomError as error:
        if not any(error.message in text for text in labels(view)):
            yield Mismatch(where, "no word of it", error.message)
        return
    looked_at = [(cell, words) for cell, words in made if words]
    if not looked_at:
        return
    *_, found = nearest_training(corpus, [words for _, words in looked_at])
    for (cell, _), near in zip(looked_at, found.nearest, strict=True):
        assert near is not None
        case.seen["nearest training sentences"] += 1
        wanted = "found verbatim" if near.edits == 0 else f"{near.edits} token"
        if wanted not in cell.text.partition(_NEW_LINE)[2]:
            yield Mismatch(where, cell.text, f"{wanted} ({near.text})")


def cloud(case: Case, view: ReconstructView, pick: Pick) -> Iterator[Mismatch]:
    """How often each sentence came of samples of q(z|x)."""
    look = view.findChildren(CloudView)[0]
    draws, seed = number_of(look, "How many samples"), number_of(look, "The seed of the first sample")

    def wanted(variant: str) -> Mapping[str, int]:
        assert case.session is not None
        options = truth.options_of(case.choice)
        *_, grown = posterior_cloud(case.session, pick.text, int(draws), options, int(seed), (variant,))
        return {group.decoded.text: group.count for group in grown.groups}  # type: ignore[union-attr]

    for place, column, said in _answers(case, look):
        counts = Counter({_text(cell): int(cell.number.rstrip("×")) for cell in said if cell.number})
        case.seen["posterior clouds"] += bool(counts)
        expected = Counter(_or_none(wanted, column.name) if pick.text and not pick.is_point else {})
        if sum((counts - expected).values()) + sum((expected - counts).values()) > 2:  # one draw may hang on rounding
            yield Mismatch(f"Posterior cloud, {column.label} ({place})", str(dict(counts)), str(dict(expected)))


def fill(case: Case, view: ReconstructView, pick: Pick) -> Iterator[Mismatch]:
    """The best ways to fill the blanks."""
    look = view.findChildren(FillView)[0]
    count = int(number_of(look, "How many ways"))
    blank = bool(pick.text) and not pick.is_point and "_" in pick.text

    def wanted(variant: str) -> Mapping[str, float]:
        assert case.session is not None
        *_, found = filled(case.session, pick.text, (variant,), count + _SPARE, seed=case.choice.seed)
        return {each.text: each.log_probability for each in found.fillings}  # type: ignore[union-attr]

    for place, column, said in _answers(case, look):
        shown = [_text(cell) for cell in said if cell.number]
        expected = _or_none(wanted, column.name) if blank else {}
        case.seen["lists of fillings"] += bool(shown)
        yield from _compare_ranks(f"Fill a blank, {column.label} ({place})", shown, expected, count)


def tree(case: Case, view: ReconstructView, pick: Pick) -> Iterator[Mismatch]:
    """The n best sentences of the beam, as a list or as the ends of the tree that is drawn."""
    look = view.findChildren(BeamTreeView)[0]
    width = case.choice.beam if case.choice.method == "beam" else 1
    normal = case.choice.length_normalisation if case.choice.method == "beam" else 0.0
    made = replace(case.choice, method="beam", beam=width, length_normalisation=normal)
    count = min(case.choice.n_best, width)

    def wanted(variant: str) -> Mapping[str, float]:
        session = case.session
        assert session is not None
        options = replace(truth.options_of(made), n_best=min(width, count + _SPARE))
        if not pick.is_point:
            options = session.fitted(options, session.typed(pick.text))
        z = truth.z_of(session, pick, variant, case.choice)
        best = session.n_best(variant, z[None], options)[0]
        power = {each.text: each.log_probability / (len(each.words) + 1) ** normal for each in best}
        return dict(sorted(power.items(), key=lambda item: -item[1]))

    listed = look.what.value == "list"
    for place, column, said in _answers(case, look):
        if not listed and column.name != look.variant.currentData():
            continue
        shown = [_text(cell) for cell in said if cell.number] if listed else _drawn(look)
        expected = _or_none(wanted, column.name) if pick.text else {}
        case.seen["beams"] += bool(shown)
        yield from _compare_ranks(f"Beam tree, {column.label} ({place})", shown, expected, count)


def credit(case: Case, view: ReconstructView, pick: Pick) -> Iterator[Mismatch]:
    """What z adds to each word: the sum, and how many words there are."""
    look, session = view.findChildren(CreditView)[0], case.session
    assert session is not None
    for column in case.answering:
        card = look.cards[column.name]
        shown = card.sum.text() if card.sum.isVisibleTo(look) else ""
        try:
            if not pick.text:
                raise LoomError("nothing is typed")
            if pick.is_point:
                z = truth.z_of(session, pick, column.name, case.choice)
                made = decoded_credit(
                    session, column.name, truth.decoded(session, column.name, z, truth.options_of(case.choice))
                )
            else:
                (found,) = token_credit(session, pick.text, (column.name,), case.choice.sample, case.choice.seed)
                made = found  # type: ignore[assignment]
            total = sum(token.credit for token in made.tokens)
        except LoomError:
            if shown:
                yield Mismatch(f"Token credit, {column.label}", shown, "no words")
            continue
        case.seen["token credits"] += 1
        number = re.search(r"Σ ([+−]?[\d.]+)", shown)
        if number is None or abs(float(number[1].replace("−", "-")) - total) > 0.11:
            yield Mismatch(f"Token credit, {column.label}", shown, f"Σ {total:+.2f}")


LOOKS: dict[str, Callable[[Case, ReconstructView, Pick], Iterator[Mismatch]]] = {
    "cloud": cloud, "credit": credit, "tree": tree, "fill": fill,
}  # fmt: skip


def _answers(case: Case, view: QWidget) -> Iterator[tuple[int, Column, list[Cell]]]:
    """The columns that can answer, with what the list of a look says in them."""
    grid = view.findChildren(SentenceGrid)[0]
    for place, column in enumerate(case.columns):
        if column in case.answering:
            yield place, column, cells_of(grid, place)


def _text(cell: Cell) -> str:
    return cell.pick.text if cell.pick is not None else ""


def _or_none(wanted: Callable[[str], Mapping[str, V]], variant: str) -> Mapping[str, V]:
    """What is wanted of a variant; nothing where the engine refuses."""
    try:
        return wanted(variant)
    except LoomError:
        return {}


def _compare_ranks(where: str, shown: Sequence[str], wanted: Mapping[str, float], count: int) -> Iterator[Mismatch]:
    """Whether sentences stand in the order of their scores; equal scores may change places."""
    best = list(wanted)[:count]
    if len(shown) != len(best):
        yield Mismatch(where, f"{len(shown)} sentences: {list(shown)[:3]}", f"{len(best)}: {best[:3]}")
        return
    for rank, (text, other) in enumerate(zip(shown, best, strict=True), start=1):
        if text != other and abs(wanted.get(text, -1e9) - wanted[other]) > _TIED:
            yield Mismatch(f"{where}, rank {rank}", text, other)
            return


def _drawn(view: BeamTreeView) -> list[str]:
    """The sentences at the ends of the tree that is drawn, the best first."""
    if view.empty:
        return []
    nodes = view.canvas._nodes
    ranked: dict[int, str] = {}
    for node in nodes:
        if node.rank >= 0 and node.rank not in ranked:
            words, at = [], node.parent
            while nodes[at].parent >= 0:
                words.append(nodes[at].text)
                at = nodes[at].parent
            ranked[node.rank] = detokenize(tuple(reversed(words)))
    return [ranked[rank] for rank in sorted(ranked)]
