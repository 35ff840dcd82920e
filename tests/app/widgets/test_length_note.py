"""A sentence beyond the lengths of the training text is told of as it is typed, without any model."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.picks import Pick
from app.widgets.length_note import LengthNote
from app.widgets.pick_field import PickField

HUNDRED = "word " * 100


@pytest.fixture
def row(qtbot):
    """Two fields with a note."""
    window = QWidget()
    qtbot.addWidget(window)
    fields = {name: PickField(name, "", "") for name in "AB"}
    column = QVBoxLayout(window)
    note = LengthNote(fields)
    for widget in (*fields.values(), note):
        column.addWidget(widget)
    note.set_limits((5, 16))
    yield fields, note
    window.close()  # kept until here


def test_a_long_sentence_is_told_of_with_every_key(row, qtbot):
    fields, note = row
    qtbot.keyClicks(fields["A"], "one, two, three")
    assert note.isHidden()
    qtbot.keyClicks(fields["A"], ", four" * 6)
    assert note.text().startswith("A has 17 tokens")
    assert not note.isHidden()
    fields["B"].setText("Hm.")
    assert note.text().startswith("A has 17 tokens and B has 2 tokens")
    fields["A"].clear()
    fields["B"].setText("I think we go home.")
    assert (note.text(), note.isHidden()) == ("", True)


def test_nothing_is_told_of_points_of_hidden_fields_and_while_no_run_is_open(row):
    fields, note = row
    fields["A"].set_pick(Pick(HUNDRED, {"vae": (1.0,)}))
    assert note.isHidden()
    fields["B"].setText(HUNDRED)
    fields["B"].hide()
    note.look()
    assert note.isHidden()
    fields["B"].show()
    note.look()
    assert not note.isHidden()
    note.set_limits(None)
    assert note.isHidden()
