"""Points on the way through a latent space: paths, traversals, steps and analogies, as pure functions of z."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError

Floats = NDArray[np.float32]
Vector = NDArray[Any]

_PARALLEL = 1e-6
"""Angles below this, in radians, are interpolated along the line: the sphere's formula would divide by nearly 0."""


def checked_steps(steps: int) -> int:
    """Return the steps from one point to another if so many can be made.

    Raises:
        UsageError: they cannot.
    """
    if not 1 <= steps <= 1000:
        raise UsageError(f"An interpolation of {steps} steps cannot be made.", "Choose 1 to 1000 steps.")
    return steps


def interpolation(a: Floats, b: Floats, steps: int = 10, slerp: bool = False) -> Floats:
    """`steps` even steps from a to b, both ends included exactly.

    Args:
        a, b: (latent,).
        steps: 10 in the paper, giving 11 points.
        slerp: along the great circle (Shoemake 1985) between the directions, the lengths interpolated evenly,
            instead of along the line.

    Returns:
        (steps + 1, latent) float32.

    Raises:
        UsageError: steps is not in 1 to 1000.
    """
    checked_steps(steps)
    share = np.linspace(0.0, 1.0, steps + 1)[:, None]
    first, last = a.astype(np.float64), b.astype(np.float64)
    points = (1.0 - share) * first + share * last
    if slerp:
        lengths = np.linalg.norm(first), np.linalg.norm(last)
        if min(lengths) > 0:
            directions = first / lengths[0], last / lengths[1]
            angle = float(np.arccos(np.clip(directions[0] @ directions[1], -1.0, 1.0)))
            if _PARALLEL < angle < np.pi - _PARALLEL:
                arc = (np.sin((1 - share) * angle) * directions[0] + np.sin(share * angle) * directions[1]) / np.sin(
                    angle
                )
                points = arc * ((1.0 - share) * lengths[0] + share * lengths[1])
    path = points.astype(np.float32)
    path[0], path[-1] = a, b
    return path


def path(points: Floats, steps: int = 10, slerp: bool = False) -> Floats:
    """The way through several points, `steps` even steps from each to the next, every given point met exactly.

    Args:
        points: (k, latent), k >= 2.
        steps: of each piece.
        slerp: as for `interpolation`.

    Returns:
        ((k - 1) * steps + 1, latent) float32; point i is row i * steps.

    Raises:
        UsageError: fewer than two points, or steps is not in 1 to 1000.
    """
    if len(points) < 2:
        raise UsageError(f"A path needs two points or more; there is {len(points)}.", "Give a start and an end.")
    pieces = [interpolation(a, b, steps, slerp) for a, b in pairwise(points)]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def traversal(z: Floats, direction: Vector, values: Sequence[float] | Vector, origin: Vector | None = None) -> Floats:
    """z with its position along a direction set to each of the values, and everything across it kept.

    z + (v - (z - origin) . u) u for the unit vector u of the direction; for a dimension d and no origin this sets z_d.

    Args:
        z: (latent,).
        direction: (latent,) of any length but 0.
        values: positions, in units of the latent space, where the prior's standard deviation is 1.
        origin: (latent,), where the position is 0; the prior's mean if None.

    Returns:
        (values, latent) float32.

    Raises:
        UsageError: the direction has no length, or something is not finite or beyond single precision.
    """
    vector, start = _finite(direction, "direction"), _finite(z, "z")
    length = float(np.linalg.norm(vector))
    if length == 0:
        raise UsageError("This direction has no length, so nothing lies along it.", "Choose another direction.")
    unit = vector / length
    positions = _finite(np.asarray(values, dtype=np.float64), "position")
    across = start - ((start if origin is None else start - origin) @ unit) * unit
    return in_single_precision(across + positions[:, None] * unit)


def along(z: Floats, direction: Vector, strength: float) -> Floats:
    """z + strength * direction, (latent,) float32: strength 1 moves by the direction's whole length.

    Raises:
        UsageError: something is not finite or beyond single precision.
    """
    step = _finite(np.asarray([strength]), "strength")[0] * _finite(direction, "direction")
    return in_single_precision(_finite(z, "z") + step)


def analogy(a: Floats, b: Floats, c: Floats) -> Floats:
    """a - b + c, (latent,) float32, as in Mikolov et al. 2013: what a has and b has not, given to c.

    Raises:
        UsageError: one of them, or what they give, is not finite in single precision.
    """
    return in_single_precision(_finite(a, "a") - _finite(b, "b") + _finite(c, "c"))


def _finite(values: Vector, what: str) -> NDArray[np.float64]:
    if not np.isfinite(values).all():
        raise UsageError(f"The {what} is not finite, so there is nowhere to go.", "Choose another point or number.")
    return values.astype(np.float64)


def in_single_precision(point: NDArray[np.float64]) -> Floats:
    """A point, or positions, as they are kept.

    Raises:
        UsageError: a number is beyond single precision.
    """
    with np.errstate(over="ignore"):
        single = point.astype(np.float32)
    if not np.isfinite(single).all():
        raise UsageError("This point lies too far out to be told in single precision.", "Choose smaller numbers.")
    return single
