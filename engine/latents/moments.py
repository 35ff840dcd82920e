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


class MomentSums:
    """Sums of a walk through points, (b, d) at a time, in float64."""

    def __init__(self) -> None:
        self._n = 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Some more points."""
        if not self._n:
            # Sums of squares far from the origin would round small differences away, so all is counted from one point.
            self._origin = block[0].astype(np.float64)
            width = len(self._origin)
            self._total, self._products = np.zeros(width), np.zeros((width, width))
        shifted = block - self._origin
        self._total += shifted.sum(axis=0)
        self._products += shifted.T @ shifted
        self._n += len(block)

    def moments(self) -> Moments:
        """Of all points so far, at least one."""
        mean = self._total / self._n
        return Moments(self._n, self._origin + mean, self._products / self._n - np.outer(mean, mean))


def moments(blocks: Iterable[NDArray[np.float32]]) -> Moments:
    """From one walk through the points, (b, d) at a time, at least one point in all; summed in float64."""
    sums = MomentSums()
    for block in blocks:
        sums.add(block)
    return sums.moments()
