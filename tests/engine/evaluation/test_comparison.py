"""Comparison tables against what the cache holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.comparison import objective_table
from engine.storage.cache_writer import write_cache
from engine.storage.latent_cache import LatentCache, VariantInfo
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


def test_the_objective_of_a_beta_vae_is_what_it_was_trained_for(tmp_path: Path) -> None:
    mu = np.random.default_rng(1).normal(size=(3, 2)).astype(np.float32)
    nll = np.float32([10.0, 20.0, 30.0])
    with write_cache(
        tmp_path / "beta.h5", run="r", corpus_fingerprint="c", latent=2, sentences=["a", "b", "c"], words=[1, 1, 1]
    ) as writer:
        info = VariantInfo("vae-beta4", "VAE β=4", "#888888", 0.0, "f", kl_schedule={"kind": "none", "end": 4.0})
        writer.add_variant(info, mu=mu, logvar=np.zeros_like(mu), nll=nll, kl=0.5 * (mu**2).sum(axis=1))
    with LatentCache.open(tmp_path / "beta.h5") as cache:
        table = objective_table(cache)
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    kl = 0.5 * (mu.astype(np.float64) ** 2).sum(axis=1).mean()
    assert cells["Objective"] == pytest.approx(-20.0 - 4 * kl, abs=1e-3)
    assert cells["ELBO"] == pytest.approx(-20.0 - kl, abs=1e-3)
    assert cells["KL share %"] == pytest.approx(100 * 4 * kl / (20.0 + 4 * kl), abs=1e-2)
