"""What does not fit is found, and what fits is left alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.fitting import list_misfits, misfits
from app.widgets.labels import ElidedLabel
from app.widgets.parts import columns_area
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Heading, Row

LONG = "words that need a good deal of room on their line"


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    return made


def put(window, widget, *place):
    widget.setParent(window)
    widget.setGeometry(*place)
    widget.show()
    return widget


def test_a_window_in_which_all_has_its_room_has_no_misfits(window):
    column = QVBoxLayout(window)
    for widget in (QLabel("short"), QLineEdit(), QPushButton("Go"), QLabel(LONG, wordWrap=True)):
        column.addWidget(widget)
    window.adjustSize()
    assert misfits(window) == []


@pytest.mark.parametrize(
    "place",
    [
        pytest.param((350, 10, 100, 40), id="beyond the right edge"),
        pytest.param((10, 180, 100, 40), id="beyond the lower edge"),
        pytest.param((-90, 10, 100, 40), id="before the left edge"),
        pytest.param((10, 10, 100, 6), id="too low"),
        pytest.param((10, 10, 8, 40), id="too narrow"),
    ],
)
def test_a_control_that_is_cut_is_found(window, place):
    put(window, QPushButton("Start training"), *place)
    (found,) = misfits(window)
    assert found.startswith("QPushButton 'Start training' needs")


def test_a_control_cut_by_what_it_stands_in_is_found_unless_it_can_be_scrolled_there(window, qapp):
    inside = QWidget()
    row = QVBoxLayout(inside)
    for i in range(20):
        row.addWidget(QPushButton(f"button {i}"))
    area = columns_area(inside)
    put(window, area, 0, 0, 300, 100)
    qapp.processEvents()
    assert misfits(window) == []
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    assert "QPushButton 'button 19' needs" in "\n".join(misfits(window))


def test_what_is_too_wide_for_an_area_that_scrolls_down_only_is_found(window, qapp):
    inside = QWidget()
    row = QHBoxLayout(inside)
    for i in range(8):
        row.addWidget(QPushButton(f"button {i}"))
    area = columns_area(inside)
    put(window, area, 0, 0, 300, 100)
    qapp.processEvents()
    assert "QPushButton 'button 7' needs" in "\n".join(misfits(window))


@pytest.mark.parametrize(
    ("label", "cut"),
    [
        (QLabel, True),
        (ElidedLabel, False),
        (lambda text: QLabel(text, wordWrap=True), True),
        (lambda _: QLabel("word"), False),
    ],
)
def test_a_text_that_is_cut_is_found_unless_it_is_elided(window, label, cut):
    made = label(LONG)
    made.setText(made.text() or LONG)
    put(window, made, 10, 10, 80, 24)
    assert len(misfits(window)) == cut


def test_neighbours_on_each_other_are_found(window):
    put(window, QPushButton("one"), 10, 10, 100, 40)
    put(window, QPushButton("two"), 100, 20, 100, 40)
    assert misfits(window) == ["QWidget lays QPushButton 'one' over QPushButton 'two'"]


def test_what_is_hidden_is_of_no_concern(window):
    put(window, QPushButton("far"), 1000, 10, 100, 40).hide()
    assert misfits(window) == []


@pytest.mark.parametrize(("height", "few"), [(60, True), (400, False)])
@pytest.mark.parametrize("heading", [None, Heading("typed", "", "")])
def test_a_list_with_room_for_fewer_than_five_rows_is_found(window, qapp, height, few, heading):
    window.resize(400, 500)
    grid = SentenceGrid("Steps")
    put(window, grid, 0, 0, 400, height)
    grid.show_rows([Row((Cell((Span(f"sentence {i}"),)),), heading) for i in range(11)])
    qapp.processEvents()
    assert bool(misfits(window)) == few
    grid.show_rows([Row((Cell((Span("the only one"),)),), None)])
    qapp.processEvents()
    assert misfits(window) == []


def test_a_drop_down_list_that_cuts_its_entries_is_found(window, qapp):
    box = QComboBox()
    box.addItems(["none", "linear", "a schedule with a long name"])
    window.setStyleSheet("QComboBox { combobox-popup: 0; }")
    put(window, box, 10, 10, box.sizeHint().width() + 40, 30)
    assert list_misfits(box) == []
    box.resize(70, 30)
    assert any("cuts what is chosen" in found for found in list_misfits(box))
    whole = QComboBox()
    whole.addItems(["none", "linear", "cosine"])
    put(window, whole, 10, 60, 300, 30)
    whole.view().setMaximumHeight(40)
    assert any("whole entries" in found for found in list_misfits(whole))
    assert not box.view().isVisible()


def test_a_plain_scroll_area_may_be_smaller_than_what_it_holds(window, qapp):
    area = QScrollArea()
    content = QLabel("\n".join([LONG * 3] * 40))
    area.setWidget(content)
    put(window, area, 0, 0, 200, 100)
    qapp.processEvents()
    assert misfits(window) == []


def test_an_area_that_shows_nothing_of_what_it_holds_is_found(window):
    area, content = QScrollArea(), QLabel("one<br>two<br>three")
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(content)
    put(window, area, 10, 10, 100, 0)
    assert misfits(window) == ["QScrollArea shows nothing of what it holds"]
    area.setGeometry(10, 10, 100, 80)
    assert misfits(window) == []
