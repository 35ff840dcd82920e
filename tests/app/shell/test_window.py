"""The window itself, with models and maps that answer at once: maps, themes, and what holds everywhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QTextBrowser,
)

from app.bench.tabs import KINDS
from app.core import theme
from app.core.picks import Pick
from app.core.settings import AppSettings
from app.diagnosis.diagnosis import Diagnosis
from app.maps.selection.exports import Exports
from app.shell.help.guide import Guide
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_row import Cell, Columns, LaidRow, Row
from tests.app.fakes import SENTENCES, FakeSession, HaltingWorker
from tests.app.looking import fields_that_take_a_file, shown, texts


def test_every_column_is_one_variant_at_the_same_place(explorer):
    explorer.open("demo")
    explorer.bench.tab("Interpolate").set_end("A", Pick("one"))
    explorer.bench.tab("Interpolate").set_end("B", Pick("two"))
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    window = explorer.window
    window.decoded.source.fold.click()
    shown(explorer)

    def left(widget) -> int:
        return widget.mapTo(window, QPoint(0, 0)).x()

    grid = explorer.bench.tab("Interpolate").view._grid
    for i, name in enumerate(("vae", "autogen-m1")):
        panel, card, cell = window.maps.panels[name], window.decoded.cards.card(name), grid.cell_rect(0, i)
        assert left(panel) == left(card)
        assert abs(left(panel) - left(grid) - cell.left()) <= 1
        assert abs(panel.width() - cell.width()) <= 2
    assert window.windowTitle() == "Latent Loom - demo"


def test_the_cards_of_the_clicked_sentence_fold_away_where_they_are_not_needed(explorer):
    explorer.open("demo")
    shown(explorer)
    window = explorer.window
    cards, fold = window.decoded.cards, window.decoded.source.fold
    assert cards.isVisible()
    bar = window.bench.mapTo(window, QPoint(0, 0))
    for kind in KINDS[1:]:
        window.bench.show_tab(kind.name)
        shown(explorer)
        assert not cards.isVisible(), kind.name
        assert window.decoded.source.isVisible()
        assert window.bench.mapTo(window, QPoint(0, 0)) == bar  # the tabs stay beneath the hand
    room = window.bench._pages.height()
    fold.click()
    shown(explorer)
    QApplication.processEvents()
    assert cards.isVisible()
    assert window.bench._pages.height() < room - 50
    window.bench.show_tab("Reconstruct")
    explorer.bench.tab("Reconstruct").inspection.open("cloud")
    shown(explorer)
    assert not cards.isVisible()  # a closer look needs the room
    explorer.bench.tab("Reconstruct").inspection.open("sentence")
    shown(explorer)
    assert cards.isVisible()
    fold.click()
    shown(explorer)
    assert not cards.isVisible()
    window.bench.show_tab("Table")
    shown(explorer)
    assert cards.isVisible()  # each tab as the person left it


def test_at_the_size_of_a_small_screen_five_steps_of_an_interpolation_are_seen(explorer):
    explorer.open("demo")
    tab = explorer.bench.tab("Interpolate")
    for end in "AB":
        tab.set_end(end, Pick(end))
    window = explorer.window
    window.bench.show_tab("Interpolate")
    window.resize(1100, 640)
    shown(explorer)
    grid = tab.view._grid
    in_two_lines = Row((Cell((Span("seven words of a sentence of two lines"),)),))
    laid = LaidRow(in_two_lines, Columns(((0.0, 180.0),), 180.0))
    assert laid.height > 1.5 * grid.row_rect(0).height()
    assert grid.viewport().height() >= 5 * laid.height
    tab.view.slider.setValue(10)
    shown(explorer)
    assert grid.viewport().rect().contains(grid.row_rect(10))


def test_a_click_on_one_map_selects_in_all_and_shows_the_answers(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    view = explorer.window.maps.panels["vae"].map
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(2).toPoint())
    shown(explorer)
    assert explorer.state.selection == 2
    assert explorer.window.decoded.source.text == SENTENCES[2]
    for name in ("vae", "autogen-m1"):
        card = explorer.window.decoded.cards.card(name)
        assert name in card.sentence.text()
        assert "log p(x̂|z)\N{NO-BREAK SPACE}−3.5\N{NO-BREAK SPACE}· log p(x|z)\N{NO-BREAK SPACE}−50.0" in texts(card)
        assert "z = μ, beam\N{NO-BREAK SPACE}10" in texts(card)


def test_pointing_elsewhere_keeps_the_clicked_sentence_over_its_cards(explorer):
    explorer.open("demo")
    explorer.maps.controller.hover(1)
    shown(explorer)
    assert explorer.window.decoded.source.text == SENTENCES[1]
    explorer.maps.controller.select(2)
    explorer.maps.controller.hover(3)
    shown(explorer)
    assert explorer.window.decoded.source.text == SENTENCES[2]


def test_linked_maps_follow_the_hand_and_others_do_not(explorer):
    explorer.open("demo")
    shown(explorer)
    moved, other = (explorer.window.maps.panels[name].map for name in ("vae", "autogen-m1"))
    moved._zoom(2.0, moved.position_of(2))
    moved._pan(10, 20)
    assert not other.at_home
    assert other.view_range() == pytest.approx(moved.view_range())
    explorer.actions.linked.trigger()
    shown(explorer)
    before = other.view_range()
    moved._go_home()
    assert other.view_range() == before
    explorer.actions.reset.trigger()
    assert other.at_home


def test_hiding_a_variant_hides_its_column_everywhere(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(0)
    explorer.maps.controller.show_variant("vae", False)
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    assert not explorer.window.maps.panels["vae"].isVisible()
    assert explorer.window.maps.panels["autogen-m1"].isVisible()
    assert all(len(row) == 1 for row in explorer.bench.tab("Prior samples").view.texts)


def test_the_theme_changes_at_once_and_is_remembered(explorer, tmp_path):
    explorer.open("demo")
    explorer.toggle_theme()
    shown(explorer)
    assert theme.current().mode == "light"
    assert AppSettings(tmp_path / "window.ini").theme == "light"
    explorer.toggle_theme()


def test_the_guide_explains_collapse_in_plain_words(explorer, qtbot):
    explorer.actions.guide.trigger()
    guide = explorer.window.findChild(Guide)
    assert guide.isVisible()
    text = guide.findChild(QTextBrowser).toPlainText()
    for word in ("posterior collapse", "1+m", "AU", "KL near 0", "same ordinary sentence"):
        assert word in text
    guide.close()


def test_the_guide_that_is_open_follows_the_theme_and_stays_where_it_is_read(explorer, qtbot):
    explorer.actions.guide.trigger()
    guide = explorer.window.findChild(Guide)
    page = guide.findChild(QTextBrowser)
    page.verticalScrollBar().setValue(200)
    assert theme.DARK.changed in page.toHtml()
    explorer.toggle_theme()
    qtbot.waitUntil(lambda: theme.LIGHT.changed in page.toHtml())
    assert theme.DARK.changed not in page.toHtml()
    assert page.verticalScrollBar().value() == 200
    explorer.toggle_theme()
    guide.close()


def test_closing_the_window_closes_the_guide_too(explorer):
    explorer.actions.guide.trigger()
    guide = explorer.window.findChild(Guide)
    explorer.window.close()
    assert not guide.isVisible()


@pytest.mark.parametrize("of_what", [Diagnosis, Exports])
def test_closing_asks_before_what_is_under_way_is_lost(of_what, explorer, monkeypatch, qtbot):
    explorer.open("demo")
    monkeypatch.setattr(of_what, "under_way", "It is being measured (40% done).")

    def answer(which: str) -> None:
        explorer.window.close()
        question = explorer.window.findChild(QMessageBox)
        assert "being measured (40% done)" in question.text()
        next(each for each in question.buttons() if each.text() == which).click()
        qtbot.waitUntil(lambda: explorer.window.findChild(QMessageBox) is None)

    answer("Cancel")
    assert explorer.window.isVisible()
    answer("Close all the same")
    assert not explorer.window.isVisible()


def test_closing_asks_before_sentences_for_the_table_are_lost_and_keeps_those_that_are_done(explorer, qtbot):
    explorer.open("demo")
    explorer.context.models.detach()
    halting = HaltingWorker(lambda tell: FakeSession(), 2)
    halting.start()
    explorer.context.models.attach(halting)
    explorer.table.take_rows([0, 1, 2], "")
    explorer.window.close()
    question = explorer.window.findChild(QMessageBox)
    assert "2 of 3 sentences came so far, and only these stay in it." in question.text()
    assert "lost" not in question.text() + question.informativeText()
    saved = []
    explorer.session.save = lambda: saved.append(len(explorer.table.state.gathered))
    next(each for each in question.buttons() if each.text() == "Close all the same").click()
    assert not explorer.window.isVisible()
    assert saved == [2]
    qtbot.waitUntil(lambda: explorer.window.findChild(QMessageBox) is None)


def test_a_signal_closes_without_a_question(explorer, monkeypatch):
    monkeypatch.setattr(Diagnosis, "under_way", "The diagnosis of demo is being measured.")
    explorer.window.leave()
    assert not explorer.window.isVisible()


def test_nothing_is_wider_than_a_small_window(explorer):
    explorer.open("demo")
    shown(explorer)
    for tab in ("Reconstruct", "Interpolate", "Prior samples", "Table"):
        explorer.window.bench.show_tab(tab)
        shown(explorer)
        assert explorer.window.minimumSizeHint().width() <= 1100


def test_every_control_has_a_tooltip(explorer):
    explorer.open("demo")
    shown(explorer)
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox):
        for control in explorer.window.findChildren(kind):
            inner = isinstance(control.parent(), QLineEdit | QAbstractSpinBox) or not control.isVisible()
            assert inner or control.toolTip(), f"{control} {getattr(control, 'text', str)()} has no tooltip"


def test_no_field_of_the_explore_page_takes_a_file(explorer):
    explorer.open("demo")
    for kind in KINDS:
        explorer.bench.tab(kind.name)
    explorer.window.decoding.more.show()
    shown(explorer)
    assert fields_that_take_a_file(explorer.window) == []


def test_keys_of_what_is_out_of_sight_do_nothing(explorer, qtbot):
    explorer.open("demo")
    explorer.maps.controller.select(2)
    before = explorer.bench.tab("Interpolate").wish()
    explorer.show_page("Train")
    shown(explorer)
    for key in (Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_R, Qt.Key.Key_S):
        qtbot.keyClick(explorer.window, key)
    shown(explorer)
    assert explorer.bench.tab("Interpolate").wish() == before
    explorer.show_page("Explore")
    shown(explorer)
    explorer.actions.end_a.trigger()
    assert explorer.bench.tab("Interpolate").wish() != before
