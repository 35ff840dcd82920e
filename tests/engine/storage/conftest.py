"""A cache that may be damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.storage.caches import arrays, make_cache


@pytest.fixture
def small(tmp_path: Path) -> Path:
    within = {"vae": {"pca": (np.zeros((20, 2)), {"method": "pca"})}}
    return make_cache(tmp_path / "small.h5", {"vae": arrays(20, 4)}, within)
