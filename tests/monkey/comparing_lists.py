"""What shows lists: the steps of an interpolation, samples of the prior, the closer looks at a sentence, the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtWidgets import QLabel

from app.bench.interpolate.view import InterpolateView
from app.bench.reconstruct.view import ReconstructView
from app.core.picks import NOTHING, Pick
from app.core.values import Column
from app.widgets.parts import Segmented
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell
from engine.errors import LoomError
from engine.latents.paths import path
from tests.monkey import truth
from tests.monkey.looking import Case, Mismatch
from tests.monkey.truth import Floats

_LOOKED_AT = 8
"""Steps of a way that are decoded anew in each column: both ends, and some between."""


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
            said.append(Said(cell.text, int(first), int(last or first)))
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
        if shown[step] == wanted.text or truth.could_be(session, column.name, points[step], options, shown[step]):
            continue
        yield Mismatch(f"{where}, step {step}", shown[step], wanted.text)


def samples(case: Case) -> Iterator[Mismatch]:
    """Nothing yet."""
    yield from ()


def table(case: Case) -> Iterator[Mismatch]:
    """Nothing yet."""
    yield from ()


def _nothing(case: Case, view: ReconstructView, pick: Pick) -> Iterator[Mismatch]:
    yield from ()


LOOKS: dict[str, Callable[[Case, ReconstructView, Pick], Iterator[Mismatch]]] = dict.fromkeys(
    ("cloud", "credit", "tree", "fill"), _nothing
)
