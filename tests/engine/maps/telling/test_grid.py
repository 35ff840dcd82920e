"""Points counted in square cells."""

from __future__ import annotations

import numpy as np

from engine.maps.telling import grid as grids
from engine.maps.telling.grid import CELLS, grid_over


def test_counts_are_those_of_a_histogram_however_many_are_counted_at_a_time(monkeypatch):
    points = np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)
    grid = grid_over(points, least=80)
    assert grid is not None
    edges = [start + np.arange(cells + 1) * grid.side for start, cells in ((grid.x, grid.columns), (grid.y, grid.rows))]
    expected = np.histogram2d(points[:, 1], points[:, 0], bins=edges[::-1])[0]
    monkeypatch.setattr(grids, "_AT_ONCE", 700)
    assert np.abs(grid.counts(points) - expected).sum() <= 4  # a point on the line between two cells, by rounding
    assert max(grid.columns, grid.rows) in (CELLS, CELLS + 1, CELLS + 2)


def test_few_points_and_points_without_an_extent_have_no_cells():
    assert grid_over(np.zeros((500, 2), np.float32), least=80) is None
    assert grid_over(np.random.default_rng(0).random((79, 2)), least=80) is None
    some = np.random.default_rng(0).random((100, 2))
    some[30:] = np.nan
    assert grid_over(some, least=80) is None


def test_a_stray_point_does_not_stretch_the_cells_over_all():
    points = np.random.default_rng(1).random((5000, 2))
    points[0] = 1e6, -1e6
    grid = grid_over(points, least=80)
    assert grid is not None
    assert grid.side * CELLS < 2
    assert grid.counts(points).sum() == 4999
