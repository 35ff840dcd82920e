"""KL, active units and mutual information against quadrature, torch.distributions and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal, kl_divergence

from engine.corpus.store import Corpus
from engine.diagnostics.posterior import (
    active_units,
    information,
    kl_per_dimension,
    log_aggregate_posterior,
    mutual_information,
    posteriors,
)
from engine.models.trained import load_model
from engine.runs.run import Run

GRID = torch.linspace(-20, 20, 8001, dtype=torch.float64)
"""Points of a sum that stands for an integral over a one-dimensional z; fine beside every sigma used here."""

spread = st.floats(-4, 4, allow_nan=False)
log_variance = st.floats(-4, 1, allow_nan=False)
sentences = st.lists(st.tuples(spread, log_variance), min_size=1, max_size=6)


def information_by_quadrature(mu: Tensor, logvar: Tensor) -> float:
    """I(x; z) of N equally likely one-dimensional posteriors, (N,) each, summed over the grid."""
    density = Normal(mu[:, None], (0.5 * logvar).exp()[:, None]).log_prob(GRID)  # (N, grid)
    mixture = torch.logsumexp(density, dim=0) - math.log(len(mu))
    step = float(GRID[1] - GRID[0])
    return float((density.exp() * (density - mixture)).sum(dim=1).mean() * step)


def estimate(mu: Tensor, logvar: Tensor, copies: int) -> tuple[float, float]:
    """The estimate for N one-dimensional posteriors (N,) and its standard error.

    The same sentences so many times over have the same mixture, and give the mean over as many draws of z.
    """
    many_mu, many_logvar = mu.repeat(copies)[:, None], logvar.repeat(copies)[:, None]
    z = many_mu + torch.exp(0.5 * many_logvar) * torch.randn_like(many_mu)
    terms = information(many_mu, many_logvar, z).terms
    # The draws are independent; the sentences are not drawn, so only the spread within a sentence counts.
    within = terms.view(copies, len(mu)).var(dim=0).mean()
    return mutual_information(many_mu, many_logvar, z), math.sqrt(float(within) / len(terms))


def columns(rows: list[tuple[float, float]]) -> tuple[Tensor, Tensor]:
    mu, logvar = torch.tensor(rows, dtype=torch.float64).T
    return mu, logvar


def test_kl_per_dimension_equals_that_of_torch_distributions() -> None:
    mu, logvar = torch.randn(50, 5), torch.randn(50, 5)
    expected = kl_divergence(Normal(mu.double(), (0.5 * logvar.double()).exp()), Normal(0.0, 1.0)).mean(0)
    found = kl_per_dimension(mu, logvar)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, expected)


@given(sentences)
def test_kl_is_never_negative(rows: list[tuple[float, float]]) -> None:
    mu, logvar = columns(rows)
    assert float(kl_per_dimension(mu[:, None], logvar[:, None]).min()) >= -1e-12


def test_active_units_count_the_means_that_vary_and_the_threshold_moves() -> None:
    steps = torch.linspace(-1, 1, 101)
    # Variances of an even spread over [-a, a]: about a^2 / 3. The second is constant though far from 0.
    mu = torch.stack([0.5 * steps, torch.full_like(steps, 3.0), 0.1 * steps, 2.0 * steps], dim=1)
    assert [active_units(mu, threshold) for threshold in (1e-4, 0.01, 0.2, 5.0)] == [3, 2, 1, 0]
    assert active_units(mu) == 2


def test_the_aggregate_posterior_equals_the_mixture_of_torch_distributions() -> None:
    mu, logvar, z = torch.randn(300, 3).double() + 40.0, torch.randn(300, 3).double(), torch.randn(77, 3).double() + 40
    mixture = MixtureSameFamily(
        Categorical(logits=torch.zeros(300)), Independent(Normal(mu, (0.5 * logvar).exp()), 1), validate_args=False
    )
    for chunk in (1, 50, 1000):
        torch.testing.assert_close(log_aggregate_posterior(z, mu, logvar, chunk), mixture.log_prob(z))


def test_narrow_posteriors_far_from_the_origin_lose_no_precision() -> None:
    mu = torch.randn(40, 8, dtype=torch.float64) * 3 + 10
    logvar = torch.full_like(mu, -9.0)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    density = Normal(mu, (0.5 * logvar).exp()).log_prob(z[:, None, :]).sum(-1)  # (z, sentence)
    expected = torch.logsumexp(density, 1) - math.log(40)
    torch.testing.assert_close(log_aggregate_posterior(z, mu, logvar), expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 3.0])
def test_mutual_information_equals_quadrature_within_its_error(scale: float) -> None:
    mu = scale * torch.randn(12, dtype=torch.float64)
    logvar = 0.5 * torch.randn(12, dtype=torch.float64) - 1.0
    found, error = estimate(mu, logvar, copies=250)
    assert found == pytest.approx(information_by_quadrature(mu, logvar), abs=4 * error + 1e-9)
    # The error is small enough for the comparison to mean something.
    assert error < 0.02


@settings(max_examples=25, deadline=None)
@given(sentences)
def test_information_is_between_zero_and_the_smaller_of_the_mean_kl_and_ln_n(rows: list[tuple[float, float]]) -> None:
    """E[KL] = I + KL(q(z) || p(z)); the estimate keeps to the bounds within the error of its draws."""
    mu, logvar = columns(rows)
    exact = information_by_quadrature(mu, logvar)
    kl = float(kl_per_dimension(mu[:, None], logvar[:, None])[0])
    assert -1e-6 <= exact <= min(kl, math.log(len(rows))) + 1e-6
    # Each sentence's z at even quantiles of its posterior: an integral rather than draws, the same every time.
    quantiles = Normal(0.0, 1.0).icdf((torch.arange(400, dtype=torch.float64) + 0.5) / 400)
    many_mu, many_logvar = mu.repeat(400)[:, None], logvar.repeat(400)[:, None]
    z = many_mu + torch.exp(0.5 * many_logvar) * quantiles.repeat_interleave(len(rows))[:, None]
    found = mutual_information(many_mu, many_logvar, z)
    assert found <= kl + 0.02
    assert found == pytest.approx(exact, abs=0.02)


@given(sentences, st.integers(0, 1000))
def test_no_single_term_exceeds_ln_n(rows: list[tuple[float, float]], seed: int) -> None:
    mu, logvar = columns(rows)
    noise = torch.randn(len(rows), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    terms = information(mu[:, None], logvar[:, None], _draw(mu, logvar, noise)).terms
    assert float(terms.max()) <= math.log(len(rows)) + 1e-9


def test_a_collapsed_posterior_gives_exactly_zero_and_far_apart_ones_exactly_ln_n() -> None:
    same = torch.zeros(64, 3)
    assert mutual_information(same, same, torch.randn(64, 3)) == pytest.approx(0.0, abs=1e-12)
    apart = 30.0 * torch.arange(64.0)[:, None].expand(64, 3)
    z = apart + torch.randn(64, 3)
    assert mutual_information(apart, same, z) == pytest.approx(math.log(64), abs=1e-9)


def test_posteriors_are_those_of_one_sentence_at_a_time_in_the_order_asked_for(
    tiny_run: Run, tiny_corpus: Corpus
) -> None:
    model = load_model(tiny_run, "autogen-m1", torch.device("cpu"))
    store = tiny_corpus.test
    chosen = np.arange(len(store))[::-1][:40]
    with torch.no_grad():
        each = [model.encode(*(torch.from_numpy(part) for part in store.batch([index]))) for index in chosen]
    mu, logvar = (torch.cat(parts) for parts in zip(*each, strict=True))
    torch.testing.assert_close(posteriors(model, store, chosen), (mu, logvar))


def _draw(mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    return (mu + torch.exp(0.5 * logvar) * noise)[:, None]
