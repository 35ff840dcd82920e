"""The line above the maps."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton

from app.core import theme
from app.maps.colours.meaning import Colouring
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
    assert bar.colours.caption.isVisible()
    assert bar.colours.caption.width() >= bar.colours.caption.sizeHint().width()


ENTRIES = (Entry("positive & good", 1200, 0, "positive & good"), Entry("bad", 300, 1, "bad"), Entry("missing", 7, -1))


def test_the_legend_names_and_counts_categories_and_a_click_on_one_tells_it(bar, qtbot):
    told, places = [], []
    bar.legend.chosen.connect(told.append)
    bar.legend.place_chosen.connect(places.append)
    bar.set_colouring(Colouring("label", entries=ENTRIES), False, "label")
    assert bar.legend.isVisible()
    assert not bar.colours.scale.isVisible()
    good, bad, missing = bar.legend._buttons
    assert good.text() == "positive && good  1,200"
    bad.click()
    missing.click()
    assert (told, places) == (["bad"], [-1])
    bar.set_searched("bad")
    assert bad.isChecked()
    assert not good.isChecked()
    assert bar.meaning == ("label", "", "", ENTRIES)
    bar.set_colouring(Colouring("KL, nats", 0, 5), False)
    assert not bar.legend.isVisible()
    assert bar.meaning[0] == "KL, nats"


def test_names_of_the_legend_are_shortened_in_a_narrow_window(bar, qapp):
    many = tuple(Entry(f"a rather long name {at}", 10**6, at, str(at)) for at in range(MOST + 1))
    bar.set_colouring(Colouring("label", entries=many), False, "label")
    bar.resize(900, 70)
    qapp.processEvents()
    assert bar.width() == 900
    assert all(one.geometry().right() <= bar.legend.width() for one in bar.legend._buttons)
    assert all("a rather long name" in one.toolTip() for one in bar.legend._buttons)
