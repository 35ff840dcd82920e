"""What leaves its place says which models it is of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.picks import NOWHERE, Origin, Pick, Place
from app.widgets.send_menu import SendingArea, carried, send, send_menu

POINT, SENTENCE, TABLE = Pick("step 4", {"vae": (0.5,)}), Pick("It is late."), Place("Table")


def test_points_say_of_which_models_they_are_however_they_leave(qtbot):
    area, inside, sent = SendingArea([TABLE]), QWidget(), []
    qtbot.addWidget(area)
    QVBoxLayout(area).addWidget(inside)
    area.sent.connect(lambda pick, place: sent.append(pick))
    opened = [Origin("demo")]
    area.set_origin(lambda: opened[-1])
    send(inside, POINT, TABLE)
    menu = send_menu(inside, [POINT])
    menu.actions()[0].trigger()
    menu.close()
    opened.append(Origin("novel", 2000))
    sent.append(carried(inside, [SENTENCE, POINT], Qt.KeyboardModifier.ShiftModifier))
    assert [pick.origin for pick in sent] == [Origin("demo"), Origin("demo"), Origin("novel", 2000)]
    assert carried(inside, [SENTENCE, POINT], Qt.KeyboardModifier.NoModifier) == SENTENCE
    assert carried(QWidget(), [POINT], Qt.KeyboardModifier.NoModifier).origin == NOWHERE
