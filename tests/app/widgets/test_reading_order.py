"""The order in which one reads, of things at given places and of controls in a window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from app.widgets.reading_order import as_read, move_focus, reading_order


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"b": (60, 2, 50, 20), "a": (0, 0, 50, 24), "c": (0, 30, 110, 20)}, "abc"),  # a line, and one beneath
        ({"c": (60, 0, 50, 20), "a": (0, 0, 50, 200), "d": (55, 30, 50, 20)}, "acd"),  # beside something tall
        ({"d": (60, 40, 50, 20), "b": (0, 26, 50, 20), "a": (0, 0, 50, 20), "c": (60, 12, 50, 20)}, "abcd"),  # columns
        ({"b": (49, 0, 50, 20), "a": (0, 1, 50, 20), "c": (0, 19, 99, 20)}, "abc"),  # reaching into each other
        ({"b": (10, 36, 80, 90), "a": (0, 0, 100, 200)}, "ab"),  # one over the other
        ({}, ""),
    ],
)
def test_lines_come_before_columns_and_columns_before_anything_else(places, order):
    names = sorted(places, reverse=True)
    assert "".join(as_read(names, lambda name: QRect(*places[name]))) == order


@pytest.fixture
def window(qtbot):
    """Two lines of controls, the lower made first."""
    made = QWidget()
    qtbot.addWidget(made)
    lower, upper = QHBoxLayout(), QHBoxLayout()
    made.field, made.number, made.off = QLineEdit(), QSpinBox(), QPushButton("off")
    made.off.setEnabled(False)
    for widget in (made.field, made.off, made.number):
        lower.addWidget(widget)
    made.group, made.options = QButtonGroup(made), [QPushButton(text) for text in "xyz"]
    for option in made.options:
        option.setCheckable(True)
        made.group.addButton(option)
        upper.addWidget(option)
    column = QVBoxLayout(made)
    column.addLayout(upper)
    column.addLayout(lower)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def test_controls_come_line_by_line_without_those_that_cannot_be_used(window):
    window.group.setExclusive(False)
    for option in window.options:
        option.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    assert reading_order(window) == [*window.options, window.field, window.number]


def test_of_several_of_which_one_is_chosen_tab_goes_to_that_one(window):
    window.options[1].setChecked(True)
    assert reading_order(window) == [window.options[1], window.field, window.number]


def test_tab_goes_round_the_ends_and_from_nowhere_to_an_end(window):
    window.options[1].setChecked(True)
    window.number.setFocus()
    assert move_focus(window, True)
    assert window.options[1].hasFocus()
    assert move_focus(window, False)
    assert window.number.hasFocus()
    window.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    window.setFocus()
    assert move_focus(window, True)
    assert window.options[1].hasFocus()


def test_without_anything_to_go_to_the_keyboard_stays(qtbot):
    empty = QWidget()
    qtbot.addWidget(empty)
    assert not move_focus(empty, True)
