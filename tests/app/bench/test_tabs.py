"""Sentences and points on their way from one place of the window to another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu

from app.bench import tabs
from app.core.picks import Pick, Place
from app.widgets.pick_drag import mime_of
from app.widgets.send_menu import SendingArea, send_menu
from app.widgets.sentences import sentence_grid
from tests.app.fakes import SENTENCES
from tests.app.looking import shown

POINT = Pick("step 4 of A → B", {"vae": (7.0, 8.0), "autogen-m1": (1.0, 2.0)}, "lerp, z = μ")
BUILT_IN = ["&Reconstruct", "Interpolate &A", "Interpolate t&hrough", "Interpolate &B", "&Table"]


def entries(menu: QMenu) -> dict[str, list[str]]:
    """The entries of the menus within a menu."""
    inner = {action.text(): action.menu() for action in menu.actions() if action.menu() is not None}
    return {text: [action.text() for action in one.actions()] for text, one in inner.items()}


def choose(menu: QMenu, *path: str) -> None:
    """Trigger an entry, and close the menu as Qt does."""
    at = menu
    for words in path[:-1]:
        at = next(action.menu() for action in at.actions() if action.text() == words)
    next(action for action in at.actions() if action.text() == path[-1]).trigger()
    menu.deleteLater()


def drag_over(target, at: QPoint, pick: Pick, drop: bool) -> bool:
    """Move a drag over a widget and perhaps let go; whether it is welcome there."""
    data, actions = mime_of(pick), Qt.DropAction.CopyAction
    rest = actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(at, *rest))
    moving = QDragMoveEvent(at, *rest)
    QApplication.sendEvent(target, moving)
    if drop and moving.isAccepted():
        QApplication.sendEvent(target, QDropEvent(QPointF(at), *rest))
    return moving.isAccepted()


@pytest.fixture
def interpolated(explorer):
    """The window with an interpolation in view."""
    explorer.open("demo")
    explorer.bench.tab("Interpolate").set_end("A", Pick("one"))
    explorer.bench.tab("Interpolate").set_end("B", Pick("three"))
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    return explorer


def test_only_places_that_exist_are_offered():
    assert [f"{place.tab} {place.slot}".strip() for place in tabs.places()] == [
        "Reconstruct",
        "Interpolate A",
        "Interpolate through",
        "Interpolate B",
        "Traverse",
        *(f"Arithmetic {slot}" for slot in ("a", "b", "c", "subject", "with", "without")),
        "Neighbours",
        "Table",
    ]
    assert tabs.first_place("Arithmetic") == Place("Arithmetic", "a")
    assert tabs.first_place("Interpolate") == Place("Interpolate")  # which end is left to the tab


def test_a_tab_with_many_places_has_a_menu_of_its_own(qtbot):
    area = SendingArea((Place("Reconstruct"), *(Place("Arithmetic", slot) for slot in "abcd")))
    qtbot.addWidget(area)
    sent = []
    area.sent.connect(lambda pick, place: sent.append((pick.text, place)))
    menu = send_menu(area, [Pick("Tom & Jerry.")])
    assert [action.text() for action in menu.actions()] == ["&Reconstruct", "Ar&ithmetic"]
    choose(menu, "Ar&ithmetic", "&c")
    assert sent == [("Tom & Jerry.", Place("Arithmetic", "c"))]


def test_a_row_offers_its_sentences_and_its_point(interpolated):
    grid = interpolated.bench.tab("Interpolate").view._grid
    menu = grid.row_menu(4, 1)
    offered = entries(menu)
    assert list(offered) == [
        f"Send “{grid.rows[4].cells[1].text}” to",
        "Send point: step 4 of 10, one → three to",
    ]
    assert all(set(BUILT_IN) <= set(words) for words in offered.values())
    choose(menu, "Send point: step 4 of 10, one → three to", "&Reconstruct")
    state, way = interpolated.bench.tab("Reconstruct").state, interpolated.bench.tab("Interpolate").state
    assert interpolated.state.tab == "Reconstruct"
    assert state.point.z == {name: readings[4].z for name, readings in way.path.readings.items()}
    assert "step 4 of 10 from “one” to “three”" in state.point.how
    shown(interpolated)
    assert interpolated.bench.tab("Reconstruct").view.field.text() == "point: step 4 of 10, one → three"
    assert "without an encoder" in interpolated.bench.tab("Reconstruct").view.reading_note
    assert state.reconstructed.readings["vae"].z == way.path.readings["vae"][4].z


def test_typing_over_a_point_reconstructs_the_sentence(explorer, qtbot):
    explorer.open("demo")
    explorer.bench.send(POINT, Place("Reconstruct"))
    shown(explorer)
    qtbot.keyClicks(explorer.bench.tab("Reconstruct").view.field, "hello")  # H is a key of the window too
    qtbot.waitUntil(lambda: explorer.bench.tab("Reconstruct").state.reconstructed.words == ("hello",), timeout=3000)
    assert not explorer.bench.tab("Reconstruct").state.point.is_point


def test_keys_send_the_row_that_has_the_keyboard(interpolated, qtbot):
    grid, state = interpolated.bench.tab("Interpolate").view._grid, interpolated.bench.tab("Interpolate").state
    grid.setFocus()
    interpolated.bench.tab("Interpolate").move_to(3)
    shown(interpolated)
    qtbot.keyClick(grid, Qt.Key.Key_T)
    assert [row.source for row in interpolated.table.state.gathered] == ["step 3 of 10, one → three"]
    assert interpolated.state.tab == "Interpolate"
    qtbot.keyClick(grid, Qt.Key.Key_A)
    assert state.a.label == "point: step 3 of 10, one → three"
    assert len(state.path.readings["vae"]) == 11
    shown(interpolated)
    qtbot.keyClick(grid, Qt.Key.Key_S)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert len(entries(menu)) == 3  # two sentences and the point
    menu.close()


def test_dragging_takes_the_sentence_and_with_shift_the_point(interpolated, qtbot, monkeypatch):
    grid, carried = interpolated.bench.tab("Interpolate").view._grid, []
    monkeypatch.setattr(sentence_grid, "drag", lambda source, pick: carried.append(pick))
    for keys in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        at = grid.cell_rect(2, 0).center().toPoint()
        qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, keys, at)
        for far in (2, 40):
            event = _moved(QPointF(at) + QPointF(far, 0), keys)
            QApplication.sendEvent(grid.viewport(), event)
        qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, keys, at)
    assert [pick.is_point for pick in carried] == [False, True]
    assert carried[0].text == grid.rows[2].cells[0].text


def _moved(at, keys):
    left = Qt.MouseButton.LeftButton
    return QMouseEvent(QMouseEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, left, keys)


def test_a_drag_that_rests_on_a_tab_opens_it_and_a_drop_sends(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    bar = explorer.window.bench._bar
    places = {bar.tabText(i): bar.tabRect(i).center() for i in range(bar.count())}
    assert not drag_over(bar, places["Prior samples"], POINT, drop=True)
    assert drag_over(bar, places["Interpolate"], POINT, drop=False)
    qtbot.waitUntil(lambda: explorer.state.tab == "Interpolate", timeout=3000)
    assert drag_over(bar, places["Interpolate"], POINT, drop=True)
    assert drag_over(bar, places["Interpolate"], Pick("three"), drop=True)
    assert (explorer.bench.tab("Interpolate").state.a, explorer.bench.tab("Interpolate").state.b) == (
        POINT,
        Pick("three"),
    )
    assert explorer.bench.tab("Interpolate").state.path.readings["vae"][0].z == POINT.z["vae"]


def test_a_drop_on_an_end_takes_its_place(explorer):
    explorer.open("demo")
    shown(explorer)
    assert drag_over(explorer.bench.tab("Interpolate").view.fields["B"], QPoint(5, 5), POINT, drop=True)
    assert explorer.bench.tab("Interpolate").state.b == POINT


def test_the_clicked_sentence_its_cards_and_the_map_can_be_sent(explorer):
    explorer.open("demo")
    shown(explorer)
    source = explorer.window.decoded.source
    assert not source.send.isEnabled()
    explorer.maps.controller.select(1)
    shown(explorer)
    assert source.send.picks == (Pick(SENTENCES[1], index=1),)
    choose(source.menu(), f"Send “{SENTENCES[1]}” to", "Interpolate &A")
    assert explorer.bench.tab("Interpolate").state.a == Pick(SENTENCES[1], index=1)
    card = explorer.window.decoded.cards.card("vae")
    sentence, point = card.send.picks
    assert sentence.text == explorer.maps.state.selected.readings["vae"].text
    assert (point.text, set(point.z)) == (SENTENCES[1], {"vae", "autogen-m1"})
    choose(card.menu(), f"Send point: {SENTENCES[1]} to", "&Table")
    explorer.exchange.gather_clicked()
    assert len(explorer.table.state.gathered) == 1  # the same row, by whichever way it came
    menu = explorer.window.maps.panels["vae"].map.context_menu(2)
    choose(menu, f"Send “{SENTENCES[2]}” to", "Interpolate &B")
    assert explorer.bench.tab("Interpolate").state.b == Pick(SENTENCES[2], index=2)


def test_a_sentence_that_was_sent_to_the_table_is_read_by_the_models_first(explorer):
    explorer.open("demo")
    explorer.bench.send(Pick("hello there"), Place("Table"))
    explorer.bench.send(Pick("  "), Place("Table"))
    (row,) = explorer.table.state.gathered
    assert (row.source, row.how) == ("hello there", "z = μ, beam 10")
    assert (row.numbers["vae"].log_probability, row.numbers["vae"].kl) == (-3.5, 2.0)
    assert set(row.sentences) == {"vae", "autogen-m1"}
    assert "no word" in explorer.window.banner.message


def test_a_row_of_another_run_is_kept_and_its_points_are_refused_in_words(explorer, session):
    explorer.open("demo")
    explorer.maps.controller.select(1)
    explorer.exchange.gather_clicked()
    session.name = "novel"
    explorer.open("novel")
    (row,) = explorer.table.state.gathered
    assert (row.origin.label, row.index) == ("demo", 1)
    explorer.bench.send(row.pick, Place("Reconstruct"))
    failed = explorer.bench.tab("Reconstruct").state.reconstructed.failed
    assert set(failed) == {"vae", "autogen-m1"}
    assert f"“{SENTENCES[1]}” is a point of demo, which these models cannot decode." in failed["vae"]
    explorer.open("demo")
    session.name = "demo"
    explorer.bench.send(row.pick, Place("Reconstruct"))
    assert set(explorer.bench.tab("Reconstruct").state.reconstructed.readings) == {"vae", "autogen-m1"}


def test_a_gathered_row_can_be_sent_back(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(1)
    explorer.exchange.gather_clicked()
    explorer.window.bench.show_tab("Table")
    shown(explorer)
    assert explorer.table.view._grid.rows[0].pick.z == {
        name: reading.z for name, reading in explorer.maps.state.selected.readings.items()
    }


def test_s_asks_where_the_point_goes(explorer, qtbot):
    explorer.open("demo")
    explorer.actions.send.trigger()
    assert "press S" in explorer.window.banner.message
    explorer.maps.controller.select(1)
    explorer.actions.send.trigger()
    menu = QApplication.activePopupWidget()
    qtbot.keyClick(menu, Qt.Key.Key_B)
    assert explorer.bench.tab("Interpolate").state.b == Pick(SENTENCES[1], index=1)
