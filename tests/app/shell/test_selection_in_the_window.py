"""The selection in the window: drawn on one map and seen on all, listed, kept, undone, and brought back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu

from app.maps.selection import words
from tests.app.fakes import SENTENCES
from tests.app.looking import shown, texts

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(explorer):
    """The window on maps of four sentences, the corners of a square."""
    explorer.open("demo")
    shown(explorer)
    return explorer


def view(explorer, name: str = "vae"):
    return explorer.window.maps.panels[name].map


def draw(explorer, qtbot, corners: list[QPointF], keys=Qt.KeyboardModifier.NoModifier) -> None:
    """Draw a line on the map of the VAE from place to place."""
    target = view(explorer)
    places = [corner.toPoint() for corner in corners]
    qtbot.mousePress(target, LEFT, keys, places[0])
    for place in places[1:]:
        at = QPointF(place)
        target.mouseMoveEvent(
            QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, LEFT, Qt.KeyboardModifier.NoModifier)
        )
    qtbot.mouseRelease(target, LEFT, keys, places[-1])
    shown(explorer)


def box_round(explorer, *indices: int) -> list[QPointF]:
    """Two corners of a box with these sentences and five pixels about them."""
    at = [view(explorer).position_of(index) for index in indices]
    left, right = min(p.x() for p in at) - 5, max(p.x() for p in at) + 5
    top, bottom = min(p.y() for p in at) - 5, max(p.y() for p in at) + 5
    return [QPointF(left, top), QPointF(right, bottom)]


def dimmed(explorer) -> list[list[int] | None]:
    """The grey sentences on every map."""
    masks = [panel.map._dimmed for panel in explorer.window.maps.panels.values()]
    return [None if mask is None else np.flatnonzero(mask).tolist() for mask in masks]


def test_what_is_drawn_round_on_one_map_stands_out_on_all_and_is_counted(window, qtbot):
    window.actions.box.trigger()
    shown(window)
    draw(window, qtbot, box_round(window, 0, 2))
    assert dimmed(window) == [[1, 3], [1, 3]]
    assert window.window.toolbar.selection.count.text() == "2 selected"
    assert window.window.toolbar.selection.count.accessibleName() == "2 of 4 selected"
    window.actions.lasso.trigger()
    shown(window)
    corner = view(window).position_of(3)
    ring = [corner + QPointF(dx, dy) for dx, dy in ((-9, -9), (9, -9), (9, 9), (-9, 9))]
    draw(window, qtbot, ring, Qt.KeyboardModifier.ShiftModifier)
    assert dimmed(window) == [[1], [1]]
    window.actions.invert.trigger()
    shown(window)
    assert dimmed(window) == [[0, 2, 3]] * 2
    window.actions.unselect.trigger()
    shown(window)
    assert dimmed(window) == [None, None]
    assert window.window.toolbar.selection.count.text() == "Select"
    window.actions.undo.trigger()
    window.actions.undo.trigger()
    shown(window)
    assert dimmed(window) == [[1], [1]]


def test_what_is_searched_stands_out_until_something_is_selected_and_again_when_that_is_let_go(window, qtbot):
    draw(window, qtbot, box_round(window, 0, 1), Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(window.window.toolbar.search, "love")
    qtbot.waitUntil(lambda: not window.maps.controller.searching)
    shown(window)
    assert dimmed(window)[0] == [1, 3]
    draw(window, qtbot, box_round(window, 2, 3), Qt.KeyboardModifier.ShiftModifier)  # of these only 2 was found
    assert dimmed(window)[0] == [3]
    first = view(window)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    shown(window)
    assert dimmed(window)[0] == [1, 3]
    assert window.maps.state.search == "love"
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    shown(window)
    assert (dimmed(window)[0], window.maps.state.search) == (None, "")


def test_what_is_found_is_selected_with_control_and_enter_right_after_typing(window, qtbot):
    field = window.window.toolbar.search
    qtbot.keyClicks(field, "love")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    shown(window)
    assert np.flatnonzero(window.maps.selecting.controller.mask).tolist() == [0, 2]
    assert window.state.selection == -1


def test_a_search_for_an_expression_or_a_length_is_a_search(window, qtbot):
    controller = window.maps.controller
    for text, count in (("length:5..6", 2), ("length:4 love", 1), ("/^(where|it) .*[.?]$/", 2), ("/LOVE/", 2)):
        controller.search(text)
        controller.hasten()
        assert (text, window.maps.state.matches) == (text, count)


def test_an_expression_that_is_none_is_told_and_nothing_is_found(window):
    controller = window.maps.controller
    controller.search("love")
    controller.hasten()
    controller.search("/(love/")
    controller.hasten()
    shown(window)
    assert "is no regular expression: missing )" in texts(window.window)
    assert window.maps.state.matches is None
    assert dimmed(window) == [None, None]


@pytest.mark.parametrize("mended", ["/(love)/", "love", ""])
def test_what_was_wrong_with_a_search_is_said_no_longer_once_it_is_mended(window, mended):
    controller, banner = window.maps.controller, window.window.banner
    controller.search("/(love/")
    controller.hasten()
    assert "is no regular expression" in banner.message
    controller.search(mended)
    controller.hasten()
    assert banner.message == ""


def test_a_search_that_succeeds_leaves_what_others_complain_of(window):
    controller, banner = window.maps.controller, window.window.banner
    controller.search("/(love/")
    controller.hasten()
    banner.complain("The disk is full.")
    controller.search("love")
    controller.hasten()
    assert banner.message == "The disk is full."


def test_the_selected_sentences_are_listed_in_place_of_the_hits_and_clicked_there(window, qtbot):
    window.maps.controller.search("love")
    window.maps.controller.hasten()
    shown(window)
    window.maps.selecting.controller.pick(1, "add")
    window.maps.selecting.controller.pick(3, "add")
    window.actions.list_selected.trigger()
    shown(window)
    drawer = window.maps.selecting.listing.drawer
    assert drawer.isVisible()
    assert not window.maps.listing.drawer.isVisible()
    assert drawer.model.rowCount() == 2
    drawer.list.chosen.emit(1)
    shown(window)
    assert (window.state.selection, "2 of 2" in texts(drawer)) == (3, True)
    assert drawer.model.data(drawer.model.index(0)) in ("", SENTENCES[1])
    window.window.toolbar._matches.click()
    shown(window)
    assert window.maps.listing.drawer.isVisible()
    assert not drawer.isVisible()
    window.actions.list_selected.trigger()
    window.actions.unselect.trigger()
    shown(window)
    assert not drawer.isVisible()


def test_listing_nothing_tells_how_to_select(window):
    window.actions.list_selected.trigger()
    assert words.NOTHING_CHOSEN in texts(window.window)


def test_what_stands_out_is_kept_with_control_k(window, qtbot):
    window.maps.selecting.controller.pick(1, "add")
    window.actions.keep.trigger()
    menu = next(m for m in window.window.findChildren(QMenu) if m.isVisible())
    next(each for each in menu.actions() if "“without”" in each.text()).trigger()
    menu.close()
    members = window.bench.tabs["Arithmetic"].state.groups["without"].members
    assert [member.pick.text for member in members] == [SENTENCES[1]]


def test_the_tools_have_keys_which_are_typed_as_text_in_a_field(window, qtbot):
    first = view(window)
    first.setFocus()
    for key, tool in ((Qt.Key.Key_M, "box"), (Qt.Key.Key_L, "lasso"), (Qt.Key.Key_P, "path"), (Qt.Key.Key_H, "look")):
        qtbot.keyClick(first, key)
        shown(window)
        assert (window.maps.selecting.state.tool, first._pen.tool) == (tool, tool)
    field = window.window.toolbar.search
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_L)
    assert (field.text(), window.maps.selecting.state.tool) == ("l", "look")


def test_a_selection_stays_with_a_run_of_the_same_sentences_and_goes_with_others(window, opening):
    window.maps.selecting.controller.pick(1, "add")
    window.open("other")
    shown(window)
    assert dimmed(window)[0] == [0, 2, 3]
    brought = opening[-1]
    brought.atlas.cache.corpus_fingerprint = "other sentences"
    opening.append(replace(brought))
    window.open("third")
    shown(window)
    assert dimmed(window) == [None, None]
    assert window.window.toolbar.selection.count.text() == "Select"


def test_points_that_a_scale_has_turned_grey_are_not_drawn_round(window, qtbot):
    window.maps.controller.colour_span((2.0, 4.0))  # KL is 1, 2, 3, 4
    shown(window)
    assert dimmed(window)[0] == [0]
    draw(window, qtbot, box_round(window, 0, 1), Qt.KeyboardModifier.ShiftModifier)
    assert np.flatnonzero(window.maps.selecting.controller.mask).tolist() == [1]
    assert dimmed(window)[0] == [0, 2, 3]
