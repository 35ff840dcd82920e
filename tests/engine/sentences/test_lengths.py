"""What is said of sentences that no model has seen the like of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sentences.lengths import length_warning


@pytest.mark.parametrize(
    ("tokens", "begins"),
    [
        ({"": 101}, "This sentence has 101 tokens (words"),
        ({"": 1}, "This sentence has 1 token (words"),
        ({"A": 3, "stop 1": 9, "B": 17}, "A has 3 tokens and B has 17 tokens (words"),
        ({"a": 3, "b": 2, "c": 1_000}, "a has 3 tokens, b has 2 tokens and c has 1,000 tokens (words"),
    ],
)
def test_the_length_and_that_of_the_training_text_are_told(tokens: dict[str, int], begins: str) -> None:
    said = length_warning(tokens, (5, 16))
    assert said.startswith(begins)
    assert "trained on sentences of 5 to 16," in said


@given(st.integers(0, 40), st.integers(1, 20), st.integers(0, 20))
def test_there_is_a_warning_beyond_the_limits_and_only_there(count: int, shortest: int, more: int) -> None:
    longest = shortest + more
    beyond = bool(count) and (count < shortest or count > longest)
    assert bool(length_warning({"": count}, (shortest, longest))) == beyond
