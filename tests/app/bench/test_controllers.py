"""Controllers without a window: what a person does, and what the state says afterwards."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from types import ModuleType
from unittest.mock import create_autospec

import pytest

from app.bench.interpolate.interpolate import InterpolateController
from app.bench.reconstruct.reconstruct import ReconstructController
from app.bench.samples.samples import SamplesController
from app.bench.table.table import TableController
from app.core.model_desk import ModelDesk
from app.core.picks import Pick
from app.core.state import Choice, ExplorerState, GatheredRow
from app.maps.explore_controller import ExploreController
from app.run.context import Context
from engine.errors import LoomError
from engine.workspace import Workspace
from tests.app.fakes import COLUMNS, SENTENCES, DirectWorker, FakeSession, fake_atlas, opened


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def context(qapp, session) -> Context:
    """A state with two variants, an atlas, and models that answer at once."""
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), run="demo")
    desk = ModelDesk()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    desk.attach(worker)
    desk.kept = worker  # type: ignore[attr-defined]
    return Context(state, desk, fake_atlas())


@pytest.fixture
def explore(context) -> ExploreController:
    reader = DirectWorker(lambda tell: opened())
    reader.start()
    return ExploreController(context, lambda: reader)


def test_a_click_decodes_the_sentence_in_every_column(context, explore):
    explore.select(1)
    state = context.state
    assert (state.selection, state.selection_text) == (1, SENTENCES[1])
    assert set(state.selected.readings) == {"vae", "autogen-m1"}
    assert state.selected.readings["vae"].how == "z = μ, beam 10"
    assert not state.selected.busy
    explore.select(-1)
    assert (state.selection_text, state.selected.readings) == ("", {})


def test_hovering_only_names_the_sentence(context, explore, session):
    explore.hover(2)
    assert (context.state.hover, context.state.hover_text) == (2, SENTENCES[2])
    assert session.asked == []
    explore.hover(-1)
    assert context.state.hover_text == ""


def test_broken_variants_are_not_asked(context, explore, session):
    context.state.broken = {"vae": "its checkpoint is cut off"}
    explore.select(0)
    assert {asked[2] for asked in session.asked} == {("autogen-m1",)}


def test_the_last_shown_variant_cannot_be_hidden_and_order_is_kept(context, explore):
    explore.show_variant("vae", False)
    assert context.state.shown == ("autogen-m1",)
    explore.show_variant("autogen-m1", False)
    assert context.state.shown == ("autogen-m1",)
    explore.show_variant("vae", True)
    assert context.state.shown == ("vae", "autogen-m1")


def test_a_search_tells_how_many_match_and_an_empty_one_shows_all(context, explore, qtbot):
    masks = []
    explore.found.connect(masks.append)
    with qtbot.waitSignal(explore.found, timeout=2000):
        explore.search("love")
    assert context.state.matches == 2
    assert masks[-1].tolist() == [True, False, True, False]
    explore.search("")
    assert context.state.matches is None
    assert masks[-1] is None


def test_typing_reconstructs_once_after_the_last_key(context, session, qtbot):
    controller = ReconstructController(context, pause=30)
    for text in ("h", "he", "hello xylophone"):
        controller.type(text)
    qtbot.waitUntil(lambda: bool(context.state.reconstructed.readings), timeout=2000)
    assert {asked[1] for asked in session.asked} == {"hello xylophone"}
    assert context.state.reconstructed.unknown == (False, True)
    assert set(context.state.reconstructed.spots) == {"vae", "autogen-m1"}
    controller.type(" ")
    assert context.state.reconstructed.readings == {}


def test_what_cannot_be_read_says_so_instead_of_the_answers(context, session):
    controller = ReconstructController(context)
    session.typed = create_autospec(session.typed, side_effect=LoomError("There is no word in this sentence.", "Type."))
    context.state.typed = "..."
    controller.ask()
    assert context.state.reconstructed.problem == "There is no word in this sentence. Type."
    assert not context.state.reconstructed.busy


def test_ends_come_from_points_and_from_typing_and_the_way_is_decoded_when_both_are_there(context, session):
    controller = InterpolateController(context)
    controller.take_point("A", 3)
    assert context.state.path.readings == {}
    controller.set_end("B", Pick("typed by hand"))
    assert (context.state.a, context.state.b) == (Pick(SENTENCES[3], index=3), Pick("typed by hand"))
    assert {name: len(r) for name, r in context.state.path.readings.items()} == {"vae": 11, "autogen-m1": 11}
    assert len(context.state.path.paths["vae"]) == 11
    controller.set_slerp(True)
    assert context.state.path.how == "slerp, z = μ, beam 10"
    controller.set_end("B", Pick(""))
    assert context.state.path.readings == {}


def test_a_random_pair_is_two_different_sentences_and_moving_decodes_nothing(context, session):
    controller = InterpolateController(context, random.Random(0))
    controller.random_pair()
    assert context.state.a.index != context.state.b.index
    asked = len(session.asked)
    controller.move_to(9)
    controller.step(5)
    assert context.state.position == 10
    controller.step(-30)
    assert context.state.position == 0
    assert len(session.asked) == asked


def test_samples_are_drawn_once_for_a_tab_that_is_opened_again_and_anew_for_a_new_seed(context, session, tmp_path):
    controller = SamplesController(context, Workspace(tmp_path), random.Random(1))
    controller.ensure()
    controller.ensure()
    assert len(session.asked) == 4  # greedy and beam, each for both variants
    controller.new_seed()
    assert context.state.draw.seed != 0
    assert context.state.samples.how == f"z ~ N(0, I), seed {context.state.draw.seed}, beam 10"
    controller.set_draw(replace(context.state.draw, count=3))
    assert len(context.state.samples.readings["vae"]) == 3


def test_requests_made_before_the_models_are_loaded_are_answered_afterwards(qapp, tmp_path):
    state = ExplorerState(columns=COLUMNS, shown=("vae",))
    context = Context(state, ModelDesk())
    SamplesController(context, Workspace(tmp_path)).ask()
    assert state.samples.busy
    worker = DirectWorker(lambda tell: FakeSession())
    worker.start()
    context.desk.attach(worker)
    assert not state.samples.busy
    assert len(state.samples.readings["vae"]) == 8


def test_the_table_gathers_each_row_once_and_lets_go_of_it(context, explore):
    table = TableController(context)
    told = []
    table.told.connect(told.append)
    explore.select(0)
    table.add_selected()
    table.add_selected()
    assert [row.source for row in context.state.gathered] == [SENTENCES[0]]
    assert told == ["Added 1 row to the table", "The table has these rows already"]
    InterpolateController(context, random.Random(0)).random_pair()
    table.add_path()
    assert len(context.state.gathered) == 12
    table.add_path()
    assert told[-1] == "The table has these rows already"
    table.remove(0)
    assert len(context.state.gathered) == 11
    assert table.as_text().splitlines()[0] == "Input\tVAE\tAutoGen m=1\tHow"
    table.clear()
    assert context.state.gathered == ()


def test_latex_gets_no_character_that_stops_it(context, tmp_path):
    row = GatheredRow("", {"vae": "café 🙂 α"}, "lerp, z = μ, beam 10", path=("one → two", "three"), step=10)
    context.state.gathered = (row,)
    assert TableController(context).export(tmp_path / "t.tex", "tex")
    text = (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert "café U+1F642 U+03B1" in text
    assert "z = mu" in text
    assert "Interpolation 1 goes from A: one U+2192 two to B: three" in text
    assert set(text) - {"é"} <= set(map(chr, range(128)))


@pytest.mark.parametrize("name", ["csv", "md", "tex"])
def test_the_table_is_exported(context, tmp_path, name):
    context.state.gathered = (GatheredRow("Is it 5 % | more?", {"vae": "Yes & no."}, "greedy"),)
    path = tmp_path / f"table.{name}"
    assert TableController(context).export(path, name)
    assert "Yes" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "The disk is full"),
        (LoomError("tabulate is missing.", "Install it."), "tabulate"),
    ],
)
def test_an_export_that_fails_is_told_in_words(context, tmp_path, monkeypatch, error, words):
    from engine.evaluation import tables

    fake = ModuleType("tables")
    fake.Table = tables.Table  # type: ignore[attr-defined]
    fake.write_table = create_autospec(tables.write_table, side_effect=error)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.evaluation.tables", fake)
    table = TableController(context)
    failures = []
    table.failed.connect(lambda message, hint: failures.append((message, hint)))
    assert not table.export(tmp_path / "x.csv", "csv")
    assert words in failures[0][0]
    assert failures[0][1]


def test_a_choice_says_how_sentences_are_made():
    assert Choice().how == "z = μ, beam 10"
    assert Choice(sample=True, method="greedy", seed=3).how == "z ~ q(z|x), seed 3, greedy"
