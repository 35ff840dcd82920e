"""What is sent from one place to another, and how it travels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QUrl

from app.core.picks import MIME, NOWHERE, Numbers, Origin, Pick
from app.widgets.pick_drag import LONGEST, mime_of, pick_of

POINT = Pick("step 4 of A → B", {"vae": (0.5, -1.0)}, "lerp, z = μ", sentences={"vae": "I love it."})


KNOWN = replace(
    POINT, numbers={"vae": Numbers(-3.5, None, how="greedy", credit=1.5, neighbour=7)}, origin=Origin("novel", 2000)
)


@pytest.mark.parametrize("pick", [Pick("I love you.", index=3), POINT, KNOWN, KNOWN.of(Origin("demo")), Pick("")])
def test_a_pick_comes_out_of_a_drag_as_it_went_in(pick):
    carried = mime_of(pick)
    assert pick_of(carried) == pick
    assert carried.text() == pick.text


def test_a_pick_of_another_window_is_no_test_sentence_of_this_one():
    carried = mime_of(Pick("I love you.", index=3))
    for name in carried.formats():
        if name.endswith("-from"):
            carried.setData(name, b"another")
    assert pick_of(carried) == Pick("I love you.")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"text": 1, "z": 3}', '{"text": "a", "z": {"vae": ["x"]}}', "null"])
def test_what_is_no_pick_is_none(text):
    carried = QMimeData()
    carried.setData(MIME, text.encode())
    assert pick_of(carried) is None


def test_text_of_another_program_is_a_sentence_of_one_line_and_not_too_long():
    carried = QMimeData()
    assert pick_of(carried) is None
    carried.setText("  \n ")
    assert pick_of(carried) is None
    carried.setText("\n  We go home.  \nAnd then?")
    assert pick_of(carried) == Pick("We go home.")
    carried.setText("a " * LONGEST)
    assert len(pick_of(carried).text) == LONGEST


def test_a_file_and_an_address_alone_are_no_sentences():
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile("/tmp/notes.txt")])
    assert carried.hasText()  # Qt makes one of the address
    assert pick_of(carried) is None
    carried.setText("/tmp/notes.txt")  # as file managers do
    assert pick_of(carried) is None
    carried = QMimeData()
    carried.setUrls([QUrl("https://example.org")])
    assert pick_of(carried) is None
    carried.setText("An example")  # a link of a browser with its words
    assert pick_of(carried) == Pick("An example")
    kept = mime_of(Pick("We go home."))
    kept.setUrls([QUrl.fromLocalFile("/tmp/notes.txt")])
    assert pick_of(kept) == Pick("We go home.")


def test_points_say_once_which_models_they_are_of_and_sentences_never():
    demo, novel = Origin("demo"), Origin("novel", 2000)
    assert POINT.of(demo).of(novel).origin == demo
    assert Pick("We go home.").of(demo).origin == NOWHERE
    assert (demo.label, novel.label) == ("demo", "novel, step 2,000")


def test_points_are_told_from_sentences():
    assert POINT.label == "point: step 4 of A → B"
    assert Pick("We go home.").label == "We go home."


def test_the_number_of_a_test_sentence_counts_in_its_own_run_alone():
    demo, novel = Origin("demo", 500), Origin("novel", 2000)
    clicked = Pick("We go home.", index=3)
    on_its_way = clicked.of(demo)
    assert on_its_way.origin == demo
    assert Pick.from_json(on_its_way.to_json()) == on_its_way
    assert on_its_way.within("demo") == clicked  # whatever step: the test sentences are those of the corpus
    assert on_its_way.within("novel") == Pick("We go home.")
    assert clicked.within("novel") == clicked  # it has not left its window
    assert POINT.of(novel).within("demo") == POINT.of(novel)  # which is refused in words
