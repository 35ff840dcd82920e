"""Selections as values, and what is done with two of them, held against sets of numbers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.selections.chosen import HOWS, NONE, Chosen, combined, inverted

WORDS = {"new": lambda a, b: b, "add": set.union, "subtract": set.difference, "within": set.intersection}


def mask_of(numbers: set[int], n: int) -> np.ndarray:
    mask = np.zeros(n, np.bool_)
    mask[sorted(numbers)] = True
    return mask


@given(n=st.integers(1, 70), data=st.data())
def test_two_selections_are_put_together_as_sets_are(n, data):
    numbers = st.sets(st.integers(0, n - 1))
    before, found = data.draw(numbers), data.draw(numbers)
    for how in HOWS:
        made = combined(mask_of(before, n), mask_of(found, n), how)
        assert set(np.flatnonzero(made).tolist()) == WORDS[how](before, found)
        from_none = combined(None, mask_of(found, n), how)
        assert set(np.flatnonzero(from_none).tolist()) == WORDS[how](set(), found)
    assert set(np.flatnonzero(inverted(mask_of(before, n), n)).tolist()) == set(range(n)) - before
    assert inverted(None, n).all()


@given(n=st.integers(1, 70), data=st.data())
def test_a_selection_comes_back_from_its_value_also_through_json(n, data):
    numbers = data.draw(st.sets(st.integers(0, n - 1)))
    made = Chosen.of(mask_of(numbers, n), "corpus")
    again = Chosen(**json.loads(json.dumps(asdict(made))))
    assert again == made
    assert made.count == len(numbers)
    if numbers:
        assert set(np.flatnonzero(again.mask()).tolist()) == numbers
    else:
        assert made == NONE


def test_what_was_found_is_not_changed_by_what_becomes_of_it():
    found = np.array([True, False])
    made = combined(None, found, "new")
    made[:] = False
    assert found.tolist() == [True, False]


def test_a_selection_is_of_one_corpus_and_none_is_of_any():
    made = Chosen.of(np.array([True, False, True]), "novel")
    assert made.is_of("novel", 3)
    assert not made.is_of("novel", 4)
    assert not made.is_of("news", 3)
    assert NONE.is_of("news", 7)


def test_half_of_a_million_takes_less_room_than_a_bit_and_a_third_each():
    mask = np.random.default_rng(0).random(1_000_000) < 0.5
    made = Chosen.of(mask, "novel")
    assert len(made.bits) < 1_000_000 / 8 * 4 / 3 * 1.01
    assert np.array_equal(made.mask(), mask)


GOOD = Chosen.of(np.arange(100) % 3 == 0, "novel")


@pytest.mark.parametrize(
    "damaged",
    [
        replace(GOOD, bits="not letters of it"),
        replace(GOOD, bits=GOOD.bits[:8]),
        replace(GOOD, bits=Chosen.of(np.ones(5, bool), "novel").bits),
        replace(GOOD, bits=Chosen.of(np.ones(10_000_000, bool), "novel").bits),
        replace(GOOD, bits=""),
        replace(GOOD, count=GOOD.count + 1),
        replace(GOOD, count=0),
        replace(GOOD, n=150),
    ],
)
def test_a_damaged_value_is_refused(damaged):
    with pytest.raises(ValueError, match=r"bits"):
        damaged.mask()
