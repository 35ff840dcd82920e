"""The list of sentences: what it lays out, where it scrolls, and what hand and keyboard do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.core import theme
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.row_heights import RowHeights
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Heading, Row

LONG = " ".join(["word"] * 40)


def row(i: int, text: str = "", heading: bool = True) -> Row:
    cells = tuple(Cell((Span(text or f"{name} {i}"),), f"{name}: tip {i}", "#56B4E9") for name in ("vae", "autogen"))
    return Row(cells, Heading(f"input {i}", "z = μ", f"input {i}\nz = μ") if heading else None)


class Asked(Sequence):
    """Rows that remember which of them were asked for."""

    def __init__(self, count: int) -> None:
        self.count, self.asked = count, set()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i):
        self.asked.add(i)
        return row(i, LONG if i % 3 == 0 else "")


@pytest.fixture
def grid(qtbot):
    theme.apply(QApplication.instance(), "dark")
    made = SentenceGrid("Things")
    qtbot.addWidget(made)
    made.resize(500, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def at(grid: SentenceGrid, index: int) -> QPoint:
    return grid.cell_rect(index, 0).center().toPoint()


def test_only_the_rows_in_sight_are_made_at_once(grid, qtbot):
    rows = Asked(10_000)
    grid.show_rows(rows)
    grid.viewport().repaint()
    assert 0 in rows.asked
    assert len(rows.asked) < 20
    qtbot.waitUntil(lambda: grid._heights.first_unknown() > 100)
    bar = grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert rows.count - 1 in rows.asked
    assert 0 <= grid.viewport().height() - grid.row_rect(rows.count - 1).bottom() < 10


def test_measuring_what_is_out_of_sight_does_not_move_what_is_in_sight(grid, qtbot):
    grid.show_rows(Asked(300))
    grid.verticalScrollBar().setValue(2000)
    top = grid._heights.row_at(grid.verticalScrollBar().value())
    before = grid.row_rect(top)
    qtbot.waitUntil(lambda: grid._heights.first_unknown() < 0)
    assert grid.row_rect(top) == before


def test_a_long_sentence_takes_more_lines_in_a_narrow_list(grid):
    grid.show_rows([row(0, LONG), row(1)])
    wide = grid.row_rect(0).height()
    assert wide > grid.row_rect(1).height()
    grid.resize(300, 200)
    assert grid.row_rect(0).height() > wide


def test_a_sentence_with_marks_is_as_high_as_one_without(grid):
    marked = Cell((Span("‸", "removed"), Span("we 😀"), Span(" "), Span("go", "changed")), number="10")
    grid.show_rows([Row((marked,)), Row((Cell((Span("we go"),), number="1"),))])
    assert grid.row_rect(0).height() == grid.row_rect(1).height()


def test_the_current_row_comes_into_sight(grid):
    grid.show_rows([row(i, heading=False) for i in range(50)])
    for current in (40, 3, 49, 0):
        grid.set_current(current)
        assert grid.viewport().rect().contains(grid.row_rect(current))


def test_keys_walk_through_the_rows_and_are_told_to_assistive_technology(grid, qtbot):
    grid.show_rows([row(i) for i in range(20)])
    pressed = []
    grid.row_pressed.connect(pressed.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home):
        qtbot.keyClick(grid, key)
    assert pressed == [0, 19, 19, 18, 0]
    assert grid.accessibleName() == "Things, 20 rows"
    assert grid.accessibleDescription() == "input 0. vae 0. autogen 0"


def test_copy_takes_the_row_with_tabs_and_delete_asks_for_its_removal(grid, qtbot):
    grid.show_rows([row(i) for i in range(3)])
    removed = []
    grid.remove_requested.connect(removed.append)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at(grid, 1))
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "input 1\tvae 1\tautogen 1"
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert removed == [1]
    grid.show_rows([row(0, heading=False)])
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert removed == [1]


def test_the_button_of_a_heading_removes_its_row_and_does_not_choose_it(grid, qtbot):
    grid.show_rows([row(i) for i in range(3)])
    removed, pressed = [], []
    grid.remove_requested.connect(removed.append)
    grid.row_pressed.connect(pressed.append)
    middle = grid.button_rect(2).center().toPoint()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert (removed, pressed) == ([2], [])


def test_the_menu_copies_one_sentence(grid):
    grid.show_rows([row(0), row(1)])
    menu = grid.row_menu(1, 1)
    assert [action.text() for action in menu.actions()] == ["Copy this sentence", "Copy the row", "Remove this row"]
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "autogen 1"
    menu.deleteLater()


def test_every_part_of_a_row_has_its_tooltip(grid, monkeypatch):
    grid.show_rows([row(0), row(1)])
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *rest: said.append(text))
    heading = QPoint(30, grid.row_rect(1).top() + 10)
    for place in (at(grid, 1), grid.button_rect(1).center().toPoint(), heading):
        event = QHelpEvent(QEvent.Type.ToolTip, place, grid.viewport().mapToGlobal(place))
        QApplication.sendEvent(grid.viewport(), event)
    assert said == ["vae: tip 1", "Remove this row (Delete)", "input 1\nz = μ"]


def test_a_heading_has_its_tooltip_over_no_columns_too(grid, monkeypatch):
    grid.show_rows([Row((), Heading("input", "z = μ", "input\nz = μ"))])
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *rest: said.append(text))
    place = QPoint(30, grid.row_rect(0).top() + 10)
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, grid.viewport().mapToGlobal(place)))
    assert said == ["input\nz = μ"]


def test_the_scroll_bar_has_a_handle_only_if_there_is_a_use(grid):
    grid.show_rows([row(0)])
    assert "transparent" in grid.verticalScrollBar().styleSheet()
    grid.show_rows([row(i) for i in range(50)])
    assert grid.verticalScrollBar().styleSheet() == ""


def test_another_theme_changes_the_colours_and_nothing_else(grid):
    grid.show_rows([row(i) for i in range(5)])
    before, dark = grid.row_rect(2), grid.grab().toImage()
    theme.apply(QApplication.instance(), "light")
    assert grid.grab().toImage() != dark
    assert grid.row_rect(2) == before


def test_another_theme_lays_out_what_is_in_sight_before_it_is_painted(grid, qtbot):
    rows = Asked(12)
    grid.show_rows(rows)
    qtbot.waitUntil(lambda: len(rows.asked) == 12)  # the heights of all are known
    grid.setUpdatesEnabled(False)  # as the window is held while it changes
    rows.asked.clear()
    theme.apply(QApplication.instance(), "light")
    qtbot.waitUntil(lambda: bool(rows.asked))
    before = set(rows.asked)
    grid.setUpdatesEnabled(True)
    grid.viewport().repaint()
    assert rows.asked == before < set(range(12))


def test_heights_that_are_not_known_are_guessed_from_those_that_are():
    heights = RowHeights()
    heights.reset(3)
    for i, height in enumerate((10, 20, 30)):
        heights.put(i, height)
    assert [heights.row_at(y) for y in (-1, 0, 9, 10, 29, 30, 59, 60)] == [-1, 0, 0, 1, 1, 2, 2, -1]
    assert heights.between(9, 2) == range(0, 2)
    assert heights.between(30, 1000) == range(2, 3)
    heights.reset(5)
    assert (heights.first_unknown(), heights.top(3), heights.total) == (0, 60, 100)
    heights.reset(0)
    assert (heights.total, heights.between(0, 100), heights.first_unknown()) == (0, range(0), -1)


def test_a_row_that_is_emphasised_before_it_is_there_is_not_the_keyboards(qtbot):
    grid = SentenceGrid("rows")
    qtbot.addWidget(grid)
    grid.resize(400, 200)
    grid.show()
    grid.set_current(4)
    for key in (Qt.Key.Key_C, Qt.Key.Key_1, Qt.Key.Key_Delete, Qt.Key.Key_Menu):
        qtbot.keyClick(
            grid, key, Qt.KeyboardModifier.ControlModifier if key == Qt.Key.Key_C else Qt.KeyboardModifier(0)
        )
    QApplication.sendEvent(grid, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))
    grid.show_rows([row(i) for i in range(6)])
    grid.set_current(4)
    assert (grid._current, grid._cursor) == (4, 4)


def test_each_column_has_the_colour_of_its_variant_at_its_left(grid):
    colours = "#56b4e9", "#e69f00"
    cells = tuple(Cell((Span("A sentence."),), edge=colour) for colour in colours)
    grid.show_rows([Row(cells), Row(cells), Row(cells, Heading("Has the names of its columns above it"))])
    image, ratio = grid.viewport().grab().toImage(), grid.devicePixelRatioF()

    def at_the_left(index: int, column: int) -> str:
        rect = grid.cell_rect(index, column)
        return image.pixelColor(round((rect.left() + 1) * ratio), round(rect.center().y() * ratio)).name()

    wanted = [QColor(theme.current().readable(colour)).name() for colour in colours]
    for index in range(2):
        assert [at_the_left(index, column) for column in range(2)] == wanted
    assert at_the_left(2, 0) not in wanted
