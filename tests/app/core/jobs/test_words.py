"""How long a job still takes, in words."""

from __future__ import annotations

import pytest

from app.core.jobs.words import time_left


@pytest.mark.parametrize(
    ("fraction", "seconds", "words"),
    [
        (None, 10, ""),
        (0.0, 10, ""),
        (0.5, 0.2, ""),
        (0.9, 30, "a few seconds left"),
        (0.5, 30, "about 30 s left"),
        (0.1, 60, "about 9 min left"),
    ],
)
def test_the_time_left_is_told_once_it_can_be_known(fraction, seconds, words):
    assert time_left(fraction, seconds) == words
