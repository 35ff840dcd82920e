"""A click on an empty place, to the window that says what the models make of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from app.core.values import Stage
from app.maps.guess.guess_window import GuessWindow
from engine.maps.telling.guess import DRAWS
from tests.app.fakes import opened
from tests.app.looking import shown


@pytest.fixture
def window(explorer):
    explorer.open("demo")
    shown(explorer)
    yield explorer
    explorer.maps.guessing.forget()


def flags(window) -> dict[str, list[str]]:
    shown(window)
    panels = window.maps.row.panels
    return {name: [mark.label for mark in panel.map.scene().marks] for name, panel in panels.items()}


def test_a_click_on_empty_ground_decodes_a_guess_in_every_variant_and_marks_it(window, qtbot, session):
    view = window.maps.row.panels["vae"].map
    view._ground.setInterval(0)
    with qtbot.waitSignal(view.ground_clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(view.width() // 2, view.height() // 2))
    guess = window.maps.guessing.window
    assert guess.isVisible()
    assert "not a measurement" in guess.windowTitle()
    assert "No sentence was encoded" in guess._about.text()
    rows = guess.grid.rows
    assert len(rows) == 1 + DRAWS
    assert all(cell.text for row in rows for cell in row.cells)
    # The fake latents are the corners of a square, whose middle is their mean.
    assert rows[0].pick.z["autogen-m1"] == pytest.approx((0.5, 0.5), abs=0.05)
    assert flags(window) == {"vae": ["guess"], "autogen-m1": ["guess"]}
    guess.close()
    assert not guess.isVisible()
    assert flags(window) == {"vae": [], "autogen-m1": []}
    assert window.maps.guessing._around is None


def test_a_double_click_or_one_on_a_point_guesses_nothing(window, qtbot):
    view = window.maps.row.panels["vae"].map
    told = []
    view.ground_clicked.connect(lambda x, y: told.append((x, y)))
    middle = QPoint(view.width() // 2, view.height() // 2)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle)
    assert view._ground.isActive()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=middle)
    assert not view._ground.isActive()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(1).toPoint())
    assert not view._ground.isActive()
    assert window.state.selection == 1
    assert told == []


def test_the_key_and_the_menu_guess_too(window, qtbot):
    view = window.maps.row.panels["vae"].map
    told = []
    view.ground_clicked.connect(lambda x, y: told.append((x, y)))
    qtbot.keyClick(view, Qt.Key.Key_G)
    assert told == [pytest.approx((0.5, 0.5))]
    menu = view.context_menu(-1, (0.2, 0.3))
    next(action for action in menu.actions() if "Guess" in action.text()).trigger()
    assert told[-1] == (0.2, 0.3)
    menu.close()
    over_a_point = view.context_menu(1)
    assert not any("Guess" in action.text() for action in over_a_point.actions())
    over_a_point.close()


def test_another_run_forgets_the_guess(window, opening):
    window.maps.guessing.guess("vae", 0.4, 0.4)
    assert window.maps.guessing.window.isVisible()
    opening.append(opened("missing"))
    window.open("other")
    shown(window)
    assert not window.maps.guessing.window.isVisible()
    assert window.maps.guessing.marks == {}


def test_another_map_forgets_the_guess_whose_place_is_none_of_it(window):
    guessing = window.maps.guessing
    guessing.guess("vae", 0.4, 0.4)
    shown(window)
    assert flags(window) == {"vae": ["guess"], "autogen-m1": ["guess"]}
    window.maps.controller.show_variant("autogen-m1", False)
    shown(window)
    assert guessing.window.isVisible()  # of the same map
    window.state.maps = Stage("loading")  # as when another of the kept maps is chosen, or this one was deleted
    window.context.atlas = replace(window.context.atlas, map="pca")
    window.state.maps = Stage("ready")
    assert flags(window) == {"vae": [], "autogen-m1": []}
    assert not guessing.window.isVisible()
    guessing.guess("vae", 0.4, 0.4)
    shown(window)
    assert guessing.window.isVisible()


@pytest.mark.parametrize("size", [(1100, 640), (1440, 860), (1100, 1000)])
def test_its_window_covers_no_map(window, qtbot, size):
    window.window.resize(*size)
    shown(window)
    window.maps.guessing.guess("vae", 0.4, 0.4)
    made, row = window.maps.guessing.window, window.maps.row
    assert made.pos().y() >= row.mapToGlobal(QPoint(0, row.height())).y()
    assert window.window.frameGeometry().contains(made.frameGeometry())


def test_where_there_is_no_room_beneath_the_maps_it_covers_no_mark(qtbot):
    around, maps = QWidget(), QWidget()
    maps.setParent(around)
    qtbot.addWidget(around)
    around.resize(900, 700)
    maps.setGeometry(0, 40, 900, 500)
    around.show()
    made = GuessWindow(around)
    for y in (60, 200, 420, 530):
        mark = around.mapToGlobal(QPoint(450, y))
        made.stand_beneath(maps, mark)
        assert made.height() >= 300
        assert around.rect().contains(made.geometry().translated(-around.mapToGlobal(QPoint())))
        assert not made.geometry().contains(mark)


def test_a_guess_and_a_path_are_not_looked_at_at_once(window):
    guessing, tracing = window.maps.guessing, window.maps.tracing
    corners = np.array([(0.0, 0.0), (1.0, 1.0)])
    tracing.draw("vae", corners)
    shown(window)
    assert tracing.window.isVisible()
    guessing.guess("vae", 0.5, 0.5)
    shown(window)
    assert guessing.window.isVisible()
    assert not tracing.window.isVisible()
    window.context.history.undo()
    shown(window)
    assert tracing.window.isVisible()
    assert not guessing.window.isVisible()
    assert flags(window)["vae"] == []
    tracing.forget()
    shown(window)


@pytest.mark.parametrize("looked_at", ["guess", "path"])
def test_escape_anywhere_on_explore_lets_go_of_the_guess_or_the_path(window, qtbot, looked_at):
    guessing, tracing = window.maps.guessing, window.maps.tracing
    if looked_at == "guess":
        guessing.guess("vae", 0.5, 0.5)
    else:
        tracing.draw("vae", np.array([(0.0, 0.0), (1.0, 1.0)]))
    shown(window)
    beside = (guessing if looked_at == "guess" else tracing).window
    assert beside.isVisible()
    qtbot.keyClick(window.window.toolbar.theme_button, Qt.Key.Key_Escape)
    shown(window)
    assert not beside.isVisible()


def test_escape_on_a_map_lets_go_of_the_guess_first(window, qtbot):
    window.maps.controller.search("a")
    window.maps.guessing.guess("vae", 0.5, 0.5)
    shown(window)
    view = window.maps.row.panels["vae"].map
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    shown(window)
    assert not window.maps.guessing.window.isVisible()
    assert window.maps.state.search == "a"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert window.maps.state.search == ""


def test_a_guess_is_decoded_anew_as_soon_as_decoding_is_another(window, session):
    guessing = window.maps.guessing
    guessing.guess("vae", 0.4, 0.4)
    shown(window)
    around, before = guessing._around, [[cell.text for cell in row.cells] for row in guessing.window.grid.rows]
    session.asked.clear()
    window.state.choice = replace(window.state.choice, method="greedy")
    shown(window)
    assert guessing._around is around  # the place, and what was drawn about it, stay
    assert {method for what, _, method in session.asked} == {"greedy"}
    now = [[cell.text for cell in row.cells] for row in guessing.window.grid.rows]
    assert now == [[text.replace("beam", "greedy") for text in row] for row in before] != before
    session.asked.clear()
    window.maps.controller.show_variant("autogen-m1", False)
    shown(window)
    assert session.asked == []
