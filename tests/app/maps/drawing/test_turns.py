"""Work done piece by piece."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from app.maps.drawing.turns import Turns


def test_one_piece_a_turn_and_each_owner_once(qtbot):
    turns, owners, done = Turns(), [QObject() for _ in range(3)], []
    for i in (0, 1, 0, 2, 1):
        turns.ask(owners[i], lambda i=i: done.append(i))
    turns._next()
    assert done == [0]
    qtbot.waitUntil(lambda: turns.idle)
    assert done == [0, 1, 2]


def test_an_owner_that_is_gone_is_forgotten(qtbot):
    turns, owner, done = Turns(), QObject(), []
    turns.ask(owner, lambda: done.append(1))
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: turns.idle)
    assert done == []
