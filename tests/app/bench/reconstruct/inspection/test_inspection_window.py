"""The inspection looks in the window, with the tiny run's own models answering at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.core import theme
from app.core.values import Stage
from engine.session import Session
from tests.app.looking import shown, texts


@pytest.fixture
def session(tiny_run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture
def inspection(explorer, qtbot):
    """The models of the looks, with a sentence typed."""
    explorer.open("demo")
    qtbot.keyClicks(explorer.bench.tab("Reconstruct").view.field, "the cat sees ___ house today")
    qtbot.waitUntil(lambda: len(explorer.bench.tab("Reconstruct").state.reconstructed.readings) == 2, timeout=5000)
    return explorer.bench.tab("Reconstruct").inspection


def look(explorer, qtbot, name: str) -> None:
    buttons = explorer.bench.tab("Reconstruct").view.looks._buttons
    qtbot.mouseClick(buttons[name], Qt.MouseButton.LeftButton)
    see(explorer)


def see(explorer) -> None:
    shown(explorer)
    explorer.bench.tab("Reconstruct").inspection.refresh.flush()


def test_each_look_is_opened_answered_and_gathered(explorer, inspection, qtbot):
    tab = explorer.bench.tab("Reconstruct").view
    assert set(inspection.views) == set()
    for name, rows in (("cloud", 1), ("credit", 1), ("tree", 10), ("fill", 8)):
        look(explorer, qtbot, name)
        assert inspection.views[name].isVisible()
        before = len(explorer.table.state.gathered)
        assert tab._add.isEnabled()
        qtbot.mouseClick(tab._add, Qt.MouseButton.LeftButton)
        assert len(explorer.table.state.gathered) >= before + rows
    look(explorer, qtbot, "credit")
    assert "Σ" in texts(inspection.views["credit"])
    look(explorer, qtbot, "sentence")
    assert not inspection.views["credit"].isVisible()
    assert tab._add.isEnabled()


def test_the_link_of_a_blank_opens_the_look_that_fills_it_and_a_word_is_taken_out(explorer, inspection, qtbot):
    tab = explorer.bench.tab("Reconstruct").view
    tab._read_as.linkActivated.emit("fill")
    see(explorer)
    view = inspection.views["fill"]
    assert view.isVisible()
    assert "fillings, scored" in view.texts[0][0]
    tab.field.setCursorPosition(len(tab.field.text()))
    qtbot.mouseClick(view.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: explorer.bench.tab("Reconstruct").state.reconstructed.text == "the cat sees ___ house ___", timeout=5000
    )
    see(explorer)
    assert len(inspection.state.fill.found["vae"].best[0].filled) == 2


def test_hidden_columns_and_another_theme_reach_the_open_look(explorer, inspection, qtbot):
    look(explorer, qtbot, "credit")
    view = inspection.views["credit"]
    assert list(view.cards) == ["vae", "autogen-m1"]
    explorer.maps.controller.show_variant("vae", False)
    see(explorer)
    assert list(view.cards) == ["autogen-m1"]
    assert "Σ" in texts(view)
    before = theme.current().mode
    explorer.toggle_theme()
    see(explorer)
    assert theme.current().mode != before
    assert "Σ" in texts(view)
    explorer.toggle_theme()


def test_models_that_could_not_be_loaded_are_not_waited_for(explorer, inspection, qtbot):
    look(explorer, qtbot, "credit")
    explorer.state.models = Stage("failed", "The models could not be loaded.", "Train again.")
    inspection.forget()
    see(explorer)
    assert "The models could not be loaded. Train again." in texts(inspection.views["credit"])


def test_another_run_begins_without_the_answers_of_this_one(explorer, inspection, qtbot):
    look(explorer, qtbot, "credit")
    explorer.open("demo")
    see(explorer)
    assert set(inspection.state.credit.found) <= {"vae", "autogen-m1"}
    assert not inspection.state.credit.busy
