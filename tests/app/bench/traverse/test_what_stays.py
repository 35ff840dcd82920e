"""What stays in the Traverse tab when other maps are there, and of a sentence before one that models cannot answer."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import create_autospec

import pytest

from app.bench.traverse import requests
from app.bench.traverse.traverse import Traverse
from app.core.picks import Pick
from app.core.requests import Failure
from app.core.values import Stage
from tests.app.latents import tiny_context

SENTENCE = "The cat sees the house today."


@pytest.fixture
def context(qapp, mapped):
    with tiny_context(mapped, "Traverse") as context:
        yield context


@pytest.fixture
def tab(context):
    tab = Traverse(context, rest=0)
    tab.show(True)
    yield tab
    tab.close()
    tab.view.deleteLater()


def test_another_map_of_the_same_models_leaves_the_sliders_where_they_were_moved(context, tab, monkeypatch):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 2.0)
    wanted, measured = tab.wish(), dict(tab._points.statistics)
    moved = {name: reading.z for name, reading in tab.state.live.readings.items()}
    monkeypatch.setattr(requests, "measure", create_autospec(requests.measure, side_effect=AssertionError))
    context.atlas = replace(context.atlas, map="a better one")
    tab.place_anew()
    assert tab.wish() == wanted
    assert tab._points.statistics == measured
    assert {name: reading.z for name, reading in tab.state.live.readings.items()} == moved


def test_latents_that_were_read_anew_are_measured_anew(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 2.0)
    wanted, before = tab.wish(), tab._points.statistics["vae"]
    context.atlas = replace(context.atlas, words=context.atlas.words.copy())
    tab.place_anew()
    assert tab._points.statistics["vae"] is not before
    assert tab.wish() == wanted


def test_the_first_maps_of_another_run_have_nothing_of_the_one_before(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 2.0)
    tab.forget()
    tab.place_anew()
    assert (tab.wish().shifts, tab._points.statistics) == ({}, {})
    tab.take(Pick(SENTENCE), "")
    assert not any(any(shifts) for shifts in tab.state.shifts.values())


def test_a_point_that_no_model_can_decode_leaves_nothing_of_the_sentence_before(context, tab):
    rows = []
    tab.gathered.connect(rows.extend)
    tab.see_steps(True)
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 2.0)
    tab.flush()
    assert context.state.on_maps.marks
    tab.take(Pick("there", {"another": (0.5, -0.5)}, "draw 3"), "")
    tab.flush()
    state = tab.state
    assert (state.sliders, state.shifts, state.live.readings, state.live.home, state.live.home_drafts) == ({},) * 5
    assert (set(state.live.failed), state.live.busy) == ({"vae", "autogen-m1"}, False)
    assert (state.steps.readings, state.steps.busy) == ({}, False)
    assert (context.state.on_maps.marks, context.state.on_maps.ways) == ({}, {})
    tab.add_to_table()
    assert rows == []
    tab.take(Pick(SENTENCE), "")
    assert set(state.sliders) == set(state.live.readings) == set(state.steps.readings) == {"vae", "autogen-m1"}
    assert (state.live.failed, state.steps.failed) == ({}, {})


def test_a_point_of_one_model_leaves_nothing_of_the_sentence_before_in_the_other_column(context, tab):
    tab.see_steps(True)
    tab.take(Pick(SENTENCE), "")
    tab.take(Pick("there", {"vae": (0.5, -0.5, 1.0, 0.0)}, "draw 3"), "")
    tab.flush()
    state = tab.state
    assert set(state.live.readings) == set(state.live.home) == set(state.steps.readings) == {"vae"}
    assert set(state.sliders) == set(context.state.on_maps.marks) == set(context.state.on_maps.ways) == {"vae"}
    assert set(state.steps.failed) == {"autogen-m1"}


def test_what_is_wanted_of_the_sliders_while_the_tab_is_out_of_sight_is_kept_until_it_is_opened(context, tab):
    context.state.tab = "Table"
    tab.want(replace(tab.wish(), subject=Pick(SENTENCE), following=False, kind="principal", shifts={"vae": (1.0,)}))
    assert tab.wish().shifts == {"vae": (1.0,)}
    context.state.tab = "Traverse"
    tab.opened()
    assert tab.state.shifts["vae"][0] == 1.0


def test_a_model_that_cannot_decode_the_moved_point_has_no_moved_sentence_and_is_back_with_its_slider(tab):
    tab.take(Pick(SENTENCE), "")
    tab.flush()
    tab.move("vae", 0, 2.0)
    tab._decoding.drop()
    tab._decoding._take_live((Failure("vae", "overflow"),))
    tab.flush()
    assert set(tab.state.live.readings) == {"autogen-m1"}
    marks = tab.on_maps().marks
    assert [mark.label for mark in marks["vae"]] == ["typed"]
    assert [mark.label for mark in marks["autogen-m1"]] == ["typed", "moved"]
    assert set(tab.on_maps().made) == {"autogen-m1"}
    tab.reset()
    assert tab.state.live.readings["vae"] == tab.state.live.home["vae"]
    assert tab.state.live.failed == {}


def test_the_way_along_another_slider_is_not_that_of_the_one_before_while_it_is_out_of_sight(context, tab):
    tab.see_steps(True)
    tab.take(Pick(SENTENCE), "")
    tab.choose(1)
    tab.see_steps(False)
    tab.flush()
    ways = context.state.on_maps.ways
    assert set(ways) == {"vae", "autogen-m1"}
    context.atlas = replace(context.atlas, map="a better one")
    tab.place_anew()
    tab.flush()
    assert context.state.on_maps.ways == ways, "the same way, at its places on the other map"
    tab.choose(2)
    tab.flush()
    assert (tab.state.steps.readings, context.state.on_maps.ways) == ({}, {})
    tab.see_steps(True)
    tab.flush()
    assert set(context.state.on_maps.ways) == {"vae", "autogen-m1"}
    assert context.state.on_maps.ways != ways


def test_where_the_cache_could_not_be_made_the_cards_say_so(context, tab):
    context.archive.detach()
    context.state.maps = Stage("failed", "the file is damaged")
    tab.place_anew()
    tab._points.statistics = {}
    tab.take(Pick(SENTENCE), "")
    tab.flush()
    assert tab.state.live.busy, "it is asked as soon as there is a cache"
    assert all("the file is damaged" in tab.view.cards.card(name).sentence.text() for name in ("vae", "autogen-m1"))
