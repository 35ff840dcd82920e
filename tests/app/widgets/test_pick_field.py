"""A field that takes sentences and points."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout

from app.core import theme
from app.core.picks import Origin, Pick
from app.widgets.pick_drag import mime_of
from app.widgets.pick_field import PickField
from app.widgets.send_menu import SendingArea
from tests.app.looking import drop

POINT = Pick("step 4 of A → B", {"vae": (0.5, -1.0)}, "lerp, z = μ")


@pytest.fixture
def field(qtbot):
    theme.apply(QApplication.instance(), "dark")
    made = PickField("sentence A", "Type A", "Sentence A: type it", pause=10)
    qtbot.addWidget(made)
    made.resize(300, 30)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.picked.connect(made.told.append)
    return made


def test_typed_text_counts_once_when_the_typing_rests(field, qtbot):
    qtbot.keyClicks(field, " I love you ")
    qtbot.waitUntil(lambda: bool(field.told), timeout=2000)
    assert field.told == [Pick("I love you")]
    field.set_pick(Pick("I love you"))  # what the state says of it does not disturb the typing
    assert field.text() == " I love you "
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert len(field.told) == 1


def test_enter_and_leaving_the_field_do_not_wait(qtbot, field):
    field._rest.setInterval(100_000)
    qtbot.keyClicks(field, "one")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.told == [Pick("one")]
    qtbot.keyClicks(field, " two")
    assert field.pick == Pick("one two")
    field.clearFocus()
    assert field.told[1:] == [Pick("one two")]


def test_a_point_is_shown_as_one_thing_and_taken_away_as_one(field, qtbot):
    field.set_pick(POINT)
    assert field.text() == "point: step 4 of A → B"
    assert field.isReadOnly()
    assert field.pick == POINT
    assert "lerp, z = μ" in field.toolTip()
    assert field.told == []
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert (field.text(), field.isReadOnly(), field.told) == ("", False, [Pick("")])
    assert field.toolTip() == "Sentence A: type it"


def test_typing_over_a_point_puts_a_sentence_in_its_place(field, qtbot):
    field.set_pick(POINT)
    qtbot.keyClicks(field, "Hi")
    qtbot.waitUntil(lambda: Pick("Hi") in field.told, timeout=2000)
    assert field.told == [Pick(""), Pick("Hi")]


def test_the_cross_is_there_while_there_is_something_to_take_away(field):
    assert not field._clear.isVisible()
    field.set_pick(Pick("Hello."))
    assert field._clear.isVisible()
    field._clear.trigger()
    assert field.told == [Pick("")]
    assert not field._clear.isVisible()


def test_what_is_sent_takes_the_place_of_what_is_being_typed(field, qtbot):
    field._rest.setInterval(100_000)
    qtbot.keyClicks(field, "half a sen")
    field.set_pick(Pick("Sent from elsewhere.", index=2))
    assert field.text() == "Sent from elsewhere."
    assert field.pick.index == 2
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.told == []


@pytest.mark.parametrize("pick", [POINT, Pick("We go home.", index=1)])
def test_a_dropped_pick_takes_the_place_of_everything(field, pick):
    field.set_pick(Pick("before"))
    assert drop(field, mime_of(pick))
    assert (field.pick, field.told) == (pick, [pick])


def test_dropped_text_is_a_sentence_and_pictures_are_not_welcome(field):
    text, picture = QMimeData(), QMimeData()
    text.setText("from a browser")
    picture.setData("image/png", b"x")
    assert drop(field, text)
    assert field.told == [Pick("from a browser")]
    assert not drop(field, picture)


def test_what_is_undone_and_redone_counts_as_what_is_typed(field, qtbot):
    qtbot.keyClicks(field, "I love you")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Home)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.told == [Pick("I love you"), Pick("love you")]
    shown = []
    for _ in range(3):
        field.undo()
        qtbot.keyClick(field, Qt.Key.Key_Return)
        shown.append(field.text().strip())
        assert field.told[-1] == field.pick == Pick(shown[-1])
    assert shown == ["I love you", "", ""]
    field.redo()
    qtbot.waitUntil(lambda: field.told[-1] == Pick("I love you"), timeout=2000)


def test_a_picked_sentence_that_is_changed_and_put_back_is_the_picked_one(field, qtbot):
    """What was picked may know which test sentence it is."""
    field.set_pick(Pick("It is late.", index=3))
    qtbot.keyClicks(field, "?")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.pick == Pick("It is late.", index=3)


def test_a_numbered_sentence_of_another_run_is_dropped_as_a_text(qtbot):
    area, field = SendingArea(), PickField("sentence", "Type", "Type a sentence")
    qtbot.addWidget(area)
    QVBoxLayout(area).addWidget(field)
    area.set_origin(lambda: Origin("novel"))
    picks: list[Pick] = []
    field.picked.connect(picks.append)
    for run in ("demo", "novel"):
        assert drop(field, mime_of(Pick(f"We go home to {run}.", index=5855).of(Origin(run))))
    assert picks == [Pick("We go home to demo."), Pick("We go home to novel.", index=5855)]
