"""Neighbours, axes and turning: the parts maps are made of, against direct computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.maps.alignment import principal_axes, turned_onto
from engine.maps.neighbours import interpolated, nearest, nearest_plain, neighbours_within


def by_loop(points: np.ndarray, reference: np.ndarray, k: int) -> np.ndarray:
    """(m, k) distances to the nearest, sorted, in float64."""
    return np.array([np.sort(np.linalg.norm(reference - point, axis=1))[:k] for point in points.astype(np.float64)])


@pytest.mark.parametrize("search", [nearest, nearest_plain])
def test_neighbours_are_those_of_a_loop_in_double_precision(search) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(0)
    reference = (random.normal(size=(400, 5)) + 3).astype(np.float32)
    points = (random.normal(size=(30, 5)) + 3).astype(np.float32)
    indices, distances = search(points, reference, 7)
    expected = by_loop(points, reference, 7)
    np.testing.assert_allclose(distances, expected, rtol=1e-4)
    found = np.linalg.norm(reference[indices].astype(np.float64) - points[:, None], axis=2)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_every_point_is_its_own_first_neighbour_even_among_copies() -> None:
    random = np.random.default_rng(0)
    points = np.concatenate([np.zeros((40, 3)), random.normal(size=(60, 3)), np.ones((5, 3))]).astype(np.float32)
    indices, distances = neighbours_within(points, 8)
    assert indices.shape == distances.shape == (105, 8)
    np.testing.assert_array_equal(indices[:, 0], np.arange(105))
    assert not distances[:, 0].any()
    assert all(len(set(row)) == 8 for row in indices.tolist())
    np.testing.assert_allclose(distances, by_loop(points, points, 8), atol=1e-4)


def test_as_many_neighbours_as_points_are_all_of_them() -> None:
    points = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    indices, _ = neighbours_within(points, 6)
    assert all(sorted(row) == list(range(6)) for row in indices.tolist())


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0, 1e6))
def test_an_interpolated_place_lies_within_its_neighbours(seed: int, k: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    coordinates = random.normal(size=(9, 2)).astype(np.float32)
    indices = random.integers(0, 9, size=(4, k))
    distances = (random.uniform(size=(4, k)) * scale).astype(np.float32)
    places = interpolated(coordinates, indices, distances)
    around = coordinates[indices]
    assert (places >= around.min(axis=1) - 1e-5).all()
    assert (places <= around.max(axis=1) + 1e-5).all()


def test_weights_are_inverse_squared_distances() -> None:
    coordinates = np.array([[0, 0], [1, 0]], np.float32)
    places = interpolated(coordinates, np.array([[0, 1]]), np.array([[1, 3]], np.float32))
    np.testing.assert_allclose(places, [[0.1, 0]], atol=1e-6)  # weights 1 and 1/9
    exact = interpolated(coordinates, np.array([[1, 0]]), np.array([[0, 1]], np.float32))
    np.testing.assert_allclose(exact, [[1, 0]], atol=1e-6)


def test_principal_axes_of_blocks_are_those_of_the_singular_value_decomposition() -> None:
    points = (np.random.default_rng(0).normal(size=(300, 6)) * [0.1, 5, 1, 2, 0.5, 0] + 1000).astype(np.float32)
    axes = principal_axes(lambda: iter([points[:7], points[7:200], points[200:]]))
    centred = points - points.mean(axis=0, dtype=np.float64)
    directions = np.linalg.svd(centred)[2][:2].T
    np.testing.assert_allclose(axes.mean, points.mean(axis=0, dtype=np.float64), rtol=1e-9)
    np.testing.assert_allclose(np.abs(axes.directions.T @ directions), np.eye(2), atol=1e-6)
    assert (axes.directions[np.abs(axes.directions).argmax(axis=0), [0, 1]] > 0).all()


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 2 * np.pi), st.booleans(), st.floats(-9, 9))
def test_turning_undoes_any_rotation_mirroring_and_shift(angle: float, mirror: bool, shift: float) -> None:
    target = np.random.default_rng(0).normal(size=(30, 2)) * [3, 1]
    target -= target.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag(
        [1, -1 if mirror else 1]
    )
    np.testing.assert_allclose(turned_onto(target @ turn + shift, target + 5), target, atol=1e-4)


def test_turning_points_that_all_agree_gives_zeros() -> None:
    assert not turned_onto(np.full((5, 2), 3.0), np.random.default_rng(0).normal(size=(5, 2))).any()
    assert np.isfinite(turned_onto(np.arange(10.0).reshape(5, 2), np.zeros((5, 2)))).all()
