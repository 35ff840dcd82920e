"""The Traverse tab as it is seen and handled."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.bench.traverse.state import VALUES, Live, Slider
from app.bench.traverse.view import TraverseView
from app.core.values import Reading, Series
from app.widgets.pictures.writing import Style, draw
from tests.app.fakes import COLUMNS
from tests.app.looking import texts
from tests.app.reading import svg_text

SLIDERS = {
    "vae": (
        Slider("z3 · KL 0.00", 0.5, 1.0, nothing="this dimension carries nothing (KL 0.00)"),
        Slider("z0 · KL 0.00", 0.0, 1.0, nothing="this dimension carries nothing (KL 0.00)"),
    ),
    "autogen-m1": (Slider("z7 · KL 2.1", 0.5, 1.2), Slider("z1 · KL 1.4", -1.0, 1.0)),
}


@pytest.fixture
def view(qtbot):
    view = TraverseView()
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.set_columns(COLUMNS)
    view.show_controls("informative", True, 2, "sliders")
    view.show_sliders(SLIDERS)
    view.show_positions({"vae": (0.5, 0.0), "autogen-m1": (0.5, -1.0)}, 0)
    view.show()
    qtbot.waitExposed(view)
    return view


def reading(text: str, draft: bool = False) -> Reading:
    return Reading(tuple(text.split()), text.capitalize(), -2.0, how="z = μ, greedy", draft=draft)


def test_what_carries_nothing_is_said_in_words_in_its_own_column(view):
    assert view.notes == ["z3: this dimension carries nothing (KL 0.00), nor does any other: nothing changes", ""]
    assert view.sliders.labels("autogen-m1") == ["z7 · KL 2.1", "z1 · KL 1.4"]


def test_a_press_on_the_line_moves_there_and_a_double_click_asks_to_go_back(view, qtbot):
    slider = view.sliders.slider("autogen-m1", 1)
    taken, back = [], []
    view.rank_chosen.connect(taken.append)
    view.reset_one.connect(lambda *given: back.append(given))
    line = slider.width() - slider.sizeHint().width() + 120
    middle = QPoint(line // 2, slider.height() // 2)
    with qtbot.waitSignal(view.moved) as moved:
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert moved.args[:2] == ["autogen-m1", 1]
    assert abs(moved.args[2]) < 0.1
    assert taken == [1]
    with qtbot.waitSignal(view.moved) as moved:
        qtbot.mouseMove(slider, QPoint(slider.width() + 50, middle.y()))
    assert moved.args[2] == 3.0
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert back == [("autogen-m1", 1)]


def test_keys_move_a_slider_and_what_the_state_says_is_shown_without_telling_again(view, qtbot):
    slider = view.sliders.slider("vae", 0)
    with qtbot.waitSignal(view.moved) as moved:
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert moved.args == ["vae", 0, 0.6]
    told = []
    view.moved.connect(lambda *given: told.append(given))
    view.show_positions({"vae": (0.6, 0.0), "autogen-m1": (0.6, -1.0)}, 0)
    assert view.sliders.slider("autogen-m1", 0).number == "+0.72"  # a unit is 1.2 in its z
    assert told == []


def test_differences_from_the_own_sentence_of_the_same_search_are_marked(view):
    home = {"vae": reading("we go home")}
    drafts = {"vae": reading("we stay home", draft=True)}
    moved = {"vae": reading("we stay here", draft=True)}
    view.show_live(Live(moved, home, drafts, {"autogen-m1": "its weights are gone"}), {}, "")
    html = view.cards.card("vae").sentence.text()
    assert html.count("underline") == 1
    assert "here" in html
    assert "its weights are gone" in texts(view)


def test_cards_do_not_shrink_while_the_sentence_is_moved(view):
    long = " ".join(["a very long sentence about nothing"] * 6)
    view.show_live(Live({"vae": reading(long)}), {}, "")
    QApplication.processEvents()
    height = view.cards.height()
    sentence = view.cards.card("vae").sentence
    assert sentence.height() >= sentence.heightForWidth(sentence.width())
    view.show_live(Live({"vae": reading("short")}), {}, "")
    QApplication.processEvents()
    assert view.cards.height() == height


def test_a_card_has_room_for_a_sentence_of_two_lines_over_numbers_of_two(view):
    view.resize(560, 420)
    said = Reading(("a",) * 9, "Wide words " * 5, -2.0, how="z = μ, " + ", ".join(f"z{i} = 0.50" for i in range(4)))
    view.show_live(Live({"vae": said}, {"vae": said}), {}, "")
    for _ in range(3):
        QApplication.processEvents()
    card = view.cards.card("vae")
    for text in (card.sentence, card._numbers):
        assert text.height() >= text.heightForWidth(text.width())
    assert card.sentence.geometry().bottom() < card._numbers.geometry().top()


def test_the_sentences_along_the_slider_are_a_face_of_their_own_or_beside_it_where_there_is_room(view, qtbot):
    seen = []
    view.steps_seen.connect(seen.append)
    view.show_controls("informative", True, 2, "steps")
    assert seen == [True]
    assert not view.sliders.isVisible()
    series = tuple(reading("we stay" if i < 4 else "we go") for i in range(len(VALUES)))
    view.show_steps(Series(readings={"vae": series}), {})
    assert [row[0] for row in view.grid.texts][:5] == ["We stay", "We stay", "We stay", "We stay", "We go"]
    assert "VAE 2" in texts(view)
    view.show_controls("informative", True, 2, "sliders")
    assert seen == [True, False]
    view.resize(900, 700)
    qtbot.waitUntil(lambda: seen == [True, False, True])
    assert view.sliders.isVisible()
    assert view.grid.isVisible()


def test_a_problem_with_the_subject_stands_above_empty_cards(view):
    view.show_live(Live(problem="There is no word in this sentence."), {}, "note")
    assert "There is no word in this sentence." in texts(view)


def test_the_picture_has_the_sentences_the_sliders_and_what_stands_along_them(view, tmp_path):
    readings = {name: reading(f"moved {name}") for name in ("vae", "autogen-m1")}
    view.show_live(Live(readings, readings), {}, "")
    steps = {name: tuple(reading(f"step {i} {name}") for i in range(len(VALUES))) for name in readings}
    view.show_steps(Series("how", steps), {})
    view.show_step(5)

    def said() -> str:
        draw(view.figure(), Style("svg"))(tmp_path / "traversal.svg")
        return svg_text((tmp_path / "traversal.svg").read_bytes())

    text = said()
    for words in (
        "Traversal from", "dimensions of z with the most KL", "Moved vae", "z3 · KL 0.00", "z7 · KL 2.1", "+0.50",
        "−1.00", "z3: this dimension carries nothing",
    ):  # fmt: skip
        assert words in text
    assert "Step 8 vae" not in text  # out of sight
    view.show_controls("principal", True, 2, "steps")
    text = said()
    assert "principal directions of μ" in text
    for i in range(len(VALUES)):
        assert f"tep {i} vae" in text


def test_there_is_no_picture_without_sliders(view):
    view.show_sliders({})
    assert view.figure() is None
