"""Boxes and lassos drawn on a map with the mouse, and what the keys that are held say of them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from app.core import theme
from app.maps.view import MapView
from tests.app.maps.hand import POINTS, colour_at, differs, move, wheel

SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
NO_KEYS = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def draw(qtbot, view: MapView, places: list[QPoint], keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """Press at the first place, move over the others, and let go at the last."""
    qtbot.mousePress(view, LEFT, keys, places[0])
    for place in places[1:]:
        move(view, QPointF(place), LEFT)
    qtbot.mouseRelease(view, LEFT, keys, places[-1])


@pytest.mark.parametrize(
    ("tool", "keys", "taking"),
    [
        ("look", SHIFT, "add"),
        ("look", CONTROL, "subtract"),
        ("look", ALT, "subtract"),
        ("look", SHIFT | ALT, "within"),
        ("box", NO_KEYS, "new"),
        ("box", SHIFT, "add"),
        ("box", CONTROL, "subtract"),
    ],
)
def test_a_box_drawn_from_corner_to_corner_says_where_and_what_for_and_moves_nothing(qtbot, view, tool, keys, taking):
    told, clicked = [], []
    view.drawn.connect(told.append)
    view.clicked.connect(clicked.append)
    view.set_tool(tool)
    home = view.view_range()
    ends = [view.position_of(i).toPoint() for i in (1, 4)]  # from the lower right corner to the middle
    draw(qtbot, view, [ends[0] + QPoint(4, 4), ends[1] - QPoint(4, 4)], keys)
    [drawn] = told
    assert (drawn.shape, drawn.taking, clicked) == ("box", taking, [])
    assert view.view_range() == home
    low, high = drawn.corners.min(axis=0), drawn.corners.max(axis=0)
    assert [bool((low <= point).all() and (point <= high).all()) for point in POINTS] == [False, True] + [False] * 2 + [
        True,
        True,
    ]


def test_a_path_leads_from_where_it_was_begun_to_where_it_ends_and_is_seen_while_it_is_drawn(qtbot, view):
    traced, told, moves = [], [], []
    view.traced.connect(traced.append)
    view.drawn.connect(told.append)
    view.panned.connect(lambda *by: moves.append(by))
    view.set_tool("path")
    way = [view.position_of(index).toPoint() for index in (0, 4, 1)]
    qtbot.mousePress(view, LEFT, NO_KEYS, way[0])
    for place in way[1:]:
        move(view, QPointF(place), LEFT)
    between = QPointF(way[1] + way[2]) / 2
    assert differs(colour_at(view, between), theme.current().map)  # the line itself ...
    inside = QPointF(way[0] + way[2]) / 2 - QPointF(0, 12)
    assert not differs(colour_at(view, inside), theme.current().map)  # ... and nothing within it
    qtbot.mouseRelease(view, LEFT, NO_KEYS, way[2])
    [corners] = traced
    assert corners == pytest.approx(POINTS[[0, 4, 1]], abs=0.1)
    assert (told, moves) == ([], [])
    draw(qtbot, view, [way[0] + QPoint(4, 4), way[2] - QPoint(4, 40)], CONTROL)
    assert [(drawn.shape, drawn.taking) for drawn in told] == [("box", "subtract")]


def test_a_lasso_keeps_to_its_places_where_the_map_is_zoomed_meanwhile(qtbot, view):
    told = []
    view.drawn.connect(told.append)
    view.set_tool("lasso")
    ways = [QPoint(60, 60), QPoint(340, 60), QPoint(340, 340)]
    first = view._camera.to_data(60, 60)
    qtbot.mousePress(view, LEFT, pos=ways[0])
    move(view, QPointF(ways[1]), LEFT)
    wheel(view, QPointF(200, 200), 3)
    move(view, QPointF(ways[2]), LEFT)
    assert differs(colour_at(view, QPointF(330, 100)), theme.current().map, 10)  # what is within is tinted
    qtbot.mouseRelease(view, LEFT, pos=ways[2])
    [drawn] = told
    assert (drawn.shape, drawn.taking) == ("lasso", "new")
    assert drawn.corners[0] == pytest.approx(first)
    assert drawn.corners[-1] == pytest.approx(view._camera.to_data(340, 340))


def test_a_click_with_a_tool_reads_the_point_and_with_keys_picks_it(qtbot, view):
    clicked, picked, drawn = [], [], []
    view.clicked.connect(clicked.append)
    view.picked.connect(lambda *what: picked.append(what))
    view.drawn.connect(drawn.append)
    view.set_tool("lasso")
    for keys, index in ((NO_KEYS, 1), (SHIFT, 2), (CONTROL, 3), (SHIFT | CONTROL, 1)):
        at = view.position_of(index).toPoint()
        draw(qtbot, view, [at, at + QPoint(2, 1)], keys)
    draw(qtbot, view, [QPoint(200, 100), QPoint(200, 100)], SHIFT)  # nothing is there
    assert (clicked, picked, drawn) == ([1], [(2, "add"), (3, "subtract"), (1, "within")], [])
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_X)  # no point is pointed at, nor clicked
    move(view, view.position_of(4))
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert picked[3:] == [(4, "turn")]


def test_escape_gives_up_what_is_being_drawn_and_lets_go_of_nothing_else(qtbot, view):
    drawn, escaped = [], []
    view.drawn.connect(drawn.append)
    view.escaped.connect(lambda: escaped.append(True))
    view.set_tool("box")
    qtbot.mousePress(view, LEFT, pos=QPoint(50, 50))
    move(view, QPointF(300, 300), LEFT)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view, LEFT, pos=QPoint(300, 300))
    assert (drawn, escaped) == ([], [])
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert escaped == [True]


def test_other_points_and_another_tool_give_up_what_is_being_drawn(qtbot, view):
    drawn = []
    view.drawn.connect(drawn.append)
    for change in (lambda: view.set_points(POINTS), lambda: view.set_tool("lasso")):
        view.set_tool("box")
        qtbot.mousePress(view, LEFT, pos=QPoint(50, 50))
        move(view, QPointF(300, 300), LEFT)
        change()
        qtbot.mouseRelease(view, LEFT, pos=QPoint(300, 300))
    assert drawn == []


def test_with_a_tool_in_the_hand_the_middle_button_moves_the_map(qtbot, view):
    view.set_tool("lasso")
    before = view.position_of(4)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=QPoint(60, 150))
    move(view, QPointF(90, 140), Qt.MouseButton.MiddleButton)
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=QPoint(90, 140))
    moved = view.position_of(4) - before
    assert (moved.x(), moved.y()) == pytest.approx((30, -10))
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
