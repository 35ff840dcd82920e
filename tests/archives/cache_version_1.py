"""What `cache-version-1.h5` and `cache-version-2.h5` hold, made by the writers of these versions; later readers must
read both.
"""

from pathlib import Path

import numpy as np

ARCHIVES = tuple(Path(__file__).with_name(f"cache-version-{version}.h5") for version in (1, 2))
SENTENCES = ("The cat sat on the mat.", "Où est l’été?", "I don't know, do you?")
WORDS = (7, 5, 8)
LATENT = 4


def expected(position: int) -> dict[str, np.ndarray]:
    """The arrays of the variant at a position: simple fractions, exact in float32."""
    mu = (np.arange(12).reshape(3, 4) - 6) / 4 * (position + 1)
    return {
        "mu": mu,
        "logvar": -mu / 2,
        "nll": np.array([20.5, 18.25, 30.0]) + position,
        "kl": np.array([0.5, 1.5, 2.5]) * (position + 1),
        "map": mu[:, :2] * 2,
    }
