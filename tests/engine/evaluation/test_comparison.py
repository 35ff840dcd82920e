"""Comparison tables against what the cache holds."""

from __future__ import annotations

import numpy as np

from engine.evaluation.comparison import objective_table
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace


def test_the_objective_table_counts_units_that_vary_and_units_that_carry_something(tiny_workspace: Workspace) -> None:
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        table = objective_table(cache)
        for name, row in zip(cache.variants, table.rows, strict=True):
            cells = dict(zip(table.columns, row, strict=True))
            mu, logvar = cache.mu(name).astype(np.float64), cache.logvar(name).astype(np.float64)
            kl = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).mean(axis=0)
            assert cells["Active units"] == (mu.var(axis=0) > 0.01).sum()
            assert cells["Carrying units"] == (kl > 0.1).sum()
    assert "a mean KL above 0.1 nats" in " ".join(table.notes)
