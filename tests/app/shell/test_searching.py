"""The search in the window: its list beside the maps, its keys, and what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from app.bench.rows import GatheredRow
from app.core.settings import AppSettings
from app.shell.explorer import Explorer
from app.shell.main_window import MainWindow
from engine.workspace import Workspace
from tests.app.fakes import SENTENCES, FakeSession, HaltingWorker
from tests.app.looking import shown, texts

LOVE = [0, 2]
"""The sentences that hold "love"."""


@pytest.fixture
def searched(explorer, qtbot):
    """The window with "love" typed in the search and found."""
    explorer.open("demo")
    shown(explorer)
    explorer.actions.search.trigger()
    type_in_search(explorer, qtbot, "love")
    return explorer


def type_in_search(explorer, qtbot, text: str) -> None:
    qtbot.keyClicks(explorer.window.toolbar.search, text)
    qtbot.waitUntil(lambda: not explorer.maps.controller.searching)
    shown(explorer)


def rows(explorer) -> list[str]:
    """What the list says, once it has been read."""
    model = explorer.maps.listing.drawer.model
    for row in range(model.rowCount()):
        model.data(model.index(row))
    shown(explorer)
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def test_hits_are_listed_beside_the_maps_which_keep_their_room(searched):
    drawer = searched.maps.listing.drawer
    assert rows(searched) == [SENTENCES[i] for i in LOVE]
    assert "2 hits" in texts(drawer)
    assert searched.window.toolbar._matches.text() == "2 found"
    right = drawer.mapTo(searched.window, QPoint(drawer.width(), 0)).x()
    for panel in searched.window.maps.panels.values():
        assert panel.mapTo(searched.window, QPoint(0, 0)).x() >= right
        assert panel.map.width() >= 170


def test_the_list_lies_over_the_maps_where_they_would_become_too_narrow(searched, monkeypatch):
    monkeypatch.setattr("app.maps.search.drawer._LEAST_MAP", 600)
    before = {name: panel.width() for name, panel in searched.window.maps.panels.items()}
    searched.maps.controller.search("")
    shown(searched)
    searched.maps.controller.search("love")
    searched.maps.controller.hasten()
    shown(searched)
    assert searched.maps.listing.drawer.isVisible()
    assert all(panel.width() > before[name] for name, panel in searched.window.maps.panels.items())


def test_enter_goes_through_the_hits_and_shift_enter_back(searched, qtbot):
    field, seen = searched.window.toolbar.search, []
    for keys in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        qtbot.keyClick(field, Qt.Key.Key_Return, keys)
        shown(searched)
        seen.append(searched.state.selection)
    assert seen == [0, 2, 0]
    assert searched.window.decoded.source.text == SENTENCES[0]
    assert "1 of 2" in texts(searched.maps.listing.drawer)
    assert searched.maps.listing.drawer.list.currentIndex().row() == 0


def test_enter_right_after_typing_chooses_the_first_hit_of_what_was_typed(searched, qtbot):
    field = searched.window.toolbar.search
    field.selectAll()
    qtbot.keyClicks(field, "late")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert searched.state.selection == 3


def test_rows_are_chosen_by_arrows_enter_and_clicks(searched, qtbot):
    qtbot.keyClick(searched.window.toolbar.search, Qt.Key.Key_Down)
    listed = searched.maps.listing.drawer.list
    assert QApplication.focusWidget() is listed
    assert searched.state.selection == -1  # going there chooses nothing
    qtbot.keyClick(listed, Qt.Key.Key_Return)
    assert searched.state.selection == 0
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    assert searched.state.selection == 2
    at = listed.visualRect(listed.model().index(0, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert searched.state.selection == 0
    searched.maps.controller.select(1)
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=at)  # the row that is current already
    assert searched.state.selection == 0


def test_down_right_after_typing_leads_into_the_list_of_what_was_typed(searched, qtbot):
    field = searched.window.toolbar.search
    field.selectAll()
    qtbot.keyClicks(field, "the")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    shown(searched)
    assert QApplication.focusWidget() is searched.maps.listing.drawer.list
    assert rows(searched) == [text for text in SENTENCES if "the" in text]


def test_down_where_nothing_is_found_stays_in_the_field_and_typing_goes_on_there(searched, qtbot):
    field = searched.window.toolbar.search
    qtbot.keyClicks(field, "xyz")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    shown(searched)
    assert field.hasFocus()
    field.selectAll()
    type_in_search(searched, qtbot, "late")
    assert field.hasFocus()


def test_a_hit_clicked_on_a_map_is_shown_in_the_list(searched):
    searched.maps.controller.select(2)
    shown(searched)
    assert searched.maps.listing.drawer.list.currentIndex().row() == 1


def test_a_row_can_be_sent_on_by_keys_and_menu(searched, qtbot):
    qtbot.keyClick(searched.window.toolbar.search, Qt.Key.Key_Down)
    listed = searched.maps.listing.drawer.list
    qtbot.keyClick(listed, Qt.Key.Key_A)
    assert searched.bench.tab("Interpolate").state.a.text == SENTENCES[0]
    pick = searched.maps.listing._pick(1)
    assert (pick.text, pick.index) == (SENTENCES[2], 2)
    menu = listed.menu(pick)
    assert len(menu.actions()) == 2
    menu.close()


@pytest.mark.parametrize("where", ["field", "list", "map"])
def test_escape_clears_the_search_wherever_the_keyboard_is_and_leaves_the_field(searched, qtbot, where):
    window = searched.window
    qtbot.keyClick(window.toolbar.search, Qt.Key.Key_Down)
    first = next(iter(window.maps.panels.values())).map
    target = {"field": window.toolbar.search, "list": searched.maps.listing.drawer.list, "map": first}[where]
    target.setFocus()
    qtbot.keyClick(target, Qt.Key.Key_Escape)
    shown(searched)
    assert (window.toolbar.search.text(), searched.maps.state.matches) == ("", None)
    assert not searched.maps.listing.drawer.isVisible()
    assert first._dimmed is None
    assert QApplication.focusWidget() is first


def test_the_list_that_was_put_away_comes_back_by_the_count_or_with_another_search(searched, qtbot):
    drawer = searched.maps.listing.drawer
    drawer.close_button.click()
    shown(searched)
    assert not drawer.isVisible()
    assert searched.window.toolbar.search.text() == "love"
    type_in_search(searched, qtbot, " ")
    assert not drawer.isVisible()
    searched.window.toolbar._matches.click()
    shown(searched)
    assert drawer.isVisible()
    drawer.close_button.click()
    searched.maps.controller.search("")
    type_in_search(searched, qtbot, "late")
    assert drawer.isVisible()


def test_a_search_that_finds_nothing_says_so(searched, qtbot):
    type_in_search(searched, qtbot, "xyz")
    drawer = searched.maps.listing.drawer
    assert drawer.isVisible()
    assert "No test sentence holds “lovexyz”." in texts(drawer)
    assert not drawer.list.isVisible()
    assert searched.window.toolbar._matches.text() == "0 found"


def test_what_was_found_is_kept_in_the_table_or_in_a_group(searched, qtbot, monkeypatch):
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: None)
    searched.actions.keep.trigger()
    menu = searched.window.findChildren(QMenu)[-1]
    to_table, with_group, _ = menu.actions()
    to_table.trigger()
    assert [row.index for row in searched.table.state.gathered] == LOVE
    assert [row.source for row in searched.table.state.gathered] == [SENTENCES[i] for i in LOVE]
    searched.actions.undo.trigger()
    assert searched.table.state.gathered == ()
    taken = []
    monkeypatch.setattr(searched.bench.tab("Arithmetic"), "take_rows", lambda *what: taken.append(what))
    with_group.trigger()
    assert taken == [(LOVE, "with")]


def test_the_mark_in_the_list_goes_with_the_clicked_sentence(searched):
    searched.maps.step_hit(1)
    shown(searched)
    drawer = searched.maps.listing.drawer
    assert (drawer._heading.text(), drawer.list.currentIndex().row()) == ("1 of 2", 0)
    searched.actions.undo.trigger()
    shown(searched)
    assert searched.state.selection == -1
    assert (drawer._heading.text(), drawer.list.currentIndex().row()) == ("2 hits", -1)
    searched.maps.controller.select(2)
    shown(searched)
    assert (drawer._heading.text(), drawer.list.currentIndex().row()) == ("2 of 2", 1)


def test_keeping_nothing_says_what_to_do(searched):
    searched.maps.clear_search()
    searched.actions.keep.trigger()
    assert "Ctrl+F" in searched.window.banner.message
    searched.maps.controller.search("xyzzy ")
    searched.actions.keep.trigger()
    assert searched.window.banner.message == "“xyzzy” is still searched for; press Ctrl+K once something is found."
    searched.maps.controller.hasten()
    searched.actions.keep.trigger()
    assert searched.window.banner.message == "No test sentence holds “xyzzy”. There is nothing to keep."


def test_hits_of_what_stood_in_the_field_before_are_not_kept(searched):
    asked = []
    searched.maps.enclosed.connect(lambda places, where: asked.append(list(places)))
    searched.maps.controller.search("late")
    searched.maps.listing.drawer.keep.click()
    assert asked == []
    assert "is still searched for" in searched.window.banner.message
    searched.maps.controller.hasten()
    searched.maps.keep_hits()
    assert asked == [[index for index, text in enumerate(SENTENCES) if "late" in text]]


@pytest.mark.parametrize("wish", ["select", "step"])
def test_what_is_wanted_of_the_hits_is_of_what_stood_in_the_field_then(searched, qtbot, wish, monkeypatch):
    field, maps = searched.window.toolbar.search, searched.maps
    monkeypatch.setattr(maps.controller, "hasten", lambda: None)  # as while the maps load: it is not found at once
    field.setText("lov")
    maps.select_hits() if wish == "select" else maps.step_hit(1)
    field.setText("late")
    qtbot.waitUntil(lambda: not maps.controller.searching)
    shown(searched)
    assert not searched.state.chosen.count
    assert searched.state.selection == -1
    field.setText("lov")
    maps.select_hits() if wish == "select" else maps.step_hit(1)
    qtbot.waitUntil(lambda: not maps.controller.searching)
    shown(searched)
    assert (searched.state.chosen.count, searched.state.selection) == ((2, -1) if wish == "select" else (0, LOVE[0]))


def test_more_hits_than_can_be_decoded_soon_are_cut_and_told(searched, monkeypatch):
    monkeypatch.setattr("app.bench.table.table.MOST_AT_ONCE", 1)
    told = []
    searched.table.told.connect(told.append)
    searched.table.take_rows(LOVE, "")
    assert told[0] == "Decoding the first 1 sentence of 2 for the table"
    assert [row.index for row in searched.table.state.gathered] == [0]


def test_while_many_are_decoded_it_tells_how_far_it_has_come(searched):
    told = []
    searched.table.told.connect(told.append)
    searched.table.take_rows(LOVE * 15, "")
    counts = [f"Decoding 30 sentences for the table: {done} done" for done in (10, 20)]
    assert told == ["Decoding 30 sentences for the table", *counts, "Added 30 rows to the table"]


def test_sentences_that_are_decoded_for_the_table_come_as_far_as_they_are_when_another_run_is_opened(
    searched, monkeypatch
):
    searched.table.add_rows((GatheredRow("It is late.", {"vae": "It is."}, "greedy"),))
    context = searched.context
    context.models.detach()
    halting = HaltingWorker(lambda tell: FakeSession(), 1)
    halting.start()
    context.models.attach(halting)
    searched.table.take_rows(LOVE, "")
    searched.open("other")
    assert [row.source for row in searched.table.state.gathered] == ["It is late.", SENTENCES[0]]
    assert [row.origin.run for row in searched.table.state.gathered] == ["demo", "demo"]
    assert searched.window.banner.message.endswith("1 of 2 sentences came")
    searched.actions.undo.trigger()
    assert len(searched.table.state.gathered) == 1


def test_another_run_is_searched_for_the_same(searched):
    searched.open("other")
    shown(searched)
    assert searched.window.toolbar.search.text() == "love"
    searched.maps.controller.hasten()
    shown(searched)
    assert np.flatnonzero(~next(iter(searched.window.maps.panels.values())).map._dimmed).tolist() == LOVE


def test_what_is_typed_before_there_is_anything_behind_the_field_is_searched(qtbot, tmp_path, explorer):
    settings = AppSettings(tmp_path / "early.ini")
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.toolbar.search.setFocus()
    qtbot.keyClicks(window.toolbar.search, "lo")
    made = Explorer(Workspace(tmp_path), settings, window)
    made.open("demo")
    qtbot.keyClicks(window.toolbar.search, "ve")
    qtbot.waitUntil(lambda: made.maps.state.matches == 2)
    shown(made)
    assert window.toolbar.search.text() == "love"
    assert window.toolbar.search.hasFocus()
    window.close()
