"""What the tabs show on the maps: the places that the engine gives their points, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.bench_tab import BenchTab
from app.bench.neighbours.neighbours import Neighbours
from app.bench.samples.samples import PriorSamples
from app.bench.samples.state import Draw
from app.bench.traverse.state import VALUES
from app.bench.traverse.traverse import Traverse
from app.core.picks import NOTHING, Pick
from app.run.atlas import Atlas
from app.run.context import Context
from engine.maps.placing import place
from tests.app.latents import tiny_context

A, B, C = "The cat sees the house today.", "My old dog paints a red boat at night.", "A teacher hides some bread again."


@pytest.fixture
def context(qapp, mapped) -> Iterator[Context]:
    with tiny_context(mapped, "") as context:
        yield context


@pytest.fixture
def opened(context):
    """Makes a tab that is in view."""
    made: list[BenchTab] = []

    def open_tab(kind: type[BenchTab], **options: object) -> BenchTab:
        context.state.tab = kind.name
        tab = kind(context, **options)
        made.append(tab)
        tab.show(True)
        return tab

    yield open_tab
    for tab in made:
        tab.close()
        tab.view.deleteLater()


def placed(context: Context, name: str, points: list[tuple[float, ...]]) -> list[tuple[float, float]]:
    """The places of points on the map of a variant, by the engine."""
    found = place(np.array(points, np.float32), context.atlas.cache, name, "pca")
    return [pytest.approx(tuple(row), abs=1e-5) for row in found.tolist()]


def spots(marks) -> list[tuple[float, float]]:
    return [mark.spot for mark in marks]


def test_prior_samples_are_numbered_as_their_rows(context, opened):
    tab = opened(PriorSamples)
    tab.set_draw(Draw(count=5, seed=3))
    tab.flush()
    for name, readings in tab.state.samples.readings.items():
        dots = context.state.on_maps.dots[name]
        assert [dot.label for dot in dots] == list("12345")
        assert spots(dots) == placed(context, name, [reading.z for reading in readings])
        column = [column.name for column in context.state.columns].index(name)
        assert [row.cells[column].number for row in tab.view._grid.rows[1:]] == [dot.label for dot in dots]
    tab.forget()
    tab.flush()
    assert not context.state.on_maps.dots


def test_neighbours_lie_where_they_are_on_the_map_and_the_typed_sentence_beside_them(context, opened):
    tab = opened(Neighbours)
    tab.take(Pick(A), "")
    tab.flush()
    for name, near in tab.state.found.nearest.items():
        coords = context.atlas.cache.projection(name, "pca")
        dots = context.state.on_maps.dots[name]
        assert [dot.label for dot in dots] == [str(i) for i in range(1, 11)]
        assert np.array(spots(dots)) == pytest.approx(coords[[each.index for each in near.found]], abs=1e-6)
        (typed,) = context.state.on_maps.marks[name]
        assert (typed.label, [typed.spot]) == ("typed", placed(context, name, [tab._placed[name].z]))


def test_the_clicked_sentence_has_its_ring_and_another_one_a_flag(context, opened):
    tab = opened(Neighbours)
    context.state.selection = 4
    tab.take(Pick(context.atlas.sentence(4), index=4), "")
    tab.flush()
    assert not context.state.on_maps.marks
    assert len(context.state.on_maps.dots["vae"]) == 10
    context.state.selection = 5
    tab.flush()
    (flag,) = context.state.on_maps.marks["vae"]
    assert flag.label == "sentence"
    assert flag.spot == pytest.approx(tuple(context.atlas.cache.projection("vae", "pca")[4].tolist()))


def test_a_traversal_shows_where_the_sliders_lead_and_the_way_along_one(context, opened):
    tab = opened(Traverse, rest=0)
    tab.take(Pick(A), "")
    tab.see_steps(True)
    tab.flush()
    name, on_maps = "vae", context.state.on_maps
    assert [mark.label for mark in on_maps.marks[name]] == ["typed"]
    assert spots(on_maps.marks[name]) == placed(context, name, [tab.state.live.home[name].z])
    tab.go(0, VALUES[6])
    tab.flush()
    on_maps = context.state.on_maps
    assert [mark.label for mark in on_maps.marks[name]] == ["typed", "moved"]
    assert spots(on_maps.marks[name])[1:] == placed(context, name, [tab.state.live.readings[name].z])
    assert list(on_maps.ways[name]) == placed(context, name, [each.z for each in tab.state.steps.readings[name]])
    assert on_maps.ways[name][context.state.way_step] == pytest.approx(on_maps.marks[name][1].spot, abs=1e-5)
    tab.go(0, 0.1)
    tab.flush()
    assert context.state.way_step == -1


def test_arithmetic_shows_its_operands_and_its_result(context, opened):
    tab = opened(Arithmetic)
    for slot, text in zip("abc", (A, B, C), strict=True):
        tab.take(Pick(text), slot)
    tab.flush()
    for name, after in tab.state.analogy.after.items():
        marks = {mark.label: mark.spot for mark in context.state.on_maps.marks[name]}
        assert list(marks) == ["a", "a − b + c", "b", "c"]
        a, b, c = (tab._memory.points[name, text, ()] for text in (A, B, C))
        assert list(marks.values()) == placed(context, name, [a, after.z, b, c])
        assert np.array(after.z) == pytest.approx(a - b + c, abs=1e-5)
    tab.set_strength(0.5)
    tab.flush()
    assert [mark.label for mark in context.state.on_maps.marks["vae"]] == ["a", "moved", "b", "c"]
    tab.set_operand("b", NOTHING)
    tab.flush()
    assert not context.state.on_maps.marks


def test_other_maps_have_the_points_in_other_places(context, opened, monkeypatch):
    tab = opened(PriorSamples)
    tab.draw()
    tab.flush()
    before = context.state.on_maps.dots["vae"]
    monkeypatch.setattr(Atlas, "place", lambda atlas, name, points: points[:, :2] + 7)  # as maps that were made anew
    tab.place_anew()
    tab.flush()
    after = context.state.on_maps.dots["vae"]
    z = np.array([reading.z for reading in tab.state.samples.readings["vae"]])
    assert np.array(spots(after)) == pytest.approx(z[:, :2] + 7, abs=1e-5)
    assert len(before) == len(after)
