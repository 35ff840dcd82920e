"""The table of numbers under hand and keyboard, and what a screen reader says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.evaluate import words
from app.evaluate.picture import shown_table
from app.evaluate.state import Choice
from app.evaluate.table import NumbersView
from app.widgets.pictures.writing import Style, draw
from engine.evaluation.tables import table_text
from tests.app.evaluate.results import differences, evaluation

Key = Qt.Key


@pytest.fixture
def view(qtbot):
    theme.apply(QApplication.instance(), "dark")
    made = NumbersView()
    qtbot.addWidget(made)
    made.resize(700, 420)
    of = evaluation()
    made.show_table(words.table(of, differences(of, "vae"), Choice()), ("autogen-m1", "elbo"))
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    made.chosen, made.walks = [], []
    made.number_chosen.connect(lambda *each: made.chosen.append(each))
    made.walked.connect(lambda *each: made.walks.append(each))
    return made


def test_arrows_walk_over_the_numbers_and_never_onto_a_heading(view, qtbot):
    keys = view.numbers.shown.keys
    for _ in range(len(keys) + 3):
        qtbot.keyClick(view, Key.Key_Down)
    assert [key for _, key in view.walks] == list(keys[1:])
    qtbot.keyClick(view, Key.Key_Left)
    assert view.walks[-1] == ("vae", keys[-1])
    qtbot.keyClick(view, Key.Key_Home)
    assert view.walks[-1] == ("vae", keys[0])
    qtbot.keyClick(view, Key.Key_End)
    assert view.walks[-1] == ("vae", keys[-1])


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_enter_and_space_open_the_number(view, qtbot, key):
    qtbot.keyClick(view, Key.Key_Down)
    qtbot.keyClick(view, key)
    assert view.chosen == [("autogen-m1", "nll")]


def test_a_click_opens_a_number_and_a_click_on_a_heading_nothing(view, qtbot):
    row = next(i for i, each in enumerate(view.numbers.shown.rows) if each.key == "kl")
    place = view.visualRect(view.numbers.index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.chosen == [("vae", "kl")]
    heading = view.visualRect(view.numbers.index(0, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    assert len(view.chosen) == 1
    names = view.verticalHeader()
    at = names.viewport().rect().center()
    at.setY(names.sectionViewportPosition(row) + 5)
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert view.chosen[-1] == ("vae", "kl")


def test_escape_lets_go_of_what_is_open(view, qtbot):
    with qtbot.waitSignal(view.left, timeout=1000):
        qtbot.keyClick(view, Key.Key_Escape)


def test_a_screen_reader_is_told_the_number_its_interval_and_what_it_means(view):
    table = QAccessible.queryAccessibleInterface(view)
    row = next(i for i, each in enumerate(view.numbers.shown.rows) if each.key == "elbo")
    cell = table.child((row + 1) * (view.numbers.columnCount() + 1) + 2)  # its heads are among the children
    assert cell.text(QAccessible.Text.Name).startswith("ELBO, AutoGen m=1: −38.72, 95% interval")
    assert "worse than VAE" in cell.text(QAccessible.Text.Name)
    assert "The bound that a VAE raises" in cell.text(QAccessible.Text.Description)
    numbers = view.numbers
    assert numbers.headerData(row, Qt.Orientation.Vertical) == "ELBO ↑ nats"
    assert "The bound" in numbers.headerData(row, Qt.Orientation.Vertical, Qt.ItemDataRole.ToolTipRole)
    assert numbers.headerData(0, Qt.Orientation.Horizontal) == "VAE, baseline"


def test_new_numbers_leave_the_keyboard_where_it_was(view, qtbot):
    for _ in range(4):
        qtbot.keyClick(view, Key.Key_Down)
    at = view.walks[-1]
    more = evaluation(sentences=4000)
    view.show_table(words.table(more, {}, Choice(every_row=True)), ("vae", "elbo"))
    index = view.currentIndex()
    assert (view.numbers.shown.columns[index.column()].name, view.numbers.shown.rows[index.row()].key) == at
    assert len(view.walks) == 4  # nobody walked


def test_after_other_rows_no_cell_is_spanned_that_has_numbers(view):
    view.show_table(words.table(evaluation(), {}, Choice(every_row=True, way="")), ("vae", "elbo"))
    for row, each in enumerate(view.numbers.shown.rows):
        assert view.columnSpan(row, 0) == (1 if each.key else 2)


def test_it_is_painted_in_both_themes_with_marks_that_need_no_colour(view):
    dark = view.grab().toImage()
    theme.apply(QApplication.instance(), "light")
    light = view.grab().toImage()
    assert dark != light
    theme.apply(QApplication.instance(), "dark")


def test_the_table_is_saved_as_a_picture_and_copied_with_its_signs(view, tmp_path):
    figure = view.figure()
    draw(figure, Style("svg", 1, True))(tmp_path / "table.svg")
    assert (tmp_path / "table.svg").stat().st_size > 1000
    of = evaluation()
    table = shown_table(words.table(of, differences(of, "vae"), Choice()), ("a note",))
    text = table_text(table, "tsv")
    assert text.splitlines()[0].split("\t") == ["Number", "Better", "VAE", "AutoGen m=1"]
    assert "−38.72 [−39.88, −37.56] (−)" in text
    assert "a note" in table_text(table, "html")


def test_two_variants_of_one_label_have_a_column_each():
    of = evaluation([("a", "VAE", "#56B4E9", 0.0), ("b", "VAE", "#1BB58A", 0.0), ("c", "Number", "#1BB58A", 0.0)])
    table = shown_table(words.table(of, {}, Choice()), ())
    assert table.columns == ("Number", "Better", "VAE", "VAE (2)", "Number (2)")


def test_a_table_with_fewer_rows_and_columns_takes_the_place_of_a_larger_one(view, qtbot):
    """Qt asks of rows and columns that are no more while the heads follow one after the other."""
    larger = view.numbers.shown
    smaller = words.NumberTable(
        larger.columns[:1], "", tuple(replace(row, cells=row.cells[:1]) for row in larger.rows[:2])
    )
    for table in (smaller, larger, words.NumberTable(), larger, smaller):
        view.show_table(table, ("", ""))
        QApplication.processEvents()
        assert (view.model().rowCount(), view.model().columnCount()) == (len(table.rows), len(table.columns))
    beyond = len(smaller.rows), len(smaller.columns)
    for orientation, section in zip((Qt.Orientation.Vertical, Qt.Orientation.Horizontal), beyond, strict=True):
        assert view.numbers.headerData(section - 1, orientation)
        assert view.numbers.headerData(section, orientation) is None
