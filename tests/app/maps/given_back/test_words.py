"""What is said of how many sentences were measured."""

from __future__ import annotations

import pytest

from app.maps.given_back import words


@pytest.mark.parametrize(
    ("measured", "said", "briefly", "share"),
    [
        (0, "0 of 10,066 sentences measured", "0 of 10,066 measured", "0%"),
        (7, "7 of 10,066 sentences measured", "7 of 10,066 measured", "<1%"),
        (1000, "1,000 of 10,066 sentences measured", "1,000 of 10,066 measured", "10%"),
        (10_065, "10,065 of 10,066 sentences measured", "10,065 of 10,066 measured", "99%"),
        (10_066, "", "", ""),
    ],
)
def test_how_few_were_measured_is_said_in_the_room_there_is(measured, said, briefly, share):
    assert words.measured(measured, 10_066) == said
    assert words.measured_briefly(measured, 10_066, tight=False) == briefly
    assert words.measured_briefly(measured, 10_066, tight=True) == share


def test_what_would_be_measured_is_counted():
    assert "all 30 sentences" in words.offered(0, 30)
    assert "the other 20 sentences" in words.offered(10, 30)
