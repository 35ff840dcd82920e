"""What a search has found, and the way through it."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.state import ExplorerState
from app.maps.search.hits import Hits
from app.maps.state import MapsState
from app.run.context import Context
from tests.app.fakes import SENTENCES, FakeSession, answering, fake_atlas, opened

MASK = np.array([True, False, True, True])


@pytest.fixture
def state() -> MapsState:
    return MapsState()


@pytest.fixture
def hits(qapp, state) -> Hits:
    """Three hits, 0, 2 and 3 of four sentences; what is chosen is kept in `said`."""
    made = Hits(Context(ExplorerState(), answering(FakeSession()), fake_atlas(), answering(opened())), state)
    made.said = []
    made.chosen.connect(made.said.append)
    made.take(MASK)
    return made


def test_the_way_through_the_hits_goes_on_and_back_and_round_the_ends(hits, state):
    for by in (1, 1, 1, 1, -1, -1):
        hits.step(by)
    assert hits.said == [0, 2, 3, 0, 3, 2]
    assert state.hit == 1


def test_backwards_the_way_begins_at_the_last(hits):
    hits.step(-1)
    assert hits.said == [3]


def test_a_hit_that_was_clicked_elsewhere_is_where_the_way_goes_on(hits, state):
    hits.follow(2)
    assert (state.hit, hits.said) == (1, [])
    hits.follow(1)  # is none
    assert state.hit == -1
    hits.follow(-1)
    assert state.hit == -1
    hits.step(1)
    assert (state.hit, hits.said) == (2, [3])


def test_a_sentence_that_is_clicked_before_it_is_found_is_marked(hits, state):
    hits._context.state.selection = 2
    hits.take(np.array([False, True, True, False]))
    assert (state.hit, hits.said) == (1, [])
    hits.take(np.array([True, True, False, False]))
    assert state.hit == -1


def test_other_hits_begin_anew_and_a_step_that_was_asked_before_is_made_once(hits, state):
    hits.step(1)
    hits.step_later(1)
    hits.take(np.array([False, True, True, False]))
    assert (hits.said, state.hit) == ([0, 1], 0)
    hits.take(np.array([False, False, False, True]))
    assert (hits.said, state.hit) == ([0, 1], -1)


def test_nothing_found_and_nothing_searched_have_no_way(hits, state):
    for mask in (np.zeros(4, bool), None):
        hits.step_later(1)
        hits.take(mask)
        hits.step(1)
        hits.choose(0)
    assert (hits.said, state.hit, len(hits.places)) == ([], -1, 0)


def test_only_the_rows_that_are_asked_for_are_read(hits, monkeypatch):
    read: list[int] = []
    atlas = type(hits._context.atlas)
    monkeypatch.setattr(atlas, "sentence", lambda self, index: read.append(index) or SENTENCES[index])
    told = []
    hits.read(range(1, 3), lambda first, texts: told.append((first, list(texts))))
    assert read == [2, 3]
    assert told == [(1, [SENTENCES[2], SENTENCES[3]])]
