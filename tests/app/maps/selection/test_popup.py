"""The popup of the selection: what it says, what it asks for, and what becomes of that in the window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.fitting import misfits
from app.maps.selection import words
from tests.app.fakes import SENTENCES
from tests.app.looking import shown, texts


@pytest.fixture
def popup(explorer):
    """The popup over maps of four sentences; the window is its `explorer`."""
    explorer.open("demo")
    shown(explorer)
    explorer.actions.select_by.trigger()
    shown(explorer)
    made = explorer.maps.selecting.popup
    made.explorer = explorer
    yield made
    made.hide()


def chosen(popup) -> list[int]:
    mask = popup.explorer.maps.selecting.controller.mask
    return [] if mask is None else np.flatnonzero(mask).tolist()


def test_it_fits_into_the_smallest_window_with_everything_to_say(popup):
    popup.explorer.window.resize(1100, 640)
    popup.set_selection(1_234_567, 6_500_000)
    popup.set_hits("a search for something that is rather long, and longer still than that", 1_234_567)
    popup.set_problem(words.nothing_between("KL of AutoGen m=2", "10.25", "12.75"))
    popup.open_beneath(popup.explorer.window.toolbar.selection.count)
    shown(popup.explorer)
    assert list(misfits(popup)) == []
    window = popup.explorer.window
    assert popup.mapToGlobal(popup.rect().bottomRight()).x() <= window.mapToGlobal(window.rect().bottomRight()).x()
    assert popup.height() < 600


def test_numbers_choose_and_what_becomes_of_them_is_chosen_beside(popup):
    popup.of.setCurrentIndex(1)
    popup.least.setText("3")
    popup.values.click()
    shown(popup.explorer)
    assert chosen(popup) == [2, 3]
    assert "2 of 4 selected" in texts(popup)
    assert popup.explorer.context.history.undoes == "select sentences by KL of AutoGen m=1"
    popup.how._buttons["subtract"].click()
    popup.quantity.setCurrentIndex(2)
    assert not popup.of.isEnabled()
    popup.least.setText("6")
    popup.least.returnPressed.emit()
    assert chosen(popup) == [3]
    assert popup.explorer.context.history.undoes == "take sentences by length out of the selection"


@pytest.mark.parametrize(
    ("least", "most", "why"),
    [
        ("9", "", "No sentence has KL of VAE of 9 or more, so the selection is as it was."),
        ("4", "2", "No number is from 4 to 2: the first is the larger one."),
        ("", "", "Type from which number, or up to which, or both."),
    ],
)
def test_ends_between_which_nothing_is_say_so_and_leave_the_selection(popup, least, most, why):
    popup.explorer.maps.selecting.controller.pick(1, "add")
    popup.least.setText(least)
    popup.most.setText(most)
    popup.values.click()
    shown(popup.explorer)
    assert why in texts(popup)
    assert chosen(popup) == [1]
    popup.least.setText("1")
    popup.most.setText("2")
    popup.values.click()
    shown(popup.explorer)
    assert why not in texts(popup)


def test_hits_and_neighbours_can_be_chosen_only_where_there_are_any(popup):
    explorer = popup.explorer
    assert not popup.hits.isEnabled()
    assert not popup.neighbours.isEnabled()
    explorer.maps.controller.search("love")
    explorer.maps.controller.hasten()
    explorer.maps.controller.select(0)
    shown(explorer)
    assert "“love”: 2 found" in texts(popup)
    assert SENTENCES[0] in popup.neighbours.toolTip()
    popup.hits.click()
    assert chosen(popup) == [0, 2]
    popup.k.setValue(9)
    popup.neighbours.click()
    shown(explorer)
    assert "9 neighbours cannot be found among 4 test sentences" in texts(popup)
    assert chosen(popup) == [0, 2]


def test_sentences_are_copied_a_line_each_up_to_a_number_that_is_told(popup, monkeypatch):
    popup.explorer.maps.selecting.controller.invert()
    shown(popup.explorer)
    popup.copy.click()
    assert QGuiApplication.clipboard().text() == "".join(f"{text}\n" for text in SENTENCES)
    monkeypatch.setattr(words, "MOST_COPIED", 3)
    popup.copy.click()
    shown(popup.explorer)
    assert QGuiApplication.clipboard().text().splitlines() == list(SENTENCES[:3])
    assert "Copied the first 3 of 4 sentences; Export writes all of them." in texts(popup.explorer.window)


def test_it_lists_inverts_and_clears(popup):
    explorer = popup.explorer
    popup.invert.click()
    shown(explorer)
    assert chosen(popup) == [0, 1, 2, 3]
    popup.list.click()
    shown(explorer)
    assert explorer.maps.selecting.listing.drawer.isVisible()
    assert not popup.isVisible()
    popup.clear.click()
    assert chosen(popup) == []


def test_a_selection_is_saved_marked_renamed_picked_and_deleted(popup):
    explorer = popup.explorer
    assert popup.saved.isHidden()
    assert not popup.save.isEnabled()
    explorer.maps.selecting.controller.pick(1, "add")
    popup.name.setText("one")
    shown(explorer)
    popup.save.click()
    shown(explorer)
    explorer.maps.selecting.controller.invert()
    popup.name.setText("the others")
    popup.name.returnPressed.emit()
    shown(explorer)
    assert [popup.saved.item(at).text() for at in range(2)] == ["one  ·  1", "the others  ·  3"]
    popup.saved.setCurrentRow(0)
    assert (popup.name.text(), popup.rename.isEnabled()) == ("one", False)
    popup.name.clear()
    QTest.keyClicks(popup.name, 61 * "x")  # none of it is cut
    popup.rename.click()
    shown(explorer)
    assert "at most 60 signs, and this one 61" in popup._problem.text()
    assert popup.saved.currentItem().text() == "one  ·  1"
    popup.name.setText("just one")
    popup.rename.click()
    shown(explorer)
    assert popup.saved.currentItem().text() == "just one  ·  1"
    popup.pick.click()
    assert chosen(popup) == [1]
    popup.how._buttons["add"].click()
    popup.saved.setCurrentRow(1)
    popup.pick.click()
    assert chosen(popup) == [0, 1, 2, 3]
    popup.delete.click()
    shown(explorer)
    assert popup.saved.count() == 1
    explorer.actions.undo.trigger()
    shown(explorer)
    assert popup.saved.count() == 2
    assert list(misfits(popup)) == []


def test_before_there_are_maps_no_number_can_be_chosen_by(popup):
    popup.least.setText("3")
    popup.set_quantities([])
    asked = []
    popup.values_wanted.connect(lambda *given: asked.append(given))
    assert not popup.values.isEnabled()
    popup.least.returnPressed.emit()
    assert asked == []
    shown(popup.explorer)


def test_where_they_are_kept_is_asked_beneath_the_button_also_while_a_list_is_open(popup):
    maps, asked = popup.explorer.maps, []
    maps.enclosed.connect(lambda places, where: asked.append(where))
    maps.selecting.controller.invert()
    maps.selecting.popup.list.click()
    shown(popup.explorer)
    popup.keep.click()
    assert asked == [popup.keep.mapToGlobal(popup.keep.rect().bottomLeft())]
