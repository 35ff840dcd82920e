"""What lies within a box or a lasso, held against a plain loop over points and edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path as Polygon

from app.maps.selection import outline
from app.maps.selection.outline import in_box, in_lasso


def plain(x, y, corners) -> list[bool]:
    """The even-odd rule as it is written everywhere, one point and one edge after the other."""
    found = []
    for px, py in zip(x.tolist(), y.tolist(), strict=True):
        inside = False
        for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if (ay > py) != (by > py) and px < (bx - ax) * (py - ay) / (by - ay) + ax:
                inside = not inside
        found.append(inside)
    return found


def scribble(seed: int, corners: int) -> np.ndarray:
    """A line that crosses itself again and again, within the square from -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, (corners, 2))


def ring(corners: int) -> np.ndarray:
    """A wobbling ring as a hand draws it."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 0.6 + 0.2 * np.sin(5 * turn)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


@pytest.mark.parametrize("corners", [ring(3), ring(60), scribble(1, 5), scribble(2, 40)], ids=str)
@pytest.mark.parametrize("few", [10_000, 0], ids=["each point", "by cells"])
def test_a_lasso_has_the_points_that_a_plain_loop_finds(corners, few, monkeypatch):
    monkeypatch.setattr(outline, "_FEW", few)
    x, y = np.random.default_rng(0).uniform(-1.2, 1.2, (2, 3000)).astype(np.float32)
    found = in_lasso(x, y, corners)
    assert found.tolist() == plain(x, y, corners)
    assert 0 < found.sum() < len(x)


@given(seed=st.integers(0, 10**6), corners=st.integers(3, 30), wide=st.sampled_from([1e-6, 1.0, 1e6]))
@settings(max_examples=40)
def test_any_scribble_of_any_size_is_cut_alike_with_the_grid_and_without(seed, corners, wide):
    line = scribble(seed, corners) * [wide, 1.0] + [3 * wide, 0.0]
    x = (np.random.default_rng(seed + 1).uniform(-1, 1, 400) * wide + 3 * wide).astype(np.float32)
    y = np.random.default_rng(seed + 2).uniform(-1, 1, 400).astype(np.float32)
    with_grid = _lasso_with_grid(x, y, line)
    assert with_grid.tolist() == in_lasso(x, y, line).tolist() == plain(x.astype(float), y.astype(float), line)


def _lasso_with_grid(x, y, line) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outline, "_FEW", 0)
        patch.setattr(outline, "_AT_ONCE", 150)
        return in_lasso(x, y, line)


def test_points_at_the_heights_of_corners_are_counted_once():
    diamond = np.array([[0, -2], [2, 0], [0, 2], [-2, 0]], float)
    x, y = np.array([-3, -1, 0, 1, 3, 0, 0], np.float32), np.array([0, 0, 0, 0, 0, -3, 3], np.float32)
    assert in_lasso(x, y, diamond).tolist() == [False, True, True, True, False, False, False]


def test_what_is_gone_round_twice_is_outside_as_matplotlib_has_it():
    twice = np.concatenate([ring(50), 0.5 * ring(50)])
    x, y = np.random.default_rng(3).uniform(-1, 1, (2, 50_000)).astype(np.float32)
    found = in_lasso(x, y, twice)
    assert not found[np.hypot(x, y) < 0.15].any()
    assert (found == Polygon(twice).contains_points(np.stack([x, y], axis=1))).mean() > 0.9999  # edges aside


def test_nothing_is_inside_a_line_of_two_corners_or_without_a_height():
    x, y = np.zeros(30_000, np.float32), np.linspace(-1, 1, 30_000, dtype=np.float32)
    assert not in_lasso(x, y, np.zeros((0, 2))).any()
    assert not in_lasso(x, y, np.array([[-1.0, 0], [1, 0]])).any()
    assert not in_lasso(x, y, np.array([[-1.0, 0], [1, 0], [0, 0]])).any()
    assert not in_lasso(x, y, np.array([[0.0, -1], [0, 1], [0, 0.5]])).any()


def test_points_without_a_place_are_in_no_lasso_and_no_box():
    x, y = np.array([np.nan, 0, np.inf, 0], np.float32), np.array([0, np.nan, 0, 0], np.float32)
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    assert in_lasso(x, y, square).tolist() == in_box(x, y, square[0], square[2]).tolist() == [False] * 3 + [True]


def test_a_box_is_the_same_from_any_of_its_corners_and_has_its_edges():
    x, y = np.array([0, 1, 1, 2], np.float32), np.array([0, 1, 3, 2], np.float32)
    for first, second in (((0, 0), (1, 3)), ((1, 3), (0, 0)), ((0, 3), (1, 0)), ((1, 0), (0, 3))):
        assert in_box(x, y, np.array(first, float), np.array(second, float)).tolist() == [True, True, True, False]
