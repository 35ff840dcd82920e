"""Which point is meant, in maps that can be asked at once and in larger ones."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QObject

from app.maps.drawing import finder as module
from app.maps.drawing.finder import PointFinder

X = np.array([0, 10, 0, 10, 5], np.float32)
Y = np.array([0, 0, 10, 10, 5], np.float32)


@pytest.fixture
def finder(qapp):
    owner = QObject()
    made = PointFinder(owner)
    made.set_points(X, Y)
    yield made
    owner.deleteLater()


def test_what_is_not_dimmed_is_found_first_and_alone_by_steps(finder):
    finder.set_dimmed(np.array([False, True, False, False, True]))
    assert finder.near(10, 0, 1) == 1  # the pointer is on it, and on no other
    assert finder.near(10, 0, 100) == 0
    assert finder.toward(0, (1, 0), 0.0) == 3
    assert finder.nearest(6, 5, 1, 100) == 3
    finder.set_dimmed(np.ones(5, bool))
    assert (finder.toward(0, (1, 0), 0.0), finder.nearest(6, 5, 1, 100)) == (-1, -1)
    finder.set_dimmed(None)
    assert (finder.toward(0, (1, 0), 0.0), finder.nearest(6, 5, 0.1, 100)) == (4, 4)  # (1, 0) is the diagonal too


def test_the_answers_are_the_same_where_more_points_are_left_than_are_looked_at_singly(finder, monkeypatch):
    finder.set_dimmed(np.array([False, True, False, False, True]))
    singly = [finder.toward(i, way, 0.0) for i in range(5) for way in ((1, 0), (0, -1))]
    monkeypatch.setattr(module, "_FEW", 0)
    assert [finder.toward(i, way, 0.0) for i in range(5) for way in ((1, 0), (0, -1))] == singly
    assert finder.nearest(6, 5, 0.1, 100) == 3


def test_a_large_map_is_prepared_beside_the_window_and_what_is_to_be_done_waits_for_it(finder, monkeypatch, qtbot):
    monkeypatch.setattr(module, "_QUICK", 3)
    done = []
    assert not finder.prepare()
    assert finder.near(10, 0, 1) == finder.toward(0, (1, 0), 0.0) == -1
    finder.look(partial(done.append, "look before"))
    for name in ("click", "key"):
        finder.do(partial(done.append, name))
    for name in ("look", "look further"):
        finder.look(partial(done.append, name))
    assert done == []
    qtbot.waitUntil(lambda: bool(done))
    assert done == ["click", "key", "look further"]
    assert finder.near(10, 0, 1) == 1
    finder.look(partial(done.append, "at once"))
    assert done[-1] == "at once"


def test_a_pointer_that_has_left_looks_at_nothing_and_leaves_its_clicks(finder, monkeypatch, qtbot):
    monkeypatch.setattr(module, "_QUICK", 3)
    done = []
    finder.do(partial(done.append, "click"))
    finder.look(partial(done.append, "look"))
    finder.look_away(partial(done.append, "nowhere"))
    qtbot.waitUntil(finder.prepare)
    assert done == ["click", "nowhere"]
    finder.set_points(X, Y)
    finder.look(partial(done.append, "look"))
    finder.look_away(partial(done.append, "nowhere"))
    qtbot.waitUntil(finder.prepare)
    assert done == ["click", "nowhere"]


def test_points_that_were_replaced_meanwhile_are_never_found(finder, monkeypatch, qtbot):
    monkeypatch.setattr(module, "_QUICK", 3)
    finder.prepare()
    done = []
    finder.do(partial(done.append, "a click on points that are gone"))
    finder.set_points(X + 100, Y)
    qtbot.waitUntil(finder.prepare)
    assert done == []
    assert finder.near(0, 0, 1) == -1
    assert finder.near(100, 0, 1) == 0
