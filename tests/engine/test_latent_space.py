"""Interpolation: end points, even steps, and the sphere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import UsageError
from engine.latent_space import interpolation

vectors = arrays(np.float32, 5, elements=st.floats(-8, 8, width=32))


@given(vectors, vectors, st.integers(1, 30), st.booleans())
def test_the_ends_are_exact_and_everything_is_finite(a: np.ndarray, b: np.ndarray, steps: int, slerp: bool) -> None:
    path = interpolation(a, b, steps, slerp)
    assert path.shape == (steps + 1, 5)
    assert path.dtype == np.float32
    assert np.array_equal(path[0], a)
    assert np.array_equal(path[-1], b)
    assert np.isfinite(path).all()


@given(vectors, vectors)
def test_the_lines_steps_are_even(a: np.ndarray, b: np.ndarray) -> None:
    steps = np.diff(interpolation(a, b, 10).astype(np.float64), axis=0)
    assert np.allclose(steps, (b.astype(np.float64) - a) / 10, atol=1e-5)


def test_the_sphere_keeps_the_length_and_turns_evenly() -> None:
    a, b = np.array([3.0, 0, 0], np.float32), np.array([0, 3.0, 0], np.float32)
    path = interpolation(a, b, 10, slerp=True)
    assert np.allclose(np.linalg.norm(path, axis=1), 3.0, atol=1e-5)
    angles = np.degrees(np.arctan2(path[:, 1], path[:, 0]))
    assert np.allclose(angles, np.arange(0, 91, 9), atol=1e-3)


def test_opposite_and_zero_vectors_fall_back_to_the_line() -> None:
    a = np.array([1.0, 2.0], np.float32)
    for b in (-a, np.zeros(2, np.float32), a):
        assert np.allclose(interpolation(a, b, 4, slerp=True), interpolation(a, b, 4), atol=1e-5)


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_impossible_numbers_of_steps_are_refused(steps: int) -> None:
    with pytest.raises(UsageError):
        interpolation(np.zeros(2, np.float32), np.ones(2, np.float32), steps)
