"""Nearest test sentences, against brute force in double precision and torch's KL between Gaussians."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LoomError, UsageError
from engine.latents import neighbours
from engine.latents.neighbours import DISTANCES, Distance, kl_to_others, nearest
from engine.storage import latent_cache
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache

N, LATENT = 83, 5


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> LatentCache:
    values = arrays(N, LATENT, 3)
    values["mu"][40:44] = values["mu"][2]  # equally near ones, in several blocks
    values["logvar"][40:44] = values["logvar"][2]
    values["mu"][7] = 0.0
    return LatentCache.open(make_cache(tmp_path_factory.mktemp("near") / "near.h5", {"vae": values}))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = latent_cache.blocks
    monkeypatch.setattr(neighbours, "blocks", lambda n: whole(n, 10))


def by_torch(cache: LatentCache, z: np.ndarray, distance: str, logvar: np.ndarray | None) -> np.ndarray:
    """(n,) distances in float64, by other means."""
    mu, spread, point = (
        torch.from_numpy(np.asarray(each)).double() for each in (cache.mu("vae"), cache.logvar("vae"), z)
    )
    if distance == "euclidean":
        return torch.cdist(point[None], mu, compute_mode="donot_use_mm_for_euclid_dist")[0].numpy()
    if distance == "cosine":
        return 1 - torch.cosine_similarity(point[None], mu, eps=1e-30).numpy()
    posteriors = torch.distributions.Independent(torch.distributions.Normal(mu, torch.exp(spread / 2)), 1)
    if logvar is None:
        return -posteriors.log_prob(point).numpy()
    own = torch.distributions.Normal(point, torch.exp(torch.from_numpy(logvar).double() / 2))
    own = torch.distributions.Independent(own, 1)
    return torch.distributions.kl_divergence(own.expand((N,)), posteriors).numpy()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**31),
    st.integers(1, N),
    st.sampled_from([*((name, False) for name in DISTANCES), ("posterior-kl", True)]),
)
def test_the_nearest_are_those_of_brute_force(
    cache: LatentCache, seed: int, k: int, measure: tuple[Distance, bool]
) -> None:
    random = np.random.default_rng(seed)
    z = random.normal(size=LATENT).astype(np.float32)
    logvar = random.normal(size=LATENT).astype(np.float32) if measure[1] else None
    found = nearest(cache, "vae", z, k, measure[0], logvar)
    every = by_torch(cache, z, measure[0], logvar)
    np.testing.assert_allclose(found.distances, np.sort(every)[:k], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(every[found.indices], found.distances, rtol=1e-9, atol=1e-12)
    assert len(set(found.indices.tolist())) == k


def test_equally_near_sentences_come_in_their_order(cache: LatentCache) -> None:
    for distance in DISTANCES:
        found = nearest(cache, "vae", cache.mu("vae")[2], 3, distance, cache.logvar("vae")[2])
        assert found.indices.tolist() == [2, 40, 41]
        np.testing.assert_allclose(found.distances, 0.0, atol=1e-12)


def test_the_density_is_the_limit_of_the_kl(cache: LatentCache) -> None:
    """Minus the entropy of an ever narrower q(z|x), the KL becomes -log q(z|x_i)."""
    z, narrow = np.full(LATENT, 0.3, np.float32), np.full(LATENT, -20.0, np.float32)
    entropy = 0.5 * LATENT * (1 + np.log(2 * np.pi) - 20.0)
    kl = nearest(cache, "vae", z, N, "posterior-kl", narrow)
    density = nearest(cache, "vae", z, N, "posterior-kl")
    np.testing.assert_allclose(kl.distances + entropy, density.distances, atol=1e-6)
    assert (kl.definition, density.definition) == ("KL(q(z|x) || q(z|x_i)), nats", "-log q(z|x_i), nats")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.1, 20))
def test_kl_is_never_negative_and_zero_only_for_itself(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    mu, logvar = ((random.normal(size=(9, 3)) * scale).astype(np.float32) for _ in range(2))
    kl = kl_to_others(mu[4].astype(np.float64), logvar[4].astype(np.float64), mu, logvar)
    assert kl[4] == pytest.approx(0, abs=1e-12)
    assert (np.delete(kl, 4) > 0).all()


def test_bad_questions_are_refused_in_words(cache: LatentCache) -> None:
    z = np.ones(LATENT, np.float32)
    for k in (0, N + 1):
        with pytest.raises(UsageError, match="among 83 test sentences"):
            nearest(cache, "vae", z, k)
    with pytest.raises(LoomError, match="not a finite"):
        nearest(cache, "vae", z * np.nan, 1)
    with pytest.raises(LoomError, match="logvar is not a finite"):
        nearest(cache, "vae", z, 1, "posterior-kl", z * np.inf)
    with pytest.raises(LoomError, match=r"have \(5,\)"):
        nearest(cache, "vae", np.ones(4, np.float32), 1)
    with pytest.raises(UsageError, match="points nowhere"):
        nearest(cache, "vae", z * 0, 1, "cosine")
    with pytest.raises(UsageError, match="Distances are euclidean, cosine"):
        nearest(cache, "vae", z, 1, "manhattan")  # type: ignore[arg-type]
    with pytest.raises(LoomError, match="no variant"):
        nearest(cache, "nope", z, 1)
