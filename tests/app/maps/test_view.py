"""The map under the hand: what it says when it is moved over, clicked, dragged, zoomed and shown differently."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialog

from app.core import theme
from app.maps.drawing.artist import Artist
from app.maps.view import MapView
from app.widgets import colour_scale
from tests.app.maps.hand import POINTS, colour_at, differs, drag, move, wheel


@pytest.mark.parametrize("index", range(4))
def test_a_click_names_the_point_it_hits(qtbot, view, index):
    with qtbot.waitSignal(view.clicked) as said:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(index).toPoint())
    assert said.args == [index]


def test_a_click_names_the_right_point_after_dragging_and_zooming(qtbot, view):
    drag(qtbot, view, QPoint(200, 300), QPoint(-60, 35))
    wheel(view, QPointF(150, 220), 12)
    drag(qtbot, view, QPoint(100, 100), QPoint(30, 20))
    expected = min(range(6), key=lambda i: (view.position_of(i) - QPointF(200, 200)).manhattanLength())
    assert view.rect().contains(view.position_of(4).toPoint())
    for index in {expected, 4, 5}:
        at = view.position_of(index).toPoint()
        if view.rect().contains(at):
            with qtbot.waitSignal(view.clicked) as said:
                qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
            assert said.args == [index]


def test_two_points_that_touch_can_be_told_apart_by_zooming_in(view):
    for _ in range(30):
        wheel(view, view.position_of(4), 1)
    assert (view.position_of(5) - view.position_of(4)).x() > 20
    assert view.index_at(view.position_of(4)) == 4
    assert view.index_at(view.position_of(5)) == 5


def test_a_click_on_empty_ground_says_nothing(qtbot, view):
    with qtbot.assertNotEmitted(view.clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))


def test_a_drag_moves_the_points_with_the_hand_and_is_no_click(qtbot, view):
    before = view.position_of(4)
    with qtbot.assertNotEmitted(view.clicked), qtbot.waitSignal(view.panned):
        drag(qtbot, view, before.toPoint(), QPoint(50, -30))
    moved = view.position_of(4) - before
    assert (moved.x(), moved.y()) == pytest.approx((50, -30))


def test_a_hand_that_trembles_still_clicks(qtbot, view):
    at = view.position_of(4).toPoint()
    with qtbot.assertNotEmitted(view.panned), qtbot.waitSignal(view.clicked):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
        move(view, QPointF(at) + QPointF(1, 1), Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + QPoint(1, 1))


def test_the_wheel_zooms_about_the_pointer(qtbot, view):
    at = view.position_of(3)
    gap = (view.position_of(3) - view.position_of(0)).manhattanLength()
    with qtbot.waitSignal(view.zoomed):
        wheel(view, at, 2)
    assert (view.position_of(3) - at).manhattanLength() == pytest.approx(0, abs=1e-6)
    assert (view.position_of(3) - view.position_of(0)).manhattanLength() > 1.3 * gap


def test_a_map_zooms_along_about_the_same_sentence(view):
    at = view.position_of(3)
    gap = (view.position_of(3) - view.position_of(0)).manhattanLength()
    view.zoom_along(2.0, 3, 0.1, 0.1)
    assert (view.position_of(3) - at).manhattanLength() == pytest.approx(0, abs=1e-6)
    assert (view.position_of(3) - view.position_of(0)).manhattanLength() == pytest.approx(2 * gap)


def test_a_map_zooms_along_about_the_same_place_where_there_is_no_sentence(view):
    x, y = 0.25 * view.width(), 0.5 * view.height()
    place = view._camera.to_data(x, y)
    view.zoom_along(3.0, -1, 0.25, 0.5)
    assert view._camera.to_data(x, y) == pytest.approx(place)


def test_zooming_stops_at_limits_and_never_loses_the_map(view):
    for turns in (400, -800):
        for _ in range(40):
            wheel(view, QPointF(10, 10), turns // 10)
        x0, x1, _, _ = view.view_range()
        assert 1e-4 < x1 - x0 < 1e3


def test_a_double_click_shows_everything_again(qtbot, view):
    wheel(view, QPointF(50, 50), 5)
    assert not view.at_home
    with qtbot.waitSignal(view.went_home):
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert view.at_home


def test_a_dialog_takes_the_pointer_away_and_what_it_was_on_is_let_go(qtbot, view):
    said = []
    view.hovered.connect(said.append)
    move(view, view.position_of(0))
    dialog = QDialog(view)
    dialog.open()
    assert said[-2:] == [0, -1]
    dialog.reject()
    move(view, view.position_of(1))
    assert said[-1] == 1


def test_a_menu_takes_the_pointer_away_too_and_a_dialog_what_it_was_on_when_that_closed(qtbot, view):
    said = []
    view.hovered.connect(said.append)
    move(view, view.position_of(0))
    menu = view.context_menu(0)
    menu.popup(view.mapToGlobal(view.position_of(0).toPoint()))
    assert said == [0, -1]
    dialog = QDialog(view)
    menu.addAction("Save").triggered.connect(lambda: (move(view, view.position_of(1)), dialog.open()))
    menu.actions()[-1].trigger()
    menu.close()
    assert said == [0, -1, 1, -1]
    dialog.reject()


def test_hovering_names_each_point_once_and_then_leaving(qtbot, view):
    said: list[int] = []
    view.hovered.connect(said.append)
    at = view.position_of(1)
    for offset in (QPointF(0, 0), QPointF(3, 3), QPointF(-5, 2)):
        move(view, at + offset)
    move(view, at - QPointF(60, 0))
    move(view, view.position_of(2))
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    assert said == [1, -1, 2, -1]


def test_twelve_pixels_count_as_under_the_pointer_and_more_do_not(view):
    at = view.position_of(0)
    assert view.index_at(at + QPointF(11.5, 0)) == 0
    assert view.index_at(at + QPointF(12.5, 0)) == -1


def test_points_that_are_not_dimmed_are_hit_first(view):
    view.set_dimmed(np.array([False, False, False, False, True, False]))
    assert view.index_at(view.position_of(4)) == 5
    view.set_dimmed(np.ones(6, bool))
    assert view.index_at(view.position_of(4)) == 4


def test_moving_a_map_by_setters_does_not_say_so(qtbot, view):
    with qtbot.assertNotEmitted(view.panned), qtbot.assertNotEmitted(view.zoomed):
        view.set_view_range(2, 4, 2, 4)
        view.reset_view()
        view.set_points(POINTS[:3])


def test_a_range_taken_from_one_map_shows_the_same_on_another(qtbot, view):
    other = MapView()
    qtbot.addWidget(other)
    other.resize(400, 400)
    other.set_points(POINTS * 3)
    wheel(view, QPointF(120, 80), 4)
    other.set_view_range(*view.view_range())
    assert other.view_range() == pytest.approx(view.view_range())


def test_resizing_keeps_the_middle_and_shows_everything_where_it_did(view):
    view.resize(300, 500)
    assert view.at_home
    assert all(view.rect().contains(view.position_of(i).toPoint()) for i in range(6))
    view.set_view_range(4, 6, 4, 6)
    x0, x1, y0, y1 = view.view_range()
    view.resize(500, 300)
    a0, a1, b0, b1 = view.view_range()
    assert ((a0 + a1) / 2, (b0 + b1) / 2) == pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2))


def test_a_menu_closes_where_its_places_are_those_of_another_map(qtbot, view):
    view.set_selection(0)
    asked: list[object] = []
    view.ground_clicked.connect(lambda *place: asked.append(place))
    view.traced.connect(asked.append)
    menu = view.context_menu(-1, (0.5, 0.5))
    menu.popup(view.mapToGlobal(QPoint(10, 10)))
    assert [each.text() for each in menu.actions() if "here" in each.text() or "Path" in each.text()]
    view.set_points(POINTS[::-1])
    assert not menu.isVisible()
    assert asked == []


def test_the_menu_asks_for_the_ends_of_an_interpolation(qtbot, view):
    asked: list[tuple[str, int]] = []
    view.mark_requested.connect(lambda end, index: asked.append((end, index)))
    menu = view.context_menu(3)
    use_a, use_b = menu.actions()[:2]
    use_a.trigger()
    use_b.trigger()
    assert asked == [("A", 3), ("B", 3)]
    assert not any(action.isEnabled() for action in view.context_menu(-1).actions()[:2])


def test_values_choose_colours_along_the_ramp_and_missing_ones_are_grey(view):
    ramp = colour_scale.ramp("dark")
    view.set_colours(np.array([0, 1, -5, np.nan, 0.5, 0.5]), 0.0, 1.0)
    low, high, below, missing = (colour_at(view, view.position_of(i)) for i in range(4))
    for found, expected in ((low, ramp[0]), (high, ramp[-1]), (below, ramp[0])):
        assert not differs(found, QColor(*(int(c) for c in expected)).name(), 60)
    assert not differs(missing, theme.current().dimmed, 60)


def test_dimmed_points_stay_visible_but_grey(view):
    view.set_colours(np.ones(6), 0, 1)
    view.set_dimmed(np.array([True, False, False, False, False, False]))
    grey = colour_at(view, view.position_of(0))
    assert differs(grey, theme.current().map, 20)
    assert not differs(grey, theme.current().dimmed, 60)


def test_changing_the_theme_repaints_the_map(view):
    dark = colour_at(view, QPointF(100, 300))
    theme.apply(QApplication.instance(), "light")
    light = colour_at(view, QPointF(100, 300))
    assert dark.name() == theme.DARK.map
    assert light.name() == theme.LIGHT.map


def test_rings_flags_path_and_caption_are_drawn_where_they_belong(view):
    plain = view.grab().toImage()
    view.set_hover(1, "A sentence that is long enough to need a second line on its card, and then some more.")
    view.set_selection(2)
    view.set_marks([("A", (0.0, 0.0), "#56B4E9"), ("you", (90.0, 90.0), "#ffffff")])
    view.set_dots([("1", (2.0, 8.0), "#56B4E9"), ("2", (5000.0, 2.0), "#56B4E9")])
    view.set_path(np.linspace((0, 0), (10, 10), 11))
    view.set_path_position(3)
    drawn = view.grab().toImage()
    changed = [view.position_of(1) + QPointF(5.5, 0), view.position_of(2) + QPointF(7, 0), view.position_of(0)]
    changed.append(QPointF(*view._camera.to_pixel(3.0, 3.0)))
    changed.append(QPointF(*view._camera.to_pixel(2.0, 8.0)) - QPointF(5.0, 0.0))
    for at in changed:
        assert drawn.pixelColor(at.toPoint()) != plain.pixelColor(at.toPoint())
    view.set_hover(-1)
    view.set_selection(-1)
    view.set_marks([])
    view.set_dots([])
    view.set_path(None)
    assert view.grab().toImage() == plain


def test_a_selection_out_of_sight_is_pointed_to_at_the_edge(view):
    view.set_view_range(0, 2, 0, 2)
    view.render_now()
    plain = view.grab().toImage()
    view.set_selection(3)
    assert view.grab().toImage().copy(380, 0, 20, 20) != plain.copy(380, 0, 20, 20)


def test_a_map_that_waits_for_its_picture_moves_the_last_one(qtbot, view):
    waiting: list[MapView] = []
    view.render_now()
    before = view._image_camera
    view.sit_for(SimpleNamespace(ask=waiting.append))
    drag(qtbot, view, QPoint(200, 100), QPoint(40, 0))
    assert set(waiting) == {view}
    assert view._image_camera == before
    at = view.position_of(4).toPoint()
    moved = view.grab().toImage().pixelColor(at)
    assert differs(moved, theme.current().map)
    drawing = view.drawing()
    view.take(drawing, drawing())
    assert view._image_camera == view._camera


def test_what_the_pointer_does_draws_no_points(qtbot, view, monkeypatch):
    view.grab()
    drawn: list[int] = []
    monkeypatch.setattr(Artist, "drawn", lambda *_: drawn.append(1))
    plain = view.grab().toImage()
    view.set_hover(1, "words")
    view.set_selection(2)
    view.set_marks([("A", (5.0, 5.0), "#56B4E9")])
    assert view.grab().toImage() != plain
    assert drawn == []


def test_a_picture_of_other_points_is_not_shown(view):
    drawing = view.drawing()
    view.set_points(POINTS[:3])
    view.render_now()
    shown = view._image
    view.take(drawing, drawing())
    assert view._image is shown


def test_new_points_clear_what_belonged_to_the_old_ones(view):
    view.set_points(POINTS[:2])
    plain = view.grab().toImage()
    view.set_points(POINTS)
    view.set_colours(np.ones(6), 0, 1)
    view.set_dimmed(np.ones(6, bool))
    view.set_selection(1)
    view.set_hover(0, "words")
    view.set_marks([("A", (5.0, 5.0), "#56B4E9")])
    view.set_path(POINTS)
    view.set_points(POINTS[:2])
    assert view.grab().toImage() == plain
    assert view.index_at(view.position_of(1)) == 1


def test_an_empty_map_and_points_without_a_place_can_be_drawn_and_pointed_at(view):
    for coords in (None, np.zeros((0, 2)), np.full((3, 2), np.nan), np.array([[1.0, 2.0], [np.inf, 0.0]])):
        view.set_points(coords)
        view.set_hover(1)
        view.set_density(True)
        assert not view.grab().isNull()
        view.set_density(False)
        assert not view.grab().isNull()
    assert view.index_at(view.position_of(0)) == 0


def test_arrays_of_the_wrong_shape_are_refused(view):
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        view.set_points(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="6 points"):
        view.set_colours(np.zeros(5))
    with pytest.raises(ValueError, match="6 points"):
        view.set_dimmed(np.zeros(7, bool))
