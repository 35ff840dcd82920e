"""The bounds against torch.distributions and against plain loops in float64."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from engine.config import FreeBits
from engine.models.objective import ElboTerms, gaussian_kl, loss, paid_kl, reparameterise, summary

finite = st.floats(-5, 5)


def test_kl_equals_that_of_torch_distributions() -> None:
    mu, logvar = torch.randn(7, 5, dtype=torch.float64), torch.randn(7, 5, dtype=torch.float64)
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian_kl(mu, logvar), expected)


@given(finite, finite)
def test_kl_is_never_negative_and_zero_only_at_the_prior(mu: float, logvar: float) -> None:
    kl = float(gaussian_kl(torch.tensor([[mu]], dtype=torch.float64), torch.tensor([[logvar]], dtype=torch.float64)))
    assert kl >= -1e-12
    assert (kl < 1e-9) == (abs(mu) < 1e-4 and abs(logvar) < 1e-4) or kl < 1e-6


@given(
    st.floats(-0.9, 8),
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(-90, -1), st.floats(0, 40)), min_size=1, max_size=6),
)
def test_objective_equals_a_float64_loop_over_equation_11(
    m: float, weight: float, rows: list[tuple[float, float]]
) -> None:
    total = 0.0
    for log_likelihood, kl in rows:
        total += (1.0 + m) * log_likelihood - weight * kl
    terms = ElboTerms(*(torch.tensor(column, dtype=torch.float64) for column in zip(*rows, strict=True)))
    assert math.isclose(float(terms.objective(m, weight).sum()), total, rel_tol=1e-12, abs_tol=1e-9)
    trained = loss(-terms.reconstruction.sum(), terms.kl.sum(), m, weight, len(rows))
    assert math.isclose(float(trained), -total / len(rows), rel_tol=1e-12, abs_tol=1e-9)


def test_m_zero_is_the_elbo_and_the_scale_of_beta_is_one_over_one_plus_m() -> None:
    terms = ElboTerms(torch.tensor([-30.0, -20.0]), torch.tensor([4.0, 1.0]))
    torch.testing.assert_close(terms.objective(0.0), terms.elbo)
    beta = 1 / (1 + 2.0)
    torch.testing.assert_close(terms.objective(2.0) / 3.0, terms.reconstruction - beta * terms.kl)


def test_summary_names_the_shares_of_figure_2() -> None:
    values = summary(-30.0, 6.0, m=1.0, kl_weight=0.5)
    assert values["elbo"] == -36.0
    assert values["objective"] == -66.0
    assert values["trained_objective"] == -63.0
    assert values["kl_share"] == pytest.approx(6 / 66)
    scheduled = summary(-30.0, 6.0, m=1.0, kl_weight=0.5, m_now=3.0)
    assert scheduled["trained_objective"] == -123.0
    assert scheduled["objective"] == -66.0
    assert values["elbo_kl_share"] == pytest.approx(6 / 36)


def test_the_objective_of_a_beta_vae_has_its_weight_of_the_kl() -> None:
    values = summary(-30.0, 6.0, m=0.0, kl_weight=0.1, beta=4.0)
    assert values["objective"] == -54.0
    assert values["kl_share"] == pytest.approx(24 / 54)
    assert (values["elbo"], values["elbo_kl_share"]) == (-36.0, pytest.approx(6 / 36))
    assert values["trained_objective"] == pytest.approx(-30.6)  # the weight of the step, on its way to the last one


def test_z_has_the_mean_and_the_variance_of_q() -> None:
    mu, logvar = torch.tensor([[1.5, -2.0]]), torch.tensor([[0.3, -1.0]])
    noise = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(0))
    z = reparameterise(mu, logvar, noise)
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.01, rtol=0)
    torch.testing.assert_close(z.var(0), logvar[0].exp(), atol=0.02, rtol=0)


@given(
    st.lists(st.lists(st.floats(0, 3), min_size=3, max_size=3), min_size=1, max_size=5),
    st.floats(0.01, 2),
)
def test_free_bits_equal_a_plain_loop(rows: list[list[float]], nats: float) -> None:
    kl = torch.tensor(rows, dtype=torch.float64)
    means = [sum(row[d] for row in rows) / len(rows) for d in range(3)]
    per_dimension = sum(max(nats, mean) for mean in means) * len(rows)
    assert float(paid_kl(kl, FreeBits(kind="dimension", nats=nats))) == pytest.approx(per_dimension)
    in_total = max(nats, sum(means)) * len(rows)
    assert float(paid_kl(kl, FreeBits(kind="total", nats=nats))) == pytest.approx(in_total)
    assert float(paid_kl(kl, FreeBits())) == pytest.approx(sum(means) * len(rows))


def test_free_bits_give_no_gradient_below_their_threshold_and_the_full_one_above() -> None:
    kl = torch.tensor([[0.1, 2.0], [0.3, 4.0]], requires_grad=True)
    paid_kl(kl, FreeBits(kind="dimension", nats=0.5)).backward()
    assert kl.grad is not None
    assert kl.grad.tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_shares_of_a_batch_pay_together_what_the_whole_batch_pays() -> None:
    kl = torch.rand(7, 4, dtype=torch.float64)
    free = FreeBits(kind="dimension", nats=0.5)
    mean = kl.mean(dim=0)
    shares = paid_kl(kl[::2], free, mean) + paid_kl(kl[1::2], free, mean)
    torch.testing.assert_close(shares, paid_kl(kl, free))
