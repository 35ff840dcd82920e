"""The line above the maps."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QToolButton

from app.core import theme
from app.maps.toolbar import Toolbar


@pytest.fixture
def bar(qtbot, qapp):
    made = Toolbar()
    made.setStyleSheet(theme.stylesheet())
    qtbot.addWidget(made)
    made.resize(1100, 42)
    made.show()
    return made


def test_the_cross_of_the_search_goes_with_its_text_whoever_empties_it(bar, qtbot):
    told = []
    bar.search_changed.connect(told.append)
    cross = bar.search.findChild(QToolButton)
    bar.set_search("love", 3)
    qtbot.waitUntil(cross.isVisible)
    bar.set_search("", None)
    qtbot.waitUntil(lambda: not cross.isVisible())
    assert told == []  # it was not a person


def test_what_the_colours_are_by_is_named_in_a_narrow_window_too(bar):
    assert bar._colour_by.isVisible()
    assert bar._colour_by.width() >= bar._colour_by.sizeHint().width()


def test_the_list_of_colourings_shows_whole_entries(bar, qapp):
    choice = bar.findChild(QComboBox)
    choice.showPopup()
    qapp.processEvents()
    view = choice.view()
    rects = [view.visualRect(choice.model().index(i, 0)) for i in range(choice.count())]
    assert len(rects) == 3
    assert all(view.viewport().rect().contains(rect) for rect in rects)
    choice.hidePopup()
