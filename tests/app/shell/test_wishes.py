"""What a person asks for is answered, at once or once that is possible, and never with what is of something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.picks import Pick
from app.core.values import Decoded
from tests.app.fakes import COLUMNS, SENTENCES, DirectWorker, opened
from tests.app.looking import shown


class LateWorker(DirectWorker):
    """Loads when the test says so; what it is asked before that waits."""

    made: dict[str, LateWorker]

    def __init__(self, load, name="", close=None) -> None:
        super().__init__(load, name, close)
        LateWorker.made[name] = self

    def start(self) -> None:
        """Not yet."""

    def begin(self) -> None:
        super().start()


@pytest.fixture
def late(explorer):
    """The window on a run whose maps and models come when the test says so."""
    LateWorker.made = {}
    explorer.run._make_worker = LateWorker
    explorer.open("demo")
    shown(explorer)
    return explorer


def test_what_is_asked_while_the_maps_load_is_answered_when_they_are_there(late, qtbot):
    reconstruct, interpolate = late.bench.tab("Reconstruct"), late.bench.tab("Interpolate")
    qtbot.keyClicks(late.window.toolbar.search, "love")
    reconstruct.take(Pick("we go home"))
    interpolate.take(Pick("one"), "A")
    interpolate.take(Pick("two"), "B")
    late.bench.open("Prior samples")
    qtbot.waitUntil(lambda: late.context.archive.awaits("search"), timeout=2000)
    LateWorker.made["reader"].begin()
    assert late.maps.state.matches == 2
    LateWorker.made["models"].begin()
    both = {"vae", "autogen-m1"}
    assert set(reconstruct.state.reconstructed.readings) == set(reconstruct.state.reconstructed.spots) == both
    assert set(interpolate.state.path.readings) == set(interpolate.state.path.paths) == both
    assert set(late.bench.tab("Prior samples").state.samples.readings) == both
    shown(late)
    assert late.window.toolbar._matches.text() == "2 found"


def test_maps_that_come_after_the_models_show_what_was_typed_before(late, opening):
    opening.append(opened("missing"))
    LateWorker.made["reader"].begin()
    LateWorker.made["models"].begin()
    tab = late.bench.tab("Reconstruct")
    tab.take(Pick("we go home"))
    tab.ask()
    assert tab.state.reconstructed.readings
    assert tab.state.reconstructed.spots == {}
    opening.append(opened())
    late.run._job.finished.emit({})
    late.run._job.finished.emit({})
    LateWorker.made["reader"].begin()
    assert set(tab.state.reconstructed.spots) == {"vae", "autogen-m1"}


def test_a_clicked_sentence_is_of_the_run_that_is_open(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(2)
    explorer.open("other")
    explorer._choose(replace(explorer.state.choice, method="greedy"))
    explorer._choose(replace(explorer.state.choice, sample=True, seed=4))
    shown(explorer)
    assert explorer.maps.state.selected == Decoded()
    assert "Point at a sentence" in explorer.window.decoded.source.text
    assert SENTENCES[2] not in explorer.window.decoded.cards.card("vae").sentence.text()


def test_a_model_that_turns_out_broken_is_not_asked_and_one_that_is_mended_is(explorer, session):
    explorer.open("demo")
    explorer.maps.controller.select(1)
    explorer.bench.tab("Reconstruct").take(Pick("we go home"))
    session.asked.clear()
    explorer.state.broken = {"vae": "its checkpoint is cut off"}
    assert {asked[2] for asked in session.asked} == {("autogen-m1",)}
    session.asked.clear()
    explorer.state.broken = {}
    texts = {asked[1] for asked in session.asked if asked[2] == ("vae",)}
    assert texts == {SENTENCES[1], "we go home"}


def test_the_tab_in_view_asks_anew_when_another_run_is_opened(explorer, opening):
    explorer.open("demo")
    explorer.bench.open("Prior samples")
    tab = explorer.bench.tab("Prior samples")
    assert set(tab.state.samples.readings) == {"vae", "autogen-m1"}
    opening.append(replace(opened(), columns=COLUMNS[1:]))
    explorer.open("other")
    assert set(tab.state.samples.readings) == {"autogen-m1"}


def test_what_is_gathered_before_it_is_decoded_comes_into_the_table_whole(explorer, session):
    explorer.open("demo")
    explorer.context.models.detach()
    for clicked in (1, 2):
        explorer.maps.controller.select(clicked)
        explorer.exchange.gather_clicked()
    assert "Table" not in explorer.bench.tabs
    explorer.context.models.attach(explorer.run._live)
    rows = explorer.table.state.gathered
    assert [row.source for row in rows] == [SENTENCES[1], SENTENCES[2]]
    assert all(set(row.sentences) == {"vae", "autogen-m1"} and row.how == "z = μ, beam 10" for row in rows)
