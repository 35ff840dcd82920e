"""Words in a corner of a map."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.maps.map_note import MapNote

LONG = "moved: further from any sentence than 99% of sentences are from each other, " * 3


@pytest.fixture
def room(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(240, 400)
    return made


def test_it_is_away_without_words_and_never_asks_for_more_than_the_map_has(room, qtbot):
    note = MapNote(room)
    qtbot.addWidget(note)
    note.set_text("no sentence here")
    one = note.sizeHint()
    note.set_text(LONG)
    assert one.width() < note.sizeHint().width() <= 240
    assert one.height() < note.sizeHint().height() < 2.5 * one.height()
    assert note.minimumSizeHint().width() == 0
    note.set_text("")
    assert note.isHidden()


def test_a_small_map_has_the_short_form_where_the_long_one_does_not_fit(room, qtbot):
    note = MapNote(room)
    qtbot.addWidget(note)
    note.set_text(LONG, short="far off")
    assert note.shown == LONG
    room.resize(240, 120)
    assert note.shown == "far off"
    note.set_text("near", short="n")
    assert note.shown == "near"
