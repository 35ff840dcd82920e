"""The collector waits while modules are imported, whoever else imports some, and leaves them out afterwards."""

from __future__ import annotations

import gc

import pytest

from app.core.jobs.collecting import left_out_of_rounds


class Circle:
    """Refers to itself, so that only a round of the collector can free it."""

    def __init__(self) -> None:
        self.me = self


def circles() -> int:
    return sum(type(each) is Circle for each in gc.get_objects())


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()
    gc.collect()


def test_no_round_begins_within_and_what_was_made_there_is_in_no_round_afterwards():
    gc.collect()
    with left_out_of_rounds():
        assert not gc.isenabled()
        Circle()
    assert gc.isenabled()
    gc.collect()
    assert circles() == 0  # not among what is looked at ...
    gc.unfreeze()
    assert circles() == 1  # ... though it is there
    gc.collect()
    assert circles() == 0


def test_rounds_begin_again_after_the_last_of_several_that_overlap():
    first, second = left_out_of_rounds(), left_out_of_rounds()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_after_a_failure_rounds_begin_again_and_nothing_is_left_out():
    gc.unfreeze()
    with pytest.raises(ImportError), left_out_of_rounds():
        raise ImportError
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
