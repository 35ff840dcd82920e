"""The first stage of a training under the hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.train.text.view import TextView


@pytest.fixture
def view(qtbot) -> TextView:
    made = TextView()
    qtbot.addWidget(made)
    made.show()
    return made


def test_escape_goes_back_from_any_field(view, qtbot):
    for field in (view.file, view.numbers["min_words"]):
        with qtbot.waitSignal(view.closed, timeout=1000):
            qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_what_limits_are_counted_in_is_said(view):
    said = {each.text() for each in view.findChildren(QLabel)}
    assert {"Shortest, tokens", "Longest, tokens", "Vocabulary, words", "Test share, %"} <= said
