"""Steps that are undone and done again, of features that are plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import pytest
from PySide6.QtCore import Qt

from app.core import history as module
from app.core.history import MOST_STEPS, History
from app.core.wish import Wish


@dataclass(frozen=True, slots=True)
class Numbers(Wish):
    """Two things a feature may be wanted to hold."""

    one: int = 0
    two: int = 0


class Feature:
    """Holds its wish, and follows another one, if there is one."""

    def __init__(self, follower: Feature | None = None) -> None:
        self.now, self._follower = Numbers(), follower

    def wish(self) -> Numbers:
        return self.now

    def want(self, wish: Numbers) -> None:
        self.now = wish
        if self._follower is not None:
            self._follower.now = replace(self._follower.now, two=0)


@pytest.fixture
def history(qapp):
    made = History()
    for name in "ab":
        made.watch(name, Feature())
    return made


def put(history: History, name: str, words: str = "put", key: str = "", later: bool = False, **fields: int) -> None:
    with history.deed(words, key, later):
        feature = history.features[name]
        feature.want(replace(feature.wish(), **fields))


def test_only_what_a_step_changed_goes_back(history):
    put(history, "a", "first", one=1)
    history.features["a"].want(Numbers(1, 9))  # no deed: typed on, say
    history.undo()
    assert history.features["a"].wish() == Numbers(0, 9)
    history.redo()
    assert history.features["a"].wish() == Numbers(1, 9)


def test_what_changes_nothing_is_no_step(history):
    put(history, "a", one=0)
    assert (history.undoes, history.redoes) == ("", "")


def test_a_deed_within_a_deed_is_part_of_it_whatever_it_reaches(history):
    with history.deed("both"):
        put(history, "a", "inner", one=1)
        put(history, "b", "inner", one=2)
    assert history.undoes == "both"
    history.undo()
    assert [history.features[name].wish() for name in "ab"] == [Numbers(), Numbers()]
    assert history.undoes == ""


def test_a_feature_that_is_made_during_a_deed_goes_back_to_what_it_was_made_with(history):
    made = Feature()
    with history.deed("gather"):
        made.want(Numbers(5, 5))  # as it was remembered
        history.watch("c", made)
        made.want(Numbers(6, 5))
    history.undo()
    assert made.wish() == Numbers(5, 5)


def test_whoever_follows_is_put_back_after_what_it_follows(qapp):
    history, follower = History(), Feature()
    history.watch("leader", Feature(follower))
    history.watch("follower", follower)
    put(history, "follower", two=7)
    put(history, "leader", one=1)
    assert follower.now.two == 0
    history.undo()
    assert follower.now.two == 7


def test_a_drag_is_one_step_until_the_hand_rests(history, monkeypatch):
    for position in range(1, 6):
        put(history, "a", "drag", "slider", one=position)
    monkeypatch.setattr(module.QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    history._rest.timeout.emit()  # it is held still
    put(history, "a", "drag", "slider", one=6)
    monkeypatch.setattr(module.QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.NoButton)
    history._rest.timeout.emit()
    put(history, "a", "drag", "slider", one=7)
    history.undo()
    assert history.features["a"].wish().one == 6
    history.undo()
    assert (history.features["a"].wish().one, history.undoes) == (0, "")


def test_a_slider_that_is_back_where_it_began_is_no_step_and_another_one_is_its_own(history):
    put(history, "a", "drag", "slider", one=1)
    put(history, "a", "drag", "slider", one=0)
    assert history.undoes == ""
    put(history, "a", "drag one", "slider one", one=1)
    put(history, "a", "drag two", "slider two", two=1)
    history.undo()
    assert history.features["a"].wish() == Numbers(1, 0)


def test_an_answer_that_was_waited_for_belongs_to_what_asked_for_it(history):
    put(history, "a", "example", "example 1", one=1)
    history._rest.timeout.emit()
    put(history, "a", "example", "example 1", later=True, two=2)
    history.undo()
    assert history.features["a"].wish() == Numbers()


def test_what_is_done_after_an_undo_takes_the_place_of_what_was_undone(history):
    put(history, "a", "first", one=1)
    put(history, "a", "second", one=2)
    history.undo()
    put(history, "b", "third", one=3)
    assert (history.undoes, history.redoes) == ("third", "")
    history.redo()
    assert history.features["a"].wish().one == 1


def test_of_another_run_what_is_kept_alone_goes_back(history):
    with history.deed("both"):
        put(history, "a", one=1)
        put(history, "b", one=2)
    put(history, "a", "only a", one=3)
    history.undo()
    history.keep(["b"])
    assert (history.undoes, history.redoes) == ("both", "")
    history.undo()
    assert [history.features[name].wish().one for name in "ab"] == [1, 0]


def test_any_number_of_steps_back_and_forth_leads_to_the_same(history):
    chance = Random(5)
    seen = [[history.features[name].wish() for name in "ab"]]
    for _ in range(60):
        before = history.undoes
        put(history, chance.choice("ab"), str(len(seen)), **{chance.choice(("one", "two")): chance.randrange(9)})
        if history.undoes != before:
            seen.append([history.features[name].wish() for name in "ab"])
    place = len(seen) - 1
    for _ in range(300):
        if chance.random() < 0.5:
            history.undo()
            place = max(0, place - 1)
        else:
            history.redo()
            place = min(len(seen) - 1, place + 1)
        assert [history.features[name].wish() for name in "ab"] == seen[place]


def test_there_is_an_end_to_what_is_remembered(history):
    for i in range(MOST_STEPS + 5):
        put(history, "a", one=i + 1)
    for _ in range(MOST_STEPS + 5):
        history.undo()
    assert history.features["a"].wish().one == 5


def test_how_many_steps_can_be_undone_is_told(history):
    feature = Feature()
    history.watch("a", feature)
    for number in (1, 2):
        with history.deed("count"):
            feature.now = Numbers(one=number)
    assert history.depth == 2
    history.undo()
    assert history.depth == 1
    history.undo()
    history.undo()  # there is none left
    assert (history.depth, feature.now.one) == (0, 0)
