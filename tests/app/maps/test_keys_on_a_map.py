"""The keyboard on a map: moving it, and going from point to point."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from app.maps.drawing import finder as map_finder
from app.maps.view import MapView
from tests.app.maps.hand import POINTS


def test_the_keyboard_moves_zooms_resets_and_marks(qtbot, view):
    home = view.view_range()
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.view_range()[0] > home[0]
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    x0, x1, _, _ = view.view_range()
    assert x1 - x0 < home[1] - home[0]
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.at_home
    view.set_selection(2)
    with qtbot.waitSignal(view.mark_requested) as said:
        qtbot.keyClick(view, Qt.Key.Key_B)
    assert said.args == ["B", 2]


def follow(view: MapView, said: list[int]) -> None:
    """Point at what the map says, as the window does, and note it."""
    view.hovered.connect(said.append)
    view.hovered.connect(view.set_hover)


def test_the_arrow_keys_go_from_point_to_point_and_enter_or_space_clicks(qtbot, view):
    pointed: list[int] = []
    clicked: list[int] = []
    follow(view, pointed)
    view.clicked.connect(clicked.append)
    view.set_points(np.array([[0, 0], [10, 3], [4, 9], [5, 5], [4.98, 5]], np.float32))
    home = view.view_range()
    qtbot.keyClick(view, Qt.Key.Key_Return)  # nothing is pointed at
    qtbot.keyClick(view, Qt.Key.Key_Down)  # the first press begins in the middle
    assert (pointed, clicked) == ([3], [])
    qtbot.keyClick(view, Qt.Key.Key_Right)  # the last point looks as if it were at the same place
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.keyClick(view, Qt.Key.Key_Down)  # there is nothing below it within 45 degrees
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Enter)
    assert pointed == [3, 1, 3, 2]
    assert clicked == [1, 2]
    assert view.view_range() == home


def test_the_arrow_keys_begin_at_the_clicked_point_and_leave_out_what_is_dimmed(qtbot, view):
    pointed: list[int] = []
    follow(view, pointed)
    view.set_selection(0)
    view.set_dimmed(np.array([False, False, False, False, True, True]))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert pointed == [1, 3]


def test_a_point_out_of_sight_is_brought_into_view_and_linked_maps_are_told(qtbot, view):
    pointed: list[int] = []
    follow(view, pointed)
    view.set_view_range(-1, 1, -1, 1)
    view.set_selection(0)
    view.set_dimmed(np.array([False, False, False, False, True, True]))
    with qtbot.waitSignal(view.panned):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert pointed == [1]
    assert view.rect().contains(view.position_of(1).toPoint())


def test_points_that_look_like_one_are_told_apart_by_zooming_in(qtbot, view):
    pointed: list[int] = []
    follow(view, pointed)
    view.set_selection(4)
    view.set_view_range(4.9, 5.1, 4.9, 5.1)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Plus)  # about the point that was reached
    assert pointed == [5]
    assert view.rect().contains(view.position_of(5).toPoint())


def test_the_point_of_the_keys_is_let_go_with_the_keyboard(qtbot, view):
    pointed: list[int] = []
    follow(view, pointed)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    view.clearFocus()
    assert pointed == [4, -1]


def test_keys_and_clicks_on_a_map_that_is_not_prepared_yet_count_once_it_is(qtbot, view, monkeypatch):
    monkeypatch.setattr(map_finder, "_QUICK", 3)
    view.set_points(POINTS)
    clicked: list[int] = []
    view.clicked.connect(clicked.append)
    with qtbot.waitSignal(view.clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(3).toPoint())
        assert clicked == []
    assert clicked == [3]
    view.set_points(POINTS)
    with qtbot.waitSignal(view.hovered) as said:
        qtbot.keyClick(view, Qt.Key.Key_Up)
    assert said.args == [4]
