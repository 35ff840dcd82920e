"""Directions of the latent space, against scikit-learn's PCA, torch's KL and numpy's own statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from engine.errors import LoomError, UsageError
from engine.latents import directions
from engine.latents.directions import chosen_direction, dimension, informative, moved, principal, sliders, statistics
from engine.latents.moments import moments
from engine.storage import latent_cache
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LatentCache:
    """57 sentences of 6 dimensions, read in blocks of 10."""
    whole = latent_cache.blocks
    monkeypatch.setattr(directions, "blocks", lambda n: whole(n, 10))
    values = arrays(57, 6, 3)
    values["mu"] = (values["mu"] * np.array([0.1, 2.0, 1.0, 0.5, 3.0, 0.01]) + 4.0).astype(np.float32)
    return LatentCache.open(make_cache(tmp_path / "some.h5", {"vae": values}))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 60), st.integers(1, 7), st.floats(-1e3, 1e3))
def test_moments_in_blocks_are_those_of_the_whole(seed: int, n: int, width: int, offset: float) -> None:
    points = (np.random.default_rng(seed).normal(size=(n, width)) + offset).astype(np.float32)
    found = moments(points[i : i + 7] for i in range(0, n, 7))
    assert found.n == n
    exact = points.astype(np.float64)
    np.testing.assert_allclose(found.mean, exact.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(exact.T, bias=True).reshape(width, width), atol=1e-10)


def test_principal_directions_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    mu = (random.normal(size=(300, 5)) @ random.normal(size=(5, 5)) + 2).astype(np.float32)
    found = principal(moments([mu]), 4)
    reference = PCA(4, svd_solver="full").fit(mu.astype(np.float64))
    np.testing.assert_allclose(np.abs((found.vectors * reference.components_).sum(axis=1)), 1.0, atol=1e-9)
    np.testing.assert_allclose(found.explained, reference.explained_variance_ratio_, rtol=1e-9)
    np.testing.assert_allclose(found.spread, np.std((mu - found.mean) @ found.vectors.T, axis=0), rtol=1e-9)
    assert all(vector[np.abs(vector).argmax()] > 0 for vector in found.vectors)


def test_latents_that_do_not_vary_explain_nothing_and_break_nothing() -> None:
    found = principal(moments([np.ones((9, 3), np.float32)]), 2)
    assert not found.explained.any()
    assert not found.spread.any()
    assert np.isfinite(found.vectors).all()


def test_statistics_of_a_cache_are_the_kl_of_torch_and_the_moments_of_mu(cache: LatentCache) -> None:
    found = statistics(cache, "vae")
    mu, logvar = (torch.from_numpy(each("vae")).double() for each in (cache.mu, cache.logvar))
    posterior = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    kl = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(torch.zeros(6), torch.ones(6)))
    np.testing.assert_allclose(found.kl_per_dimension, kl.mean(dim=0).numpy(), rtol=1e-9)
    np.testing.assert_allclose(found.moments.covariance, np.cov(mu.numpy().T, bias=True), rtol=1e-9, atol=1e-12)


def test_sliders_come_with_most_kl_first_and_with_sensible_ends(cache: LatentCache) -> None:
    found = statistics(cache, "vae")
    shown = sliders(found, 3)
    order = np.argsort(-found.kl_per_dimension)
    assert [each.name for each in shown] == [f"dimension {d}" for d in order[:3]]
    for each, d in zip(shown, order, strict=False):
        assert each.vector[d] == 1
        assert each.weight == pytest.approx(found.kl_per_dimension[d])
        assert each.spread == pytest.approx(cache.mu("vae")[:, d].std(), rel=1e-5)
        assert each.reach >= 3.0
    assert sliders(found, 1, "principal")[0].reach == pytest.approx(
        3 * np.sqrt(np.linalg.eigvalsh(np.cov(cache.mu("vae").T.astype(np.float64), bias=True))[-1])
    )
    assert len(sliders(found, 99)) == len(sliders(found, 99, "principal")) == 6


def test_a_direction_is_chosen_by_its_number_or_its_rank(cache: LatentCache) -> None:
    found = statistics(cache, "vae")
    assert chosen_direction(found, "dimension", 5).name == "dimension 5"
    assert chosen_direction(found, "informative", 2).name == sliders(found, 2)[1].name
    assert chosen_direction(found, "principal", 6).name == "principal direction 6"
    for kind, number in (("dimension", 6), ("dimension", -1), ("informative", 0), ("principal", 7)):
        with pytest.raises(UsageError, match="There is no"):
            chosen_direction(found, kind, number)  # type: ignore[arg-type]


def test_ties_of_kl_keep_their_order() -> None:
    assert informative(np.array([0.5, 2.0, 0.5, 2.0]), 3).tolist() == [1, 3, 0]


def test_a_dimension_is_a_unit_vector_or_refused() -> None:
    np.testing.assert_array_equal(dimension(3, 1), [0, 1, 0])
    with pytest.raises(UsageError, match="counted from 0 to 2"):
        dimension(3, 3)


def test_moving_several_sliders_puts_z_at_all_their_positions(cache: LatentCache) -> None:
    axes = sliders(statistics(cache, "vae"), 3, "principal")
    z = np.random.default_rng(0).normal(size=6).astype(np.float32)
    target = [1.0, -2.0, 0.25]
    there = moved(z, list(zip(axes, target, strict=True)))
    np.testing.assert_allclose([each.position(there) for each in axes], target, atol=1e-5)
    np.testing.assert_array_equal(moved(z, []), z)


def test_a_cache_without_sentences_is_told(tmp_path: Path) -> None:
    with LatentCache.open(make_cache(tmp_path / "none.h5", {"vae": arrays(0, 4)})) as cache:
        with pytest.raises(LoomError, match="no sentences"):
            statistics(cache, "vae")
        with pytest.raises(LoomError, match="no variant 'nope'"):
            statistics(cache, "nope")
