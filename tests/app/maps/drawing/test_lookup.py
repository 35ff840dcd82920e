"""The point that comes next in a direction, against every point looked at one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.maps.drawing.lookup import PointGrid, next_toward

WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


def distances_toward(
    points: np.ndarray, at: tuple[float, float], way: tuple[int, int], least: float
) -> dict[int, float]:
    """How far away every point is that lies within 45 degrees of a direction and farther than `least`."""
    found = {}
    for i, (x, y) in enumerate(points.astype(float)):
        across, up = x - at[0], y - at[1]
        along, beside = across * way[0] + up * way[1], across * way[1] + up * way[0]
        away = math.sqrt(across * across + up * up)
        if along >= abs(beside) and away > least:
            found[i] = away
    return found


def cloud(seed: int) -> np.ndarray:
    """Two heaps, one of them narrow, and a few points far out."""
    random = np.random.default_rng(seed)
    heaps = [random.standard_normal((400, 2)) * 0.02 + (3, 1), random.standard_normal((600, 2)), [(9, -4), (-7, 6)]]
    return np.concatenate(heaps).astype(np.float32)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("least", [0.0, 0.05, 2.0])
def test_a_step_goes_to_the_nearest_point_in_that_direction(way, least):
    points = cloud(1)
    grid = PointGrid(points[:, 0].copy(), points[:, 1].copy())
    for start in (*range(0, len(points), 61), len(points) - 2, len(points) - 1):
        at = (float(points[start, 0]), float(points[start, 1]))
        expected = distances_toward(points, at, way, least)
        found = grid.toward(*at, way, least)
        assert found == next_toward(points[:, 0], points[:, 1], at, way, least) or found in expected
        if expected:
            assert expected[found] == min(expected.values())
        else:
            assert found == -1


def test_only_points_that_may_be_found_are():
    points = cloud(2)
    grid, among = PointGrid(points[:, 0].copy(), points[:, 1].copy()), np.zeros(len(points), bool)
    among[[3, 700, 1001]] = True
    for start in (0, 500, 1000):
        at = (float(points[start, 0]), float(points[start, 1]))
        for way in WAYS:
            expected = {i: away for i, away in distances_toward(points, at, way, 0.0).items() if among[i]}
            assert grid.toward(*at, way, 0.0, among) == min(expected, key=expected.__getitem__, default=-1)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=12), st.integers(0, 11))
def test_the_four_directions_leave_no_other_place_out(places, start):
    """Of points at different places, there is a next one in some direction as long as there is any."""
    points = np.array(places, np.float32)
    start %= len(points)
    grid, at = PointGrid(points[:, 0].copy(), points[:, 1].copy()), (float(points[start, 0]), float(points[start, 1]))
    found = {grid.toward(*at, way, 0.0) for way in WAYS} - {-1}
    others = [tuple(place) for place in places if tuple(place) != tuple(places[start])]
    assert bool(found) == bool(others)
    assert all(tuple(places[i]) in others for i in found)


def test_points_without_a_place_are_no_step():
    points = np.array([[0, 0], [np.nan, 1], [np.inf, 0], [2, 0]], np.float32)
    grid = PointGrid(points[:, 0].copy(), points[:, 1].copy())
    assert grid.toward(0.0, 0.0, (1, 0), 0.0) == 3
    assert grid.toward(0.0, 0.0, (0, 1), 0.0) == -1


def test_points_within_a_radius_are_counted_as_one_by_one():
    random = np.random.default_rng(11)
    x, y = random.normal(size=(2, 3000)).astype(np.float32)
    x[5] = np.nan
    grid = PointGrid(x, y)
    for at in ((0.0, 0.0), (1.5, -0.3), (40.0, 2.0)):
        for radius in (0.05, 0.7, 9.0):
            expected = int((np.hypot(x.astype(np.float64) - at[0], y.astype(np.float64) - at[1]) <= radius).sum())
            assert abs(grid.count(*at, radius) - expected) <= 1  # a point on the rim, in single precision
    assert PointGrid(x[:0], y[:0]).count(0.0, 0.0, 1.0) == 0
