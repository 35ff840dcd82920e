"""The scale of the colours under the mouse and the keys."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt

from app.core import theme
from app.maps.colours.scale import ColourRange, span_words


@pytest.fixture
def scale(qtbot, qapp):
    made = ColourRange()
    made.setStyleSheet(theme.stylesheet())
    qtbot.addWidget(made)
    made.set_scale("KL, nats", 0.0, 20.0)
    made.resize(made.sizeHint())
    made.show()
    told: list[object] = []
    made.span_chosen.connect(told.append)
    made.told = told
    return made


def at(scale: ColourRange, share: float) -> QPoint:
    """Where a share of the scale lies."""
    bar = scale.bar()
    return QPoint(round(bar.left() + share * bar.width()), round(bar.center().y()))


def drag(qtbot, scale: ColourRange, first: float, last: float) -> None:
    qtbot.mousePress(scale, Qt.MouseButton.LeftButton, pos=at(scale, first))
    qtbot.mouseMove(scale, at(scale, (first + last) / 2))
    qtbot.mouseMove(scale, at(scale, last))
    qtbot.mouseRelease(scale, Qt.MouseButton.LeftButton, pos=at(scale, last))


def test_the_frame_of_the_keyboard_cuts_neither_the_words_nor_the_numbers(scale, qtbot):
    scale.clearFocus()
    before = scale.grab().toImage()
    scale.setFocus()
    qtbot.waitUntil(scale.hasFocus)
    after, bar = scale.grab().toImage(), scale.bar()
    places = [(x, y) for x in range(after.width()) for y in range(after.height())]
    framed = [x for x, y in places if before.pixelColor(x, y) != after.pixelColor(x, y)]
    assert framed
    assert bar.left() - theme.SPACE < min(framed) < bar.left()
    assert bar.right() < max(framed) < bar.right() + theme.SPACE


def test_counts_have_no_decimals(scale):
    for ends, written in (((5.0, 16.0), ("5", "16")), ((0.0, 5.0), ("0", "5")), ((0.0, 2.1), ("0.0", "2.1"))):
        scale.set_scale("tokens", *ends)
        assert scale.texts()[1:] == written


def test_a_drag_chooses_values_and_a_click_all_again(scale, qtbot):
    drag(qtbot, scale, 0.75, 0.25)  # from either end
    assert scale.told[-1] == scale.span == pytest.approx((5.0, 15.0), abs=0.25)
    assert "Coloured: KL, nats: 5" in scale.toolTip()
    qtbot.mouseClick(scale, Qt.MouseButton.LeftButton, pos=at(scale, 0.5))
    assert (scale.told[-1], scale.span) == (None, None)
    count = len(scale.told)
    qtbot.mouseClick(scale, Qt.MouseButton.LeftButton, pos=at(scale, 0.5))
    assert len(scale.told) == count  # nothing to take back


def test_an_end_of_the_scale_stands_for_all_beyond_it(scale, qtbot):
    drag(qtbot, scale, 0.5, 1.4)
    assert scale.span == (pytest.approx(10.0, abs=0.25), math.inf)
    drag(qtbot, scale, 0.5, -0.4)
    assert scale.span == (-math.inf, pytest.approx(10.0, abs=0.25))


def test_the_keys_move_both_ends_which_never_meet(scale, qtbot):
    qtbot.keyClick(scale, Qt.Key.Key_Right)
    qtbot.keyClick(scale, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert scale.span == pytest.approx((1.0, 19.0))
    for _ in range(30):
        qtbot.keyClick(scale, Qt.Key.Key_Right)
    assert scale.span == pytest.approx((18.0, 19.0))
    qtbot.keyClick(scale, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert scale.span == (pytest.approx(18.0), math.inf)
    qtbot.keyClick(scale, Qt.Key.Key_Escape)
    assert scale.told[-1] is None


def test_what_is_not_chosen_is_covered(scale):
    def colour(share: float) -> tuple[int, int, int]:
        return scale.grab().toImage().pixelColor(at(scale, share)).getRgb()[:3]

    before = colour(0.9), colour(0.3)
    scale.set_span((2.0, 10.0))
    assert colour(0.9) != before[0]
    assert colour(0.3) == before[1]


def test_the_density_and_a_scale_without_a_length_cannot_be_chosen_from(scale, qtbot):
    scale.set_density()
    drag(qtbot, scale, 0.2, 0.6)
    scale.set_scale("drift …", 0.0, 0.0)
    drag(qtbot, scale, 0.2, 0.6)
    qtbot.keyClick(scale, Qt.Key.Key_Right)
    assert scale.told == []
    assert scale.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_the_values_in_words():
    assert span_words("KL, nats", None, 20.0) == "KL, nats: all"
    assert span_words("KL, nats", (3.0, 12.6), 20.0) == "KL, nats: 3 to 13"
    assert span_words("mean σ", (-math.inf, 0.25), 0.5) == "mean σ: up to 0.25"
    assert span_words("mean σ", (0.25, math.inf), 0.5) == "mean σ: from 0.25"
