"""The Neighbours tab as it is seen and handled."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.bench.neighbours.state import Nearest, Neighbour, Neighbourhoods
from app.bench.neighbours.view import NeighboursView
from app.core.picks import Pick
from app.widgets.pictures.writing import Style, draw
from app.widgets.sentences.rich_text import plain_words, shared_spans
from tests.app.fakes import COLUMNS
from tests.app.reading import svg_text

FOUND = Neighbourhoods(
    plain_words("The cat sees it."),
    {
        "vae": Nearest((Neighbour(4, 0.5, "A cat runs."), Neighbour(9, 0.75, "They see it.")), "z = μ", 0.01),
        "autogen-m1": Nearest((Neighbour(4, 1.25, "A cat runs."), Neighbour(2, 2.0, "No.")), "z = μ", 12.0),
    },
)


@pytest.fixture
def view(qtbot):
    view = NeighboursView()
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.set_columns(COLUMNS)
    view.show_found(FOUND, "")
    view.show()
    qtbot.waitExposed(view)
    return view


def test_neighbours_have_distances_and_a_variant_whose_z_tells_nothing_says_so(view):
    assert view.grid.texts[1] == ["A cat runs.", "A cat runs."]
    assert [cell.number for cell in view.grid.rows[1].cells] == ["0.50", "1.25"]
    assert view.grid.texts[0] == ["Near by chance: this model's z tells nothing (KL 0.01)", ""]
    assert view.note == "z = μ  ·  in common of 2: 1"


def test_words_that_no_model_knows_are_marked_above_the_neighbours(view):
    assert view.reading_note == ""
    view.show_found(replace(FOUND, typed=("the", "zebra", "sees", "it"), unknown=(False, True, False, False)), "")
    assert view.reading_note.startswith("1 word is not in the vocabulary: ")
    (marked,) = re.findall(r"<span style=\"([^\"]*)\">zebra</span>", view.reading_note)
    assert "dotted" in marked
    assert view.reading_note.count("dotted") == 1


def test_without_a_warning_the_nearest_comes_first(view, qtbot):
    view.show_found(Neighbourhoods(nearest={"autogen-m1": FOUND.nearest["autogen-m1"]}), "")
    assert view.grid.texts == [["", "A cat runs."], ["", "No."]]
    with qtbot.waitSignal(view.chosen) as chosen:
        place = view.grid.cell_rect(1, 1).center().toPoint()
        qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [2]


def test_words_of_the_subject_are_marked_and_no_others():
    spans = shared_spans("A cat, it isn't.", plain_words("The Cat sees it."))
    assert [(span.text, span.role) for span in spans if span.role == "shared"] == [("cat", "shared"), ("it", "shared")]
    assert "".join(span.text for span in spans) == "A cat, it isn't."


def test_no_punctuation_is_marked_as_shared_and_words_of_any_script_are_whole():
    spans = shared_spans("It isn’t हिन्दी, ___ is it?", plain_words("हिन्दी isn't ___, ?"))
    assert [span.text for span in spans if span.role == "shared"] == ["isn’t", "हिन्दी"]


def test_a_click_and_the_number_of_a_column_choose_a_test_sentence(view, qtbot):
    chosen = []
    view.chosen.connect(chosen.append)
    grid = view.grid
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(2, 1).center().toPoint())
    assert chosen == [2]
    qtbot.keyClick(grid, Qt.Key.Key_1)
    assert chosen == [2, 9]
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(0, 0).center().toPoint())
    assert chosen == [2, 9]


def test_what_is_dragged_away_is_not_chosen(view, qtbot, monkeypatch):
    carried, chosen = [], []
    monkeypatch.setattr("app.widgets.sentences.sentence_grid.drag", lambda source, pick: carried.append(pick))
    view.chosen.connect(chosen.append)
    viewport, start = view.grid.viewport(), view.grid.cell_rect(1, 0).center().toPoint()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    at = QPointF(start + QPoint(60, 0))
    left = Qt.MouseButton.LeftButton
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, at, viewport.mapToGlobal(at), none, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, move)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
    assert [pick.index for pick in carried] == [4]
    assert chosen == []


def test_a_variant_that_fails_says_why_beside_the_others(view):
    view.show_found(Neighbourhoods(nearest={"vae": FOUND.nearest["vae"]}, failed={"autogen-m1": "gone"}), "")
    assert view.grid.texts[0][1] == "This model cannot answer: gone"
    assert len(view.grid.texts) == 3


def test_nothing_yet_shows_the_note(view):
    view.show_found(Neighbourhoods(), "Click a point in a map")
    assert view.note == "Click a point in a map"
    assert view.grid.texts == []


def test_the_picture_has_subject_distances_and_warnings(view, tmp_path):
    view.show_subject(Pick("The cat sees it."), False)
    draw(view.figure(), Style("svg"))(tmp_path / "near.svg")
    text = svg_text((tmp_path / "near.svg").read_bytes())
    for words in (
        "Nearest test sentences to “The cat sees it.”", "Before each: its Euclidean distance", "in common of 2: 1",
        "0.50A cat runs.", "2.00No.", "Near by chance: this model's z tells nothing (KL 0.01)",
    ):  # fmt: skip
        assert words in text
    view.show_found(Neighbourhoods(problem="No."), "")
    assert view.figure() is None
