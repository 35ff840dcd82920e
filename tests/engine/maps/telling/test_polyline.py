"""Places along a line and distances from it, against plain loops."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from engine.errors import LoomError
from engine.maps.telling.polyline import bends, evenly, length_of, nearest_piece

BENT = [(0.0, 0.0), (3.0, 0.0), (3.0, 0.0), (3.0, 4.0), (2.0, 4.0)]  # a corner twice, as of a hand that rests


def walked(corners, far):
    """The place that far along a line, walked piece by piece."""
    for (x0, y0), (x1, y1) in pairwise(corners):
        piece = math.hypot(x1 - x0, y1 - y0)
        if far <= piece and piece:
            return x0 + (x1 - x0) * far / piece, y0 + (y1 - y0) * far / piece
        far -= piece
    return corners[-1]


@pytest.mark.parametrize("count", [2, 3, 9, 40])
def test_places_are_as_far_from_each_other_along_the_line(count):
    corners = np.array(BENT)
    assert length_of(corners) == pytest.approx(8.0)
    expected = [walked(BENT, 8.0 * at / (count - 1)) for at in range(count)]
    assert evenly(corners, count) == pytest.approx(np.array(expected))


def test_a_line_drawn_by_hand_has_its_ends_and_nothing_but_its_own_places():
    corners = np.cumsum(np.random.default_rng(0).normal(size=(200, 2)), axis=0)
    places = evenly(corners, 12)
    assert places[[0, -1]] == pytest.approx(corners[[0, -1]])
    assert nearest_piece(places, corners)[1] == pytest.approx(np.zeros(12), abs=1e-9)


@pytest.mark.parametrize("corners", [np.zeros((0, 2)), [(1.0, 1.0)], [(1.0, 1.0)] * 3, [(0.0, 0.0), (np.nan, 1.0)]])
def test_a_line_without_a_length_is_refused(corners):
    with pytest.raises(LoomError, match="no length"):
        evenly(np.array(corners), 5)


def test_the_nearest_piece_is_that_which_a_walk_in_small_steps_comes_nearest_to():
    random = np.random.default_rng(1)
    corners, points = random.normal(size=(7, 2)), random.normal(size=(60, 2)) * 2
    points[4] = np.nan
    pieces, distances = nearest_piece(points, corners)
    steps = np.linspace(0.0, 1.0, 2001)[:, None]
    for at, point in enumerate(points):
        if at == 4:
            assert (pieces[at], distances[at]) == (0, np.inf)
            continue
        walks = [a + (b - a) * steps for a, b in pairwise(corners)]
        far = [np.hypot(*(walk - point).T).min() for walk in walks]
        assert distances[at] == pytest.approx(min(far), abs=1e-3)
        assert far[pieces[at]] == pytest.approx(min(far), abs=1e-3)


def test_the_bends_of_a_line_are_its_corners_and_none_where_it_is_nearly_straight():
    square = evenly([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)], 49)
    assert square[bends(square, 1.0)].tolist() == [[4, 0], [4, 4], [0, 4]]
    wavy = np.column_stack([np.linspace(0, 10, 49), 0.3 * np.sin(np.linspace(0, 20, 49))])
    assert bends(wavy, 0.7) == []
    assert len(bends(wavy, 0.2)) >= 5
    back = evenly([(0, 0), (10, 0), (0, 0)], 49)
    assert bends(back, 1.0) == [24]
    assert bends(back[:2], 1.0) == []
