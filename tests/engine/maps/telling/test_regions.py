"""Regions of a map: found where they were planted, and none where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from engine.maps.telling.regions import LEAST, WIDTHS, find_regions

CENTRES = ((0.0, 0.0), (12.0, 0.0), (0.0, 12.0), (13.0, 11.0))
CLOUDS = {
    "uniform": lambda random, n: random.random((n, 2)),
    "gaussian": lambda random, n: random.normal(size=(n, 2)),
    "long": lambda random, n: random.normal(size=(n, 2)) * (6.0, 1.0),
    "heavy tails": lambda random, n: random.standard_t(3, size=(n, 2)),
}


def planted(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points of four clouds, those of the later ones fewer, and the cloud of each."""
    random = np.random.default_rng(seed)
    sizes = [n - 40 * at for at in range(len(CENTRES))]
    points = [random.normal(size=(size, 2)) + centre for size, centre in zip(sizes, CENTRES, strict=True)]
    return np.concatenate(points).astype(np.float32), np.repeat(np.arange(len(CENTRES)), sizes)


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("n", [30, 200, 2000, 20_000])
def test_no_structure_is_made_up_in_one_cloud(cloud, n):
    for seed in range(3):
        found = find_regions(CLOUDS[cloud](np.random.default_rng(seed), n))
        assert found.regions == ()
        assert (found.of_point == -1).all()


def test_planted_clouds_are_found_with_their_sentences_the_larger_first():
    points, cloud = planted()
    found = find_regions(points)
    assert [region.depth for region in found.regions[:4]] == [0] * 4
    for at, region in enumerate(found.regions[:4]):
        assert np.hypot(region.x - CENTRES[at][0], region.y - CENTRES[at][1]) < 1.0
        inside = found.of_point[0] == at
        assert inside.sum() == region.count
        assert (cloud[inside] == at).all()
        assert region.count > 0.95 * (cloud == at).sum()
    assert len(found.regions) == 4  # none of them is parted


def test_size_place_and_order_of_the_points_mean_nothing():
    points, _ = planted()
    first = find_regions(points)
    assert find_regions(points).regions == first.regions
    order = np.random.default_rng(5).permutation(len(points))
    turned = find_regions(points[order] * 0.01 + 7)
    assert [region.count for region in turned.regions] == [region.count for region in first.regions]
    assert (turned.of_point[0] == first.of_point[0][order]).all()


def test_parts_of_a_region_are_seen_closer_by_and_lie_within_it():
    random = np.random.default_rng(2)
    pair = [random.normal(size=(2500, 2)) * 0.35 + (x, 0.0) for x in (0.0, 3.0)]
    points = np.concatenate([*pair, random.normal(40.0, size=(5000, 2))])
    found = find_regions(points)
    tops = [at for at, region in enumerate(found.regions) if region.depth == 0]
    assert len(tops) == 2
    parts = [at for at, region in enumerate(found.regions) if region.parent in tops]
    assert len(parts) == 2
    depth = found.regions[parts[0]].depth
    assert depth > 0
    for part, side in zip(sorted(parts, key=lambda at: found.regions[at].x), (0.0, 3.0), strict=True):
        inside = found.of_point[depth] == part
        assert (found.of_point[0][inside] == found.regions[part].parent).all()
        assert abs(points[inside, 0].mean() - side) < 0.2
    assert len(found.of_point) == len(WIDTHS)


def test_points_without_a_place_are_in_none_and_one_point_for_all_is_no_region():
    points, _ = planted()
    points[::7] = np.nan
    found = find_regions(points)
    assert len(found.regions) == 4
    assert (found.of_point[:, ::7] == -1).all()
    for coords in (np.ones((500, 2)), np.zeros((0, 2)), np.full((90, 2), np.nan), np.zeros((LEAST, 2))):
        assert find_regions(coords).regions == ()


def test_a_stray_far_away_does_not_blur_the_map():
    points, _ = planted()
    strayed = np.concatenate([points, [[1e6, 1e6]]])
    assert len(find_regions(strayed).regions) == 4
