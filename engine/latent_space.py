"""Pure functions of z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError

_PARALLEL = 1e-6
"""Angles below this, in radians, are interpolated along the line: the sphere's formula would divide by nearly 0."""


def interpolation(
    a: NDArray[np.float32], b: NDArray[np.float32], steps: int = 10, slerp: bool = False
) -> NDArray[np.float32]:
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
    if not 1 <= steps <= 1000:
        raise UsageError(f"An interpolation of {steps} steps cannot be made.", "Choose 1 to 1000 steps.")
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
