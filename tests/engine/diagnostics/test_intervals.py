"""The bootstrap against the normal interval of a mean, and its pairing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.diagnostics.intervals import Bootstrap


def test_the_interval_of_a_mean_is_about_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 4000)
    found = Bootstrap(4000, seed=1, draws=4000).mean(values, "mean")
    half = 1.96 * values.std() / np.sqrt(4000)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)
    assert (found.n, found.how) == (4000, "mean")


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    covered = 0
    for trial in range(300):
        found = Bootstrap(200, seed=trial, draws=400).mean(random.exponential(1.0, 200), "")
        covered += found.low <= 1.0 <= found.high
    assert 0.90 <= covered / 300 <= 0.98


def test_all_columns_and_calls_share_the_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a difference between two variants is a paired one."""
    bootstrap = Bootstrap(50, seed=3)
    columns = np.random.default_rng(0).normal(size=(50, 2))
    together = bootstrap.means(columns)
    np.testing.assert_allclose(bootstrap.means(columns[:, 1:])[:, 0], together[:, 1])
    difference = bootstrap.means((columns[:, 0] - columns[:, 1])[:, None])[:, 0]
    np.testing.assert_allclose(difference, together[:, 0] - together[:, 1], atol=1e-12)
    # Nor does it matter how many are held at a time.
    monkeypatch.setattr("engine.diagnostics.intervals._BLOCK", 7 * 50)
    np.testing.assert_allclose(Bootstrap(50, seed=3).means(columns), together)


def test_every_resample_has_n_sentences() -> None:
    np.testing.assert_allclose(Bootstrap(37).means(np.ones((37, 1))), 1.0)
