"""Mean and covariance of more points than fit into memory, and their principal axes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Moments:
    """Of n points: their mean (d,) and covariance (d, d), divided by n, float64."""

    n: int
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def principal_axes(self, top: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The directions in which the points vary most.

        Returns:
            (k, d) orthogonal unit vectors, k = min(top, d), whose largest part is positive, so that the same points
            always give the same signs; and (k,) the variance along each, largest first.
        """
        variances, vectors = np.linalg.eigh(self.covariance)
        axes = vectors[:, ::-1][:, :top].T
        signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
        return axes * signs[:, None], np.maximum(variances[::-1][:top], 0.0)


def moments(blocks: Iterable[NDArray[np.float32]]) -> Moments:
    """From one walk through the points, (b, d) at a time, at least one point in all; summed in float64."""
    n = 0
    for block in blocks:
        if not n:
            # Sums of squares far from the origin would round small differences away, so all is counted from one point.
            origin = block[0].astype(np.float64)
            total, products = np.zeros(len(origin)), np.zeros((len(origin), len(origin)))
        shifted = block - origin
        total += shifted.sum(axis=0)
        products += shifted.T @ shifted
        n += len(block)
    mean = total / n
    return Moments(n, origin + mean, products / n - np.outer(mean, mean))
