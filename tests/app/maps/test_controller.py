"""What a person does with the maps, and what the state says afterwards."""

from __future__ import annotations

import pytest

from app.core.state import ExplorerState
from app.maps.controller import MapsController
from app.maps.state import MapsState
from app.run.context import Context
from tests.app.fakes import COLUMNS, SENTENCES, DirectWorker, FakeSession, answering, fake_atlas, opened


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def context(qapp, session) -> Context:
    """A state with two variants, an atlas, and models that answer at once."""
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), run="demo")
    return Context(state, answering(session), fake_atlas(), answering(opened()))


@pytest.fixture
def maps() -> MapsState:
    return MapsState()


@pytest.fixture
def explore(context, maps) -> MapsController:
    return MapsController(context, maps)


def test_a_click_decodes_the_sentence_in_every_column(context, maps, explore):
    explore.select(1)
    state = context.state
    assert (state.selection, state.selection_text) == (1, SENTENCES[1])
    assert set(maps.selected.readings) == {"vae", "autogen-m1"}
    assert maps.selected.readings["vae"].how == "z = μ, beam 10"
    assert not maps.selected.busy
    explore.select(-1)
    assert (state.selection_text, maps.selected.readings) == ("", {})


def test_hovering_only_names_the_sentence(context, maps, explore, session):
    explore.hover(2)
    assert (maps.hover, maps.hover_text) == (2, SENTENCES[2])
    assert session.asked == []
    explore.hover(-1)
    assert maps.hover_text == ""


def test_broken_variants_are_not_asked(context, maps, explore, session):
    context.state.broken = {"vae": "its checkpoint is cut off"}
    explore.select(0)
    assert {asked[2] for asked in session.asked} == {("autogen-m1",)}


def test_the_last_shown_variant_cannot_be_hidden_and_order_is_kept(context, maps, explore):
    explore.show_variant("vae", False)
    assert context.state.shown == ("autogen-m1",)
    explore.show_variant("autogen-m1", False)
    assert context.state.shown == ("autogen-m1",)
    explore.show_variant("vae", True)
    assert context.state.shown == ("vae", "autogen-m1")


def test_a_search_tells_how_many_match_and_an_empty_one_shows_all(context, maps, explore, qtbot):
    masks = []
    explore.found.connect(masks.append)
    with qtbot.waitSignal(explore.found, timeout=2000):
        explore.search("love")
    assert maps.matches == 2
    assert masks[-1].tolist() == [True, False, True, False]
    explore.search("")
    assert maps.matches is None
    assert masks[-1] is None


def test_a_search_that_comes_before_the_maps_is_made_once_they_are_there(context, maps, explore, qtbot):
    masks = []
    explore.found.connect(masks.append)
    context.archive.detach()
    explore.search("dog")
    explore.search("love")
    qtbot.waitUntil(lambda: context.archive.awaits("search"), timeout=2000)
    assert (maps.matches, masks) == (None, [])
    reader = DirectWorker(lambda tell: opened())
    reader.start()
    context.archive.attach(reader)
    assert maps.matches == 2
    assert masks[-1].tolist() == [True, False, True, False]


def test_a_point_of_maps_that_are_gone_and_a_column_that_is_gone_are_none(explore, context, maps):
    explore.select(2)
    explore.hover(1)
    for index in (4, 4000):
        explore.select(index)
        explore.hover(index)
        assert (context.state.selection, context.state.selection_text, maps.hover) == (-1, "", -1)
    context.atlas = None
    explore.select(0)
    assert context.state.selection == -1
    explore.show_variant("another run's", False)
    assert context.state.shown == tuple(column.name for column in COLUMNS)
    context.state.shown = ("vae",)
    explore.show_variant("another run's", True)
    assert context.state.shown == ("vae",)
