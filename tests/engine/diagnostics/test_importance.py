"""The importance-weighted bound against log p(x) by quadrature, and its order in K."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal

from engine.diagnostics.importance import bound, log_mean_exp, log_weights, nested_sizes
from engine.models.unrolled import UnrolledDecoder
from tests.engine.diagnostics.quadrature import exact_elbo, log_evidence, small_model, small_store, tensors

logs = st.floats(-800, 50, allow_nan=False)


@pytest.mark.parametrize("latent", [1, 2])
def test_many_samples_meet_log_p_of_the_quadrature(latent: int) -> None:
    model, store = small_model(latent), small_store()
    for index in range(len(store)):
        words, lengths = tensors(store, index)
        exact = log_evidence(model, words, lengths)
        weights = _weights(model, words, lengths, 20_000, latent)[0]
        relative = torch.exp(weights - exact)  # mean 1 if the estimate is right
        error = float(relative.std()) / math.sqrt(len(relative))
        assert error < 0.05
        assert float(relative.mean()) == pytest.approx(1.0, abs=4 * error)
        assert float(log_mean_exp(weights)) == pytest.approx(exact, abs=5 * error)


@pytest.mark.parametrize("latent", [1, 2])
def test_one_sample_is_the_elbo_and_more_come_closer_to_log_p(latent: int) -> None:
    model, store = small_model(latent), small_store()
    for index in range(len(store)):
        words, lengths = tensors(store, index)
        reconstruction, kl = exact_elbo(model, words, lengths)
        exact = log_evidence(model, words, lengths)
        assert reconstruction - kl <= exact + 1e-4
        weights = _weights(model, words, lengths, 10_000, latent)
        ladder = [float(bound(weights, size)[0]) for size in (1, 10, 100)]
        error = float(weights.std()) / 100
        assert ladder[0] == pytest.approx(reconstruction - kl, abs=4 * error + 1e-4)
        assert ladder == sorted(ladder)
        assert ladder[-1] <= exact + 4 * error + 1e-4


def test_weights_equal_the_densities_of_torch_distributions() -> None:
    model, store = small_model(2), small_store()
    words, lengths = (torch.from_numpy(each) for each in store.batch([0, 1, 2]))
    noise = torch.randn(3, 7, 2)
    with torch.no_grad():
        mu, logvar = model.encode(words, lengths)
        found = log_weights(model, words, lengths, mu, logvar, noise)
        for row in range(3):
            posterior = Normal(mu[row].double(), torch.exp(0.5 * logvar[row].double()))
            for sample in range(7):
                z = posterior.mean + posterior.stddev * noise[row, sample]
                nll = model.likelihood(words[row : row + 1], lengths[row : row + 1], z[None].float()).nll
                expected = -float(nll) + float((Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)).sum())
                assert float(found[row, sample]) == pytest.approx(expected, abs=1e-4)


def test_samples_are_decoded_in_parts_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    model, store = small_model(1), small_store()
    words, lengths = (torch.from_numpy(each) for each in store.batch([3, 4]))
    noise = torch.randn(2, 9, 1)
    mu, logvar = model.encode(words, lengths)
    whole = log_weights(model, words, lengths, mu, logvar, noise)
    monkeypatch.setattr("engine.diagnostics.importance.ROWS", 4)
    parts = log_weights(model, words, lengths, mu, logvar, noise)
    # The likelihoods are of single precision, and products of other sizes round differently on other processors.
    torch.testing.assert_close(parts, whole, rtol=1e-6, atol=1e-4)


@torch.no_grad()
def test_an_unrolled_decoder_gives_the_weights_of_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model, store = small_model(2), small_store()
    words, lengths = (torch.from_numpy(each) for each in store.batch([3, 0, 4]))
    noise = torch.randn(3, 9, 2)
    mu, logvar = model.encode(words, lengths)
    expected = log_weights(model, words, lengths, mu, logvar, noise)
    for rows in (2048, 6):
        monkeypatch.setattr("engine.diagnostics.importance.ROWS", rows)
        found = log_weights(UnrolledDecoder(model), words, lengths, mu, logvar, noise)
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-4)


@given(st.lists(logs, min_size=1, max_size=20))
def test_log_mean_exp_equals_a_sum_that_is_shifted_by_hand(values: list[float]) -> None:
    highest = max(values)
    expected = highest + math.log(math.fsum(math.exp(value - highest) for value in values) / len(values))
    assert float(log_mean_exp(torch.tensor(values, dtype=torch.float64))) == pytest.approx(expected, abs=1e-9)


@given(st.lists(logs, min_size=2, max_size=7))
def test_leaving_samples_out_never_raises_the_bound(values: list[float]) -> None:
    """For any weights: the mean over all subsets of k of their log-mean does not fall as k grows (Jensen)."""
    means = []
    for size in range(1, len(values) + 1):
        subsets = torch.tensor(list(combinations(values, size)), dtype=torch.float64)
        means.append(float(log_mean_exp(subsets).mean()))
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(means))


@given(st.lists(st.lists(logs, min_size=12, max_size=12), min_size=1, max_size=4))
def test_the_ladder_of_nested_groups_rises_sentence_by_sentence(rows: list[list[float]]) -> None:
    weights = torch.tensor(rows, dtype=torch.float64)
    ladder = torch.stack([bound(weights, size) for size in (1, 2, 4, 12)])
    assert bool((ladder.diff(dim=0) >= -1e-9).all())
    torch.testing.assert_close(ladder[0], weights.mean(dim=1))
    torch.testing.assert_close(ladder[-1], log_mean_exp(weights))


def test_groups_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not divide"):
        bound(torch.zeros(2, 10), 3)


@given(st.integers(1, 1000))
def test_sizes_are_nested_from_one_to_all(samples: int) -> None:
    sizes = nested_sizes(samples)
    assert (sizes[0], sizes[-1]) == (1, samples)
    assert all(larger % smaller == 0 and larger > smaller for smaller, larger in pairwise(sizes))


def test_a_hundred_samples_have_the_ladder_of_powers_of_ten() -> None:
    assert nested_sizes(100) == (1, 10, 100)
    assert nested_sizes(500) == (1, 5, 50, 500)


def _weights(model, words, lengths, samples, latent):  # type: ignore[no-untyped-def]
    mu, logvar = model.encode(words, lengths)
    noise = torch.randn(1, samples, latent, generator=torch.Generator().manual_seed(0))
    return log_weights(model, words, lengths, mu, logvar, noise)
