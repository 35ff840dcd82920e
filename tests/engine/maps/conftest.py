"""A cache with maps, made once for the tests of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import ProjectionConfig
from tests.engine.maps.spaces import LATENT, N, cache_of, clusters, run


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rotated twin, a constant and a nearly constant variant beside a plain one, mapped by UMAP."""
    mu = clusters()
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(LATENT, LATENT)))[0].astype(np.float32)
    noise = np.random.default_rng(6).normal(size=mu.shape)
    path = cache_of(
        tmp_path_factory.mktemp("maps") / "maps.h5",
        plain=mu,
        twin=mu @ turn,
        constant=np.full_like(mu, 0.3),
        nearly=(0.3 + 1e-4 * noise).astype(np.float32),
        repeated=np.repeat(mu[:4], N // 4, axis=0),
    )
    run(path, ProjectionConfig(neighbours=10, name="umap"))
    return path
