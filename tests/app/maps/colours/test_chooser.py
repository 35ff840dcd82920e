"""The menu of what the points are coloured by."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.core import theme
from app.maps.colours.chooser import ColourChooser
from app.maps.colours.kinds import KINDS
from tests.app.fakes import COLUMNS

NAMES = [kind.text for kind in KINDS]


@pytest.fixture
def chooser(qtbot, qapp):
    made = ColourChooser()
    made.setStyleSheet(theme.stylesheet())
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_kind_is_offered_and_explained(chooser):
    menu = chooser.menu
    assert [menu.itemText(at) for at in range(menu.count())] == NAMES
    for at, kind in enumerate(KINDS):
        assert menu.itemData(at, Qt.ItemDataRole.ToolTipRole) == kind.meaning
    told = []
    chooser.kind_chosen.connect(told.append)
    menu.activated.emit(NAMES.index("mean σ"))
    assert told == ["sigma"]


def test_columns_are_offered_as_colours_and_chosen_by_their_names(chooser):
    told, models = [], []
    chooser.column_chosen.connect(told.append)
    chooser.kind_chosen.connect(models.append)
    chooser.set_kept(("KL", "1"))  # a column may be called like a number of the models
    chooser.set_kept(("KL", "1"))
    menu = chooser.menu
    assert [menu.itemText(at) for at in range(menu.count())] == [*NAMES, "", "KL", "column 1"]
    menu.activated.emit(len(NAMES) + 1)
    menu.activated.emit(0)
    assert (told, models) == (["KL"], ["KL"])
    chooser.set_chosen("nll", "KL", "", False)
    assert menu.currentIndex() == len(NAMES) + 1
    chooser.set_kept(())
    assert menu.count() == len(NAMES)


def test_the_list_shows_whole_entries(chooser, qapp):
    menu = chooser.menu
    menu.showPopup()
    qapp.processEvents()
    view = menu.view()
    rects = [view.visualRect(menu.model().index(i, 0)) for i in range(menu.count())]
    assert len(rects) == len(KINDS)
    assert all(view.viewport().rect().contains(rect) for rect in rects)
    assert view.viewport().width() >= max(view.fontMetrics().horizontalAdvance(name) for name in NAMES)
    menu.hidePopup()


def test_the_variant_is_asked_for_only_where_the_colours_are_of_one(chooser):
    told = []
    chooser.of_chosen.connect(told.append)
    chooser.set_columns(COLUMNS)
    chooser.set_chosen("KL", "", "vae", False)
    assert not chooser.of.isVisible()
    chooser.set_chosen("drift", "", "autogen-m1", False)
    assert chooser.of.isVisible()
    assert chooser.of.currentText() == "AutoGen m=1"
    chooser.of.activated.emit(0)
    assert told == ["vae"]
    chooser.set_chosen("drift", "", "vae", True)
    assert not chooser.of.isVisible()
    assert not chooser.menu.isEnabled()


def test_the_menu_is_as_wide_as_what_it_says(chooser):
    chooser.set_chosen("KL", "", "", False)
    narrow = chooser.menu.width()
    chooser.set_chosen("unknown", "", "", False)
    assert chooser.menu.width() > narrow
