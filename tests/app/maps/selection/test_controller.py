"""What becomes of the selection by what a person does, and that all of it can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.core.state import ExplorerState
from app.core.values import Stage
from app.maps.drawing.pen import Drawn
from app.maps.selection import words
from app.maps.selection.controller import Search, SelectionController
from app.maps.selection.state import SelectionState, SelectionWish
from app.run.context import Context
from engine.errors import LoomError
from engine.selections.chosen import NONE, Chosen
from tests.app.fakes import FakeSession, answering, fake_atlas, opened

CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
"""Where the four sentences lie."""


@pytest.fixture
def controller(qapp) -> SelectionController:
    """On open maps of four sentences; what it says is kept in `said`, its context in `context`."""
    context = Context(ExplorerState(maps=Stage("ready")), answering(FakeSession()), fake_atlas(), answering(opened()))
    made = SelectionController(context, SelectionState())
    made.context, made.state, made.said = context, made._state, []
    made.told.connect(made.said.append)
    made.failed.connect(made.said.append)
    context.history.watch("Selection", made)
    made.maps_changed()
    return made


def chosen(controller) -> list[int]:
    """The chosen sentences, by the mask and by the state, which say the same."""
    if controller.mask is None:
        assert controller.state.chosen == NONE
        return []
    found = np.flatnonzero(controller.mask).tolist()
    assert found == np.flatnonzero(controller.state.chosen.mask()).tolist()
    assert len(found) == controller.state.chosen.count
    return found


def draw(controller, shape: str, corners, taking: str = "new") -> None:
    controller.draw(Drawn(shape, np.array(corners, float), taking), CORNERS[:, 0], CORNERS[:, 1])


def test_boxes_and_lassos_choose_add_take_out_and_keep_what_is_in_both(controller):
    draw(controller, "box", [(-1, -1), (0.5, 2)])
    assert chosen(controller) == [0, 2]
    draw(controller, "lasso", [(0.5, -1), (2, -1), (2, 0.5), (0.5, 0.5)], "add")
    assert chosen(controller) == [0, 1, 2]
    draw(controller, "box", [(-1, -1), (0.5, 0.5)], "subtract")
    assert chosen(controller) == [1, 2]
    draw(controller, "box", [(-1, 0.5), (2, 2)], "within")
    assert chosen(controller) == [2]
    draw(controller, "lasso", [(-1, -1), (3, -1), (-1, 3)])
    assert chosen(controller) == [0, 1, 2]
    assert controller.said == []


def test_each_step_can_be_undone_and_done_again_in_words(controller):
    history = controller.context.history
    draw(controller, "box", [(-1, -1), (0.5, 2)])
    controller.invert()
    controller.pick(0, "add")
    controller.clear()
    assert (chosen(controller), history.undoes) == ([], "clear the selection")
    states = []
    while history.undoes:
        history.undo()
        states.append(chosen(controller))
    assert states == [[0, 1, 3], [1, 3], [0, 2], []]
    assert history.redoes == "select what a box encloses"
    while history.redoes:
        history.redo()
        states.append(chosen(controller))
    assert states[4:] == [[0, 2], [1, 3], [0, 1, 3], []]


def test_a_line_around_nothing_says_so_and_leaves_what_was_chosen(controller):
    draw(controller, "box", [(-1, -1), (0.5, 2)])
    draw(controller, "lasso", [(5, 5), (6, 5), (6, 6)])
    draw(controller, "box", [(5, 5), (6, 6)], "subtract")
    assert chosen(controller) == [0, 2]
    assert controller.said == [words.NOTHING_INSIDE] * 2
    assert controller.context.history.undoes == "select what a box encloses"


def test_while_something_is_searched_only_what_was_found_is_drawn_round(controller):
    controller.take_hits(np.array([True, True, False, False]))
    draw(controller, "box", [(-1, -1), (2, 2)])
    assert chosen(controller) == [0, 1]
    draw(controller, "box", [(-1, 0.5), (2, 2)], "add")
    assert controller.said == [words.NOTHING_INSIDE_FOUND]
    controller.take_hits(None)
    draw(controller, "box", [(-1, 0.5), (2, 2)], "add")
    assert chosen(controller) == [0, 1, 2, 3]


def test_what_came_last_stands_out_and_the_other_again_once_that_is_gone(controller):
    state = controller.state
    draw(controller, "box", [(-1, -1), (0.5, 2)])
    assert state.in_front
    controller.take_hits(np.array([True, True, False, False]))
    assert not state.in_front
    controller.pick(1, "add")
    assert state.in_front
    controller.take_hits(np.array([True, False, False, False]))
    controller.take_hits(None)
    assert state.in_front
    controller.clear()
    assert not state.in_front


def test_hits_are_chosen_now_or_as_soon_as_they_are_found(controller):
    controller.select_hits("new")
    assert chosen(controller) == []
    controller.take_hits(np.array([True, True, False, False]))
    controller.select_hits("new")
    assert chosen(controller) == [0, 1]
    controller.select_hits("add", later=True)
    assert chosen(controller) == [0, 1]
    controller.take_hits(np.array([False, False, False, True]))
    assert chosen(controller) == [0, 1, 3]
    controller.take_hits(np.array([False, False, True, False]))
    assert chosen(controller) == [0, 1, 3]
    controller.take_hits(np.zeros(4, bool))
    controller.select_hits("new")
    assert (chosen(controller), controller.said) == ([0, 1, 3], [words.NOTHING_FOUND])


def test_a_point_is_turned_in_and_out_and_one_that_is_not_there_is_nothing(controller):
    for index in (3, 1, 3, 4, -1):
        controller.pick(index, "turn")
    assert chosen(controller) == [1]
    controller.pick(1, "subtract")
    assert chosen(controller) == []


def test_inverting_nothing_chooses_all_and_inverting_that_nothing(controller):
    controller.invert()
    assert chosen(controller) == [0, 1, 2, 3]
    controller.invert()
    assert chosen(controller) == []


def test_a_selection_waits_for_its_maps_and_is_let_go_by_others(controller):
    context, wish = controller.context, SelectionWish(Chosen.of(np.array([True, False, False, True]), "four sentences"))
    atlas, context.atlas = context.atlas, None
    context.state.maps = Stage("loading")
    controller.maps_changed()
    controller.want(wish)
    assert (controller.mask, controller.wish()) == (None, wish)
    context.atlas = atlas
    context.state.maps = Stage("ready")
    controller.maps_changed()
    assert chosen(controller) == [0, 3]
    assert controller.state.in_front
    controller.want(SelectionWish(replace(wish.chosen, corpus="others")))
    assert chosen(controller) == []
    controller.want(SelectionWish(replace(wish.chosen, n=5)))
    assert chosen(controller) == []
    controller.want(SelectionWish(replace(wish.chosen, bits="!")))
    assert chosen(controller) == []
    assert controller.said == ["What was selected at the last time is damaged and was let go."]


def test_what_is_asked_for_is_found_one_after_the_other_and_what_fails_is_told(controller):
    worker, context = controller.context.archive.kept, controller.context
    context.archive.detach()
    finds = {
        "first": lambda opened: iter((None, np.array([True, False, False, False]))),
        "bad": lambda opened: (_ for _ in ()).throw(LoomError("It cannot be.", "Ask otherwise.")),
        "third": lambda opened: iter((np.array([False, True, False, False]),)),
    }
    for name, find in finds.items():
        controller.ask(Search(name, find, "add", "nothing"))
    assert controller.state.finding == "first"
    context.archive.attach(worker)
    assert chosen(controller) == [0, 1]
    assert controller.said == ["It cannot be. Ask otherwise."]
    assert controller.state.finding == ""


def test_what_is_asked_of_another_run_is_waited_for_no_more(controller):
    worker = controller.context.archive.kept
    controller.context.archive.detach()
    draw(controller, "box", [(-1, -1), (0.5, 2)])
    draw(controller, "box", [(-1, -1), (2, 2)])
    controller.forget()
    controller.context.archive.attach(worker)
    assert (chosen(controller), controller.state.finding) == ([], "")
