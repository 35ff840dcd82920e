"""Which point is meant, in maps that can be asked at once and in larger ones."""

from __future__ import annotations

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


def test_a_large_map_is_prepared_beside_the_window_and_says_when_it_can_be_asked(finder, monkeypatch, qtbot):
    monkeypatch.setattr(module, "_QUICK", 3)
    assert not finder.prepare()
    assert finder.near(10, 0, 1) == finder.toward(0, (1, 0), 0.0) == -1
    with qtbot.waitSignal(finder.ready):
        pass
    assert finder.near(10, 0, 1) == 1


def test_points_that_were_replaced_meanwhile_are_never_found(finder, monkeypatch, qtbot):
    monkeypatch.setattr(module, "_QUICK", 3)
    finder.prepare()
    finder.set_points(X + 100, Y)
    finder.prepare()
    with qtbot.waitSignal(finder.ready):
        pass
    assert finder.near(0, 0, 1) == -1
    assert finder.near(100, 0, 1) == 0
