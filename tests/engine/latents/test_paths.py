"""Points of the latent space: interpolations and their ends, the sphere, traversals and arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import UsageError
from engine.latents.paths import along, analogy, interpolation, path, traversal

vectors = arrays(np.float32, 5, elements=st.floats(-8, 8, width=32))


@given(vectors, vectors, st.integers(1, 30), st.booleans())
def test_the_ends_are_exact_and_everything_is_finite(a: np.ndarray, b: np.ndarray, steps: int, slerp: bool) -> None:
    way = interpolation(a, b, steps, slerp)
    assert way.shape == (steps + 1, 5)
    assert way.dtype == np.float32
    assert np.array_equal(way[0], a)
    assert np.array_equal(way[-1], b)
    assert np.isfinite(way).all()


@given(vectors, vectors)
def test_the_lines_steps_are_even(a: np.ndarray, b: np.ndarray) -> None:
    steps = np.diff(interpolation(a, b, 10).astype(np.float64), axis=0)
    assert np.allclose(steps, (b.astype(np.float64) - a) / 10, atol=1e-5)


def test_the_sphere_keeps_the_length_and_turns_evenly() -> None:
    a, b = np.array([3.0, 0, 0], np.float32), np.array([0, 3.0, 0], np.float32)
    way = interpolation(a, b, 10, slerp=True)
    assert np.allclose(np.linalg.norm(way, axis=1), 3.0, atol=1e-5)
    angles = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    assert np.allclose(angles, np.arange(0, 91, 9), atol=1e-3)


def test_opposite_and_zero_vectors_fall_back_to_the_line() -> None:
    a = np.array([1.0, 2.0], np.float32)
    for b in (-a, np.zeros(2, np.float32), a):
        assert np.allclose(interpolation(a, b, 4, slerp=True), interpolation(a, b, 4), atol=1e-5)


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_impossible_numbers_of_steps_are_refused(steps: int) -> None:
    with pytest.raises(UsageError):
        interpolation(np.zeros(2, np.float32), np.ones(2, np.float32), steps)


@given(arrays(np.float32, (4, 3), elements=st.floats(-8, 8, width=32)), st.integers(1, 12), st.booleans())
def test_a_path_is_its_pieces(points: np.ndarray, steps: int, slerp: bool) -> None:
    whole = path(points, steps, slerp)
    assert whole.shape == (3 * steps + 1, 3)
    assert np.array_equal(whole[::steps], points)
    for i in range(3):
        piece = interpolation(points[i], points[i + 1], steps, slerp)
        assert np.array_equal(whole[i * steps : (i + 1) * steps + 1], piece)


def test_a_path_of_one_point_is_refused() -> None:
    with pytest.raises(UsageError, match="two points"):
        path(np.zeros((1, 3), np.float32), 4)


@given(vectors, st.integers(0, 4), st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=6))
def test_traversing_a_dimension_sets_it_and_nothing_else(z: np.ndarray, d: int, values: list[float]) -> None:
    rows = traversal(z, np.eye(5)[d], values)
    expected = np.repeat(z[None], len(values), axis=0)
    expected[:, d] = values
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_traversing_sets_the_position_along_any_direction_and_keeps_the_rest() -> None:
    random = np.random.default_rng(0)
    z, origin, direction = (random.normal(size=6) for _ in range(3))
    rows = traversal(z.astype(np.float32), direction, [-2.0, 0.0, 1.5], origin)
    unit = direction / np.linalg.norm(direction)
    np.testing.assert_allclose((rows - origin) @ unit, [-2.0, 0.0, 1.5], atol=1e-6)
    across = np.eye(6) - np.outer(unit, unit)
    np.testing.assert_allclose(rows @ across, np.repeat((z @ across)[None], 3, axis=0), atol=1e-6)


@given(vectors, vectors, vectors)
def test_arithmetic_is_that_of_vectors(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    np.testing.assert_allclose(analogy(a, b, c), a.astype(np.float64) - b + c, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(analogy(a, b, b), a, atol=1e-6)
    np.testing.assert_array_equal(along(a, b, 0.0), a)
    np.testing.assert_allclose(along(a, b, -1.5), a - 1.5 * b.astype(np.float64), rtol=1e-6, atol=1e-6)


def test_what_is_not_finite_is_refused_in_words() -> None:
    good, bad = np.ones(3, np.float32), np.array([1.0, np.nan, 0.0], np.float32)
    for call in (
        lambda: traversal(bad, good, [1.0]),
        lambda: traversal(good, bad, [1.0]),
        lambda: traversal(good, good, [np.inf]),
        lambda: along(good, good, float("nan")),
        lambda: analogy(good, bad, good),
    ):
        with pytest.raises(UsageError, match="not finite"):
            call()
    with pytest.raises(UsageError, match="no length"):
        traversal(good, np.zeros(3), [1.0])


@pytest.mark.filterwarnings("error")
def test_what_overflows_single_precision_is_refused_without_a_warning() -> None:
    good, far = np.ones(3, np.float32), np.full(3, 3e38, np.float32)
    for call in (
        lambda: traversal(good, np.array([1.0, 0.0, 0.0]), [1e39]),
        lambda: along(good, good, 1e200),
        lambda: analogy(far, -far, far),
    ):
        with pytest.raises(UsageError, match="too far out"):
            call()
