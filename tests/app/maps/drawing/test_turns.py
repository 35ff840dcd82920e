"""Work done piece by piece, and maps that take turns at being drawn."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from app.core.values import Column
from app.maps.drawing.turns import Turns
from app.maps.row import MapRow

COLUMNS = (Column("vae", "VAE", "#56B4E9"), Column("autogen-m1", "AutoGen m=1", "#1BB58A"))


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


def test_maps_beside_each_other_are_drawn_one_by_one_but_the_one_in_hand_at_once(qtbot):
    row = MapRow()
    qtbot.addWidget(row)
    row.resize(700, 300)
    row.set_columns(COLUMNS)
    row.set_shown(("vae", "autogen-m1"))
    maps = [panel.map for panel in row.panels.values()]
    for one in maps:
        one.set_points(np.random.default_rng(0).normal(size=(100, 2)))
    row.set_ready()
    row.show()
    qtbot.waitExposed(row)
    qtbot.waitUntil(lambda: row.drawn and not any(one._outdated for one in maps))
    for one in maps:
        one.set_density(True)
        one.repaint()
    assert [one._outdated for one in maps] == [True, True]
    row._turns._next()
    assert [one._outdated for one in maps] == [False, True]
    assert not row.drawn
    qtbot.waitUntil(lambda: row.drawn)
    assert [one._outdated for one in maps] == [False, False]
    maps[0]._pan(20, 10)
    for one in maps:
        one.repaint()
    assert maps[0]._image_camera == maps[0]._camera
    assert maps[1]._image_camera != maps[1]._camera
    qtbot.waitUntil(lambda: row.drawn)
    assert maps[1]._image_camera == maps[1]._camera
