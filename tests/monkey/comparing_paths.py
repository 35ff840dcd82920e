"""Whether the window of a path shows what lies along the line on the map, and what the models say there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from app.core.values import Column
from app.maps.tracing.layer import PathLayer
from app.widgets.sentences.sentence_grid import SentenceGrid
from tests.monkey import truth
from tests.monkey.looking import NO_WORDS, Case, Mismatch, sentence_in
from tests.monkey.truth import Floats

_AROUND, _NEIGHBOURS = 8, 15  # sentences of a guess; neighbours of a sentence
_LOOKED_AT = 4  # steps that are decoded anew in each column
_CLOSE = 1e-3  # share by which distances may differ and still be the same


def path(case: Case) -> Iterator[Mismatch]:
    """The steps of a path, if one is in view: their sentences, and what is decoded at some of them."""
    tracing = case.explorer.maps.tracing
    window, line = tracing.window, tracing.state.line
    shown = window is not None and window.isVisible()
    if shown != tracing.shown:
        yield Mismatch("the window of a path", f"in view: {shown}", f"in view: {tracing.shown}")
    if window is None or line is None or not shown or case.latents is None or not window.grid.rows:
        return
    layer = case.explorer.window.maps.panels[line.variant].map.scene().beneath.path
    if not isinstance(layer, PathLayer) or len(layer.steps) != len(window.grid.rows):
        yield Mismatch("the steps of a path on the map", str(layer), f"{len(window.grid.rows)} steps")
        return
    case.seen["paths"] += 1
    drawn = window.way.value == "drawn"
    yield from (_of_guesses if drawn else _along_sentences)(case, line.variant, window.grid, layer)


def _of_guesses(case: Case, variant: str, grid: SentenceGrid, layer: PathLayer) -> Iterator[Mismatch]:
    """Evenly spaced places, and the mean of the sentences around each of them."""
    assert case.latents is not None
    corners = np.array(layer.line)
    pieces = np.hypot(*np.diff(corners, axis=0).T)
    places = np.array(layer.steps)
    x, y = case.explorer.window.maps.panels[variant].map.places
    for step, place in enumerate(places):
        far = step / (len(places) - 1) * pieces.sum()
        piece = min(int(np.searchsorted(pieces.cumsum(), far)), len(pieces) - 1)
        share = (far - pieces[:piece].sum()) / max(pieces[piece], 1e-12)
        wanted = corners[piece] + share * (corners[piece + 1] - corners[piece])
        if not np.allclose(place, wanted, atol=1e-4 * pieces.sum()):
            yield Mismatch(f"the place of step {step + 1} of a path", str(place), str(wanted))
    chosen = _some(len(places))
    points: dict[str, list[Floats]] = {name: [] for name in case.latents.mu}
    for step in chosen:
        squared = np.square(x.astype(float) - places[step, 0]) + np.square(y.astype(float) - places[step, 1])
        squared[np.isnan(squared)] = np.inf
        near = np.argsort(squared, kind="stable")[: _AROUND + 1]
        if len(near) > _AROUND and squared[near[-1]] <= squared[near[-2]] * (1 + _CLOSE):
            return  # which of two is among them depends on rounding
        yield from _sentence(case, grid, step, set(near[squared[near] <= squared[near[0]] * (1 + _CLOSE) + 1e-9]))
        near = near[:_AROUND]
        weights = 1 / np.maximum(squared[near] / squared[near].max(), 1e-12)
        for name, mu in case.latents.mu.items():
            points[name].append((weights @ mu[near].astype(float) / weights.sum()).astype(np.float32))
    yield from _decoded(case, grid, chosen, {name: np.array(rows) for name, rows in points.items()})


def _along_sentences(case: Case, variant: str, grid: SentenceGrid, layer: PathLayer) -> Iterator[Mismatch]:
    """Each step is a neighbour of the next, where all sentences are looked at, and lies where the sentence does."""
    assert case.latents is not None
    indices = [row.cells[0].pick.index if row.cells[0].pick is not None else -1 for row in grid.rows]
    x, y = case.explorer.window.maps.panels[variant].map.places
    mu = case.latents.mu[variant]
    for step, index in enumerate(indices):
        yield from _sentence(case, grid, step, {index})
        if not np.allclose(layer.steps[step], (x[index], y[index]), atol=1e-5):
            yield Mismatch(f"the place of step {step + 1} of a path", str(layer.steps[step]), str((x[index], y[index])))
    for one, other in pairwise(indices):
        length = float(np.linalg.norm(mu[one].astype(float) - mu[other]))
        ranks = [
            len({row.tobytes() for row in mu[np.linalg.norm(mu - mu[end], axis=1) < length * (1 - _CLOSE)]})
            for end in (one, other)
        ]
        if min(ranks) > _NEIGHBOURS + 1 and len(mu) <= 12_000:
            yield Mismatch("neighbours along a path", f"{one} and {other}, {ranks} nearer", f"at most {_NEIGHBOURS}")
    chosen = _some(len(indices))
    some = [indices[step] for step in chosen]
    yield from _decoded(case, grid, chosen, {name: rows[some] for name, rows in case.latents.mu.items()})


def _sentence(case: Case, grid: SentenceGrid, step: int, could_be: set[int]) -> Iterator[Mismatch]:
    assert case.latents is not None
    cell = grid.rows[step].cells[0]
    index = cell.pick.index if cell.pick is not None else -1
    if index not in could_be or cell.text != case.latents.sentences[index]:
        wanted = [case.latents.sentences[each] for each in sorted(could_be)]
        yield Mismatch(f"the sentence of step {step + 1} of a path", f"{index}: {cell.text}", str(wanted))


def _decoded(case: Case, grid: SentenceGrid, chosen: list[int], points: dict[str, Floats]) -> Iterator[Mismatch]:
    options = truth.options_of(case.choice)
    for place, column in enumerate(case.columns):
        if case.session is None or column not in case.answering or column.name not in points:
            continue
        for step, z in zip(chosen, points[column.name], strict=True):
            yield from _cell(case, column, step, sentence_in(grid.rows[step].cells[1 + place]), z, options)


def _cell(case: Case, column: Column, step: int, shown: str, z: Floats, options) -> Iterator[Mismatch]:  # type: ignore[no-untyped-def]
    assert case.session is not None
    case.seen["steps of a path"] += 1
    text = "" if shown == NO_WORDS else shown
    if not truth.could_be(case.session, column.name, z, options, text):
        wanted = truth.decoded(case.session, column.name, z, options).text
        yield Mismatch(f"a path, {column.label}, step {step + 1}", shown, wanted)


def _some(count: int) -> list[int]:
    return sorted({round(step) for step in np.linspace(0, count - 1, _LOOKED_AT)})
