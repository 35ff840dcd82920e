"""What the colours can mean: every name of the state has its words."""

from __future__ import annotations

from typing import get_args

from app.maps.colours.kinds import BY_NAME, KINDS
from app.run.atlas import ColourBy


def test_every_kind_has_words_and_no_two_the_same():
    assert set(BY_NAME) == set(get_args(ColourBy))
    assert len({kind.text for kind in KINDS}) == len({kind.meaning for kind in KINDS}) == len(KINDS)
