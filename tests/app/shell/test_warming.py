"""What is imported behind the window, and the garbage collector meanwhile."""

from __future__ import annotations

import gc

import pytest

from app.shell import warming


@pytest.fixture
def cold(monkeypatch):
    """As at the start of the program; what is left out of the collection meanwhile comes back."""
    monkeypatch.setattr(warming, "_done", False)
    yield
    gc.unfreeze()
    assert gc.isenabled()


def test_once_all_is_there_it_is_left_out_of_the_collection_and_nothing_is_done_twice(cold):
    before, steps = gc.get_freeze_count(), 0
    for _ in warming.warm(None):
        steps += 1
        assert not gc.isenabled()
    assert gc.isenabled()
    assert steps > 3
    assert gc.get_freeze_count() > before + 10_000
    frozen = gc.get_freeze_count()
    assert list(warming.warm(None)) == []
    assert gc.get_freeze_count() == frozen


def test_a_warming_that_is_given_up_leaves_the_collector_on_and_is_begun_anew(cold):
    begun = warming.warm(None)
    next(begun)
    begun.close()
    assert gc.isenabled()
    assert next(warming.warm(None), "nothing") is None
