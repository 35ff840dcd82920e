"""What the numbers of each latent dimension come to over many sentences, counted block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def kl_terms(mu: Floats, logvar: Floats) -> NDArray[np.float64]:
    """KL(N(mu, exp(logvar)) || N(0, 1)) of every number, in nats, float64, the shape of `mu`.

    Kingma and Welling 2014, appendix B.
    """
    spread = logvar.astype(np.float64)
    return 0.5 * (np.square(mu, dtype=np.float64) + np.exp(spread) - 1.0 - spread)


class DimensionSums:
    """What the numbers of each dimension come to, counted block by block."""

    def __init__(self, latent: int) -> None:
        self._n = 0
        self._total, self._squares, self._kl = (np.zeros(latent) for _ in range(3))
        self._origin: NDArray[np.float64] | None = None

    def add(self, mu: Floats, logvar: Floats) -> None:
        """Count (b, latent) more."""
        if not len(mu):
            return
        # Sums of squares far from zero would round small variances away, so all is counted from one point.
        self._origin = mu[0].astype(np.float64) if self._origin is None else self._origin
        shifted = mu - self._origin
        self._total += shifted.sum(axis=0)
        self._squares += np.square(shifted).sum(axis=0)
        self._kl += kl_terms(mu, logvar).sum(axis=0)
        self._n += len(mu)

    @property
    def variance(self) -> NDArray[np.float64]:
        """(latent,) variance of mu; 0 of nothing."""
        n = max(self._n, 1)
        return np.maximum(self._squares / n - np.square(self._total / n), 0.0)

    @property
    def kl(self) -> NDArray[np.float64]:
        """(latent,) KL(q(z_d|x) || N(0, 1)) in nats, mean over what was counted."""
        return self._kl / max(self._n, 1)
