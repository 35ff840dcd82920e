"""The line above the maps."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QToolButton

from app.core import theme
from app.maps.toolbar import Toolbar
from app.widgets.categories.colours import MOST, Entry


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


ENTRIES = (Entry("positive & good", 1200, 0, "positive & good"), Entry("bad", 300, 1, "bad"), Entry("missing", 7, -1))


def test_columns_are_offered_as_colours_and_chosen_by_their_names(bar):
    told, models = [], []
    bar.column_chosen.connect(told.append)
    bar.colour_by_chosen.connect(models.append)
    bar.set_kept(("KL", "1"))  # a column may be called like a number of the models
    bar.set_kept(("KL", "1"))
    choice = bar.findChild(QComboBox)
    assert [choice.itemText(at) for at in range(choice.count())] == ["KL", "NLL", "length", "", "KL", "column 1"]
    choice.activated.emit(4)
    choice.activated.emit(0)
    assert (told, models) == (["KL"], ["KL"])
    bar.set_colouring("nll", False, "KL", 0, 1, "KL", ENTRIES)
    assert choice.currentIndex() == 4
    bar.set_kept(())
    assert choice.count() == 3


def test_the_legend_names_and_counts_categories_and_a_click_on_one_tells_it(bar, qtbot):
    told = []
    bar.legend.chosen.connect(told.append)
    bar.set_colouring("KL", False, "label", 0, 1, "label", ENTRIES)
    assert bar.legend.isVisible()
    assert not bar._scale.isVisible()
    good, bad, missing = bar.legend._buttons
    assert good.text() == "positive && good  1,200"
    bad.click()
    missing.click()
    assert told == ["bad"]
    bar.set_searched("bad")
    assert bad.isChecked()
    assert not good.isChecked()
    assert bar.meaning == ("label", "", "", ENTRIES)
    bar.set_colouring("KL", False, "KL, nats", 0, 5)
    assert not bar.legend.isVisible()
    assert bar.meaning[0] == "KL, nats"


def test_names_of_the_legend_are_shortened_in_a_narrow_window(bar, qapp):
    many = tuple(Entry(f"a rather long name {at}", 10**6, at, str(at)) for at in range(MOST + 1))
    bar.set_colouring("KL", False, "label", 0, 1, "label", many)
    bar.resize(900, 70)
    qapp.processEvents()
    assert bar.width() == 900
    assert all(one.geometry().right() <= bar.legend.width() for one in bar.legend._buttons)
    assert all("a rather long name" in one.toolTip() for one in bar.legend._buttons)
