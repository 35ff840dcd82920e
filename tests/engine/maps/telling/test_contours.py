"""Contours of density: they hold the share that they say, by counting the points within them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.maps.telling import contours
from engine.maps.telling.contours import LEAST, SHARES, WIDTHS, Contour, density_contours


def inside(points: np.ndarray, lines: tuple[np.ndarray, ...]) -> np.ndarray:
    """Which points (n, 2) lie within closed lines: a ray to the right crosses them an odd number of times."""
    crossings = np.zeros(len(points), np.int64)
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line):
            between = (points[:, 1] >= min(y0, y1)) & (points[:, 1] < max(y0, y1))
            if between.any():
                at = x0 + (points[between, 1] - y0) * (x1 - x0) / (y1 - y0)
                crossings[between] += points[between, 0] < at
    return crossings % 2 == 1


def clouds(n: int = 4000) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    ring = random.random(n) * 2 * np.pi
    return {
        "gaussian": random.normal(size=(n, 2)),
        "uniform": random.random((n, 2)) * (4.0, 1.0),
        "heavy tails": random.standard_t(2, size=(n, 2)),
        "ring": np.stack([np.cos(ring), np.sin(ring)], axis=1) * 5 + random.normal(size=(n, 2)) * 0.4,
        "islands": np.concatenate([random.normal(size=(n // 4, 2)) * (0.2 + at) + 9 * at for at in range(4)]),
    }


@pytest.mark.parametrize("cloud", clouds())
def test_as_many_points_lie_within_as_is_said_at_every_width(cloud):
    points = clouds()[cloud].astype(np.float32)
    depths = list(density_contours(points))
    assert len(depths) == len(WIDTHS)
    for made in depths:
        assert [each.share for each in made] == list(SHARES)
        for contour in made:
            assert inside(points, contour.lines).mean() == pytest.approx(contour.share, abs=0.01)


def test_the_share_holds_where_its_level_is_found_by_some_of_the_points(monkeypatch):
    points = clouds(20_000)["islands"]
    monkeypatch.setattr(contours, "_LOOKED_AT", 4000)
    for contour in next(density_contours(points)):
        assert inside(points, contour.lines).mean() == pytest.approx(contour.share, abs=0.02)


def test_of_a_gaussian_they_are_the_circles_that_are_known():
    """The densest area of probability p of a standard normal in two dimensions is a disc of radius sqrt(-2 ln(1-p))."""
    points = np.random.default_rng(3).normal(size=(200_000, 2))
    for contour in next(density_contours(points)):
        largest = max(contour.lines, key=len)
        radius = np.hypot(*largest.T)
        assert radius == pytest.approx(np.sqrt(-2 * np.log(1 - contour.share)), rel=0.08)


def test_lines_are_closed_and_lie_within_each_other():
    points = clouds()["islands"]
    for made in density_contours(points):
        assert all((line[0] == line[-1]).all() for contour in made for line in contour.lines)
        within = [inside(points, contour.lines) for contour in made]
        assert not (within[0] & ~within[1]).any()
        assert not (within[1] & ~within[2]).any()


def test_place_and_size_of_the_map_mean_nothing():
    points = clouds()["islands"]
    for one, other in zip(density_contours(points), density_contours(points * 0.01 + 30), strict=True):
        for mine, its in zip(one, other, strict=True):
            assert len(mine.lines) == len(its.lines)
            assert inside(points, mine.lines).mean() == pytest.approx(
                inside(points * 0.01 + 30, its.lines).mean(), abs=2e-3
            )


def test_closer_by_they_are_finer():
    depths = list(density_contours(clouds()["uniform"]))
    assert len(depths[0][0].lines) < len(depths[-1][0].lines)


def test_points_without_a_place_are_in_none_and_count_for_no_share():
    points = clouds()["gaussian"]
    holed = np.concatenate([points, np.full((3000, 2), np.nan)])[np.random.default_rng(0).permutation(7000)]
    for contour in next(density_contours(holed)):
        assert inside(points, contour.lines).mean() == pytest.approx(contour.share, abs=0.01)


def test_few_points_or_one_place_have_no_contours():
    assert list(density_contours(np.random.default_rng(0).random((LEAST - 1, 2)))) == []
    assert list(density_contours(np.ones((500, 2)))) == []
    assert list(density_contours(np.zeros((0, 2)))) == []


def test_where_half_of_the_points_coincide_there_is_no_line_that_holds_half():
    points = np.concatenate([np.zeros((600, 2)), np.random.default_rng(0).normal(size=(400, 2))])
    made = next(density_contours(points))
    assert all(isinstance(each, Contour) for each in made)
    for contour in made:
        held = inside(points, contour.lines).mean()
        assert held == pytest.approx(contour.share, abs=0.01) or (contour.share <= 0.6 and not held)
