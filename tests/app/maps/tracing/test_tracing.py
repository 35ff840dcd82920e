"""A path drawn over a map with the mouse, to the sentences along it in a window and on the maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QToolTip

from app.core.requests import Answer, Failure
from app.core.values import Stage
from app.maps.tracing.state import Line, TracingWish
from tests.app.fakes import SENTENCES, fake_atlas, opened
from tests.app.looking import shown
from tests.app.maps.hand import move

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(explorer):
    """The window on maps of four sentences, the corners of a square, with the path in the hand."""
    explorer.open("demo")
    explorer.actions.path.trigger()
    shown(explorer)
    yield explorer
    explorer.maps.tracing.forget()
    shown(explorer)


@pytest.fixture
def tracing(window):
    return window.maps.tracing


def view(window, name="vae"):
    return window.maps.row.panels[name].map


def draw(window, qtbot, *places: QPointF | int, keys=NO_KEYS) -> None:
    """Draw a line on the map of the VAE, over places or sentences."""
    target = view(window)
    way = [target.position_of(place).toPoint() if isinstance(place, int) else place.toPoint() for place in places]
    qtbot.mousePress(target, LEFT, keys, way[0])
    for place in way[1:]:
        move(target, QPointF(place), LEFT)
    qtbot.mouseRelease(target, LEFT, keys, way[-1])
    shown(window)


def texts(window) -> list[list[str]]:
    return window.maps.tracing.window.grid.texts


def test_a_line_is_read_at_places_along_it_as_guesses_and_lies_on_every_map(window, tracing, qtbot):
    tracing.state.places = 5
    draw(window, qtbot, 0, 1)
    opened_window = tracing.window
    assert opened_window.isVisible()
    assert "no measurement" in opened_window.windowTitle()
    assert "No sentence was encoded there" in opened_window._about.text()
    assert opened_window._about.property("role") == "warning"
    assert [row[0] for row in texts(window)][::4] == [SENTENCES[0], SENTENCES[1]]
    corners = view(window).scene().beneath.path.line
    assert corners == tracing.state.line.corners
    steps = tracing.steps.spots["vae"]
    assert np.array(steps) == pytest.approx(np.linspace(corners[0], corners[-1], 5))
    # The fake latents lie where the places do; between two corners those of the square weigh evenly.
    z = tracing.steps.z["autogen-m1"]
    assert z[2, 0] == pytest.approx(0.5, abs=0.02)
    assert (np.diff(z[:, 0]) > 0).all()
    assert texts(window)[2][1:] == ["0 0 beam vae", "0 0 beam autogen-m1"]
    other = view(window, "autogen-m1").scene().beneath.path
    assert np.array(other.steps) == pytest.approx(z)  # where its own means lie
    assert other.line == other.steps
    assert other.role == "warning"


def test_along_sentences_the_way_goes_from_neighbour_to_neighbour_on_all_maps_alike(window, tracing, qtbot):
    draw(window, qtbot, 0, 1, 3)
    qtbot.mouseClick(tracing.window.way._buttons["sentences"], LEFT)
    shown(window)
    assert [row[0] for row in texts(window)] in ([SENTENCES[0], SENTENCES[3]], [SENTENCES[i] for i in (0, 1, 3)])
    assert texts(window)[0][1:] == ["0 0 beam vae", "0 0 beam autogen-m1"]
    assert tracing.window._about.property("role") == "muted"
    assert not tracing.window.places.isVisible()
    first, second = (view(window, name).scene().beneath.path for name in ("vae", "autogen-m1"))
    assert first.steps == second.steps == ((0.0, 0.0), *first.steps[1:-1], (1.0, 1.0))
    assert (first.meant, second.meant) == (tracing.state.line.corners, ())


def test_a_step_along_sentences_is_clicked_with_its_row_and_one_of_guesses_by_its_sentence_alone(
    window, tracing, qtbot
):
    draw(window, qtbot, 0, 3)
    grid = tracing.window.grid
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(9, 1).center().toPoint())
    shown(window)
    assert (window.state.selection, tracing.state.at) == (-1, 9)
    assert view(window).scene().beneath.path.at == 9
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(9, 0).center().toPoint())
    assert window.state.selection == 3
    tracing.read("sentences")
    shown(window)
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert window.state.selection == tracing.steps.indices[0] == 0


def test_the_window_lies_over_the_lower_part_and_leaves_the_maps_in_sight(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    main = window.window.geometry()
    assert main.contains(tracing.window.geometry())
    assert tracing.window.geometry().top() > window.window.maps.mapToGlobal(QPoint(0, 0)).y() + 100
    assert tracing.window.grid.hasFocus() or tracing.window.focusWidget() is tracing.window.grid
    tracing.window.move(main.left() + 3, main.top() + 3)
    tracing.remove()
    draw(window, qtbot, 1, 2)
    assert tracing.window.pos() == main.topLeft() + QPoint(3, 3)  # where a person has put it
    tracing.remove()
    shown(window)
    window.window.resize(1100, 640)
    draw(window, qtbot, 1, 2)
    assert window.window.geometry().contains(tracing.window.geometry())


def test_the_number_of_places_is_chosen(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    assert len(texts(window)) == 10
    tracing.window.places.setValue(4)
    shown(window)
    assert len(texts(window)) == 4
    tracing.window.places.selectAll()
    qtbot.keyClicks(tracing.window.places, "41")
    shown(window)
    assert len(texts(window)) == 4
    assert QToolTip.text() == "From 2 to 40 only"
    QToolTip.hideText()


def test_another_search_decodes_anew_without_looking_around_again(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    steps = tracing.steps
    window._choose(replace(window.state.choice, method="greedy"))
    shown(window)
    assert texts(window)[0][1] == "0 0 greedy vae"
    assert tracing.steps is steps


def test_of_two_lines_the_newer_is_read_and_what_is_awaited_is_said(window, tracing, qtbot):
    archive = window.context.archive
    worker = archive._worker
    archive.detach()
    draw(window, qtbot, 0, 1)
    assert tracing.window._about.text() == "Looking around the line …"
    assert view(window).scene().beneath.path.meant == tracing.state.line.corners
    draw(window, qtbot, 2, 3)
    assert tracing.waiting
    archive.attach(worker)
    shown(window)
    assert tracing.steps.asked.line == tracing.state.line
    assert [row[0] for row in texts(window)][:: len(texts(window)) - 1] == [SENTENCES[2], SENTENCES[3]]
    assert not tracing.waiting


def test_undo_redo_escape_and_closing_the_window_take_the_path_and_bring_it_back(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    line = tracing.state.line
    window.actions.undo.trigger()
    shown(window)
    assert not tracing.window.isVisible()
    assert view(window).scene().beneath.path is None
    window.actions.redo.trigger()
    shown(window)
    assert tracing.window.isVisible()
    assert (tracing.state.line, len(texts(window))) == (line, 10)
    qtbot.keyClick(view(window), Qt.Key.Key_Escape)
    shown(window)
    assert not tracing.window.isVisible()
    window.actions.undo.trigger()
    shown(window)
    qtbot.keyClick(tracing.window, Qt.Key.Key_Escape)
    shown(window)
    assert tracing.state.line is None
    assert window.context.history.undoes == "remove the path"
    window.actions.undo.trigger()
    shown(window)
    assert tracing.window.isVisible()
    qtbot.keySequence(tracing.window, "Ctrl+Z")  # of removing it the first time
    qtbot.keySequence(tracing.window, "Ctrl+Z")
    shown(window)
    assert not tracing.window.isVisible()


def test_escape_lets_go_of_the_path_before_the_selection(window, tracing, qtbot):
    window.maps.selecting.controller.pick(1, "add")
    draw(window, qtbot, 0, 3)
    qtbot.keyClick(view(window), Qt.Key.Key_Escape)
    assert (tracing.state.line, window.state.chosen.count) == (None, 1)
    qtbot.keyClick(view(window), Qt.Key.Key_Escape)
    assert window.state.chosen.count == 0


def test_a_small_line_is_a_click_and_held_keys_draw_a_box(window, tracing, qtbot):
    at = view(window).position_of(1)
    draw(window, qtbot, at, at + QPointF(2, 1))
    assert (window.state.selection, tracing.state.line) == (1, None)
    near = [view(window).position_of(index) for index in (0, 2)]
    box = [QPointF(near[0].x() - 9, near[0].y() + 9), QPointF(near[1].x() + 9, near[1].y() - 9)]
    draw(window, qtbot, *box, keys=Qt.KeyboardModifier.ShiftModifier)
    assert (window.state.chosen.count, tracing.state.line) == (2, None)
    middle = QPoint(view(window).width() // 2, view(window).height() // 2)
    qtbot.mouseClick(view(window), LEFT, pos=middle)
    assert not view(window)._ground.isActive()  # no guess while the path is in the hand


def test_the_menu_leads_from_the_clicked_sentence_to_a_point_or_a_place(window, tracing):
    assert not any("Path" in action.text() for action in view(window).context_menu(1).actions())
    window.maps.controller.select(0)
    shown(window)
    assert not any("Path" in action.text() for action in view(window).context_menu(0).actions())
    for index, place, end in ((3, None, (1.0, 1.0)), (-1, (0.2, 0.7), (0.2, 0.7))):
        menu = view(window).context_menu(index, place)
        next(action for action in menu.actions() if action.text() == "Path from the clicked sentence").trigger()
        menu.close()
        assert tracing.state.line.corners == ((0.0, 0.0), end)


def test_where_there_is_no_way_along_sentences_that_is_said_and_the_line_stays(window, tracing, qtbot):
    tracing.read("sentences")
    at = view(window).position_of(2)
    draw(window, qtbot, at - QPointF(9, 9), at + QPointF(9, 9))
    assert tracing.window.isVisible()
    assert "nearest to the same sentence" in tracing.window._about.text()
    assert tracing.window._about.property("role") == "warning"
    assert texts(window) == []
    assert view(window).scene().beneath.path.meant == tracing.state.line.corners
    tracing.read("drawn")
    shown(window)
    assert len(texts(window)) == 10


def show_map(window, atlas) -> None:
    """Another map is read, or the same one again, as the reader's thread hands them over."""
    window.context.atlas = atlas
    window.state.maps = Stage("loading")
    window.state.maps = Stage("ready")
    shown(window)


def test_a_path_goes_with_its_map_and_comes_back_with_it(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    before, steps = window.context.atlas, tracing.steps
    show_map(window, replace(fake_atlas(), map="pca"))
    assert not tracing.window.isVisible()
    assert view(window).scene().beneath.path is None
    assert (tracing.escape(), tracing.said) == (False, "")  # what is out of sight is not let go of
    made_anew = fake_atlas()
    made_anew.numbers["vae"].coords[1] += 0.5
    show_map(window, made_anew)
    assert not tracing.shown
    show_map(window, before)
    assert tracing.window.isVisible()
    assert tracing.steps is not steps  # read anew, from the maps that there are
    assert len(texts(window)) == 10


def test_another_run_has_none_and_no_undo_brings_it_there(window, tracing, opening, qtbot):
    draw(window, qtbot, 0, 3)
    opening.append(opened())
    window.open("other")
    shown(window)
    assert tracing.state.line is None
    assert not tracing.window.isVisible()
    assert window.context.history.undoes == ""


def test_a_variant_that_is_hidden_has_no_column_and_a_broken_one_says_why(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    window.state.broken = {"vae": "its file is damaged"}
    shown(window)
    assert "its file is damaged" in texts(window)[0][1]
    assert texts(window)[0][2] == "0 0 beam autogen-m1"
    window.maps.controller.show_variant("autogen-m1", False)
    shown(window)
    assert len(texts(window)[0]) == 2


def test_models_that_cannot_be_had_are_told_of_and_the_sentences_stay(window, tracing, qtbot):
    tracing.read("sentences")
    window.state.models = Stage("failed", "There are no models here.")
    draw(window, qtbot, 0, 3)
    assert texts(window)[0][0] == SENTENCES[0]
    assert "There are no models here." in texts(window)[0][1]


def test_a_line_of_a_map_that_is_not_there_any_more_is_not_read(window, tracing):
    tracing.want(TracingWish(Line("vae", "gone", ((0.0, 0.0), (1.0, 1.0)))))
    shown(window)
    assert not tracing.shown
    assert not tracing.waiting
    assert tracing.wish().elsewhere() == TracingWish()


def test_a_picture_of_a_map_says_what_the_numbers_are(window, tracing, qtbot):
    draw(window, qtbot, 0, 3)
    assert window.maps.row.panels["vae"].shown.said == "A path of guesses, no measurement, 10 steps"
    tracing.remove()
    shown(window)
    assert window.maps.row.panels["vae"].shown.said == ""


def test_a_column_has_what_its_model_answered_last(window, tracing, qtbot):
    tracing.state.places = 5
    draw(window, qtbot, 0, 1)
    made, place = tracing._readings["vae"], tracing._placed["vae"]
    tracing._decoded(Failure("vae", "A beam of 80 is wider than the vocabulary."))
    shown(window)
    assert "vae" not in tracing._readings
    assert "wider than the vocabulary" in " ".join(texts(window)[0])
    tracing._decoded(Answer("vae", made, place))
    shown(window)
    assert tracing._refused == {}
    assert "wider than the vocabulary" not in " ".join(texts(window)[0])
