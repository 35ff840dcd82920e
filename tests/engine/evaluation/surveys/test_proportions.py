"""Shares and tests against formulas written out, and examples of the literature."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.surveys.proportions import binomial_p, fisher_p, holm, share

NEWCOMBES = (
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
)
"""Count, n and the 95% score interval: Newcombe 1998, Statistics in Medicine 17:857, table I, method 3."""


def plain_binomial(count: int, n: int) -> float:
    """The sum over all outcomes no likelier than the one seen, in whole numbers."""
    seen = math.comb(n, count)
    return float(Fraction(sum(ways for k in range(n + 1) if (ways := math.comb(n, k)) <= seen), 2**n))


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_binomial_test_is_the_exact_sum(counts: tuple[int, int]) -> None:
    assert binomial_p(*counts) == pytest.approx(plain_binomial(*counts), rel=1e-9)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_solves_its_equation_and_stays_inside(counts: tuple[int, int]) -> None:
    """The ends are where |share - p| = 1.96 sqrt(p (1 - p) / n)."""
    found = share(*counts)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert (found.value - end) ** 2 == pytest.approx(1.959963985**2 * end * (1 - end) / found.n, rel=1e-6)


def test_known_examples() -> None:
    for count, n, low, high in NEWCOMBES:
        found = share(count, n)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    # Fisher's lady and her tea: three of four told right on each side.
    assert fisher_p(share(3, 4), share(1, 4)) == pytest.approx(34 / 70)
    # The paper's first survey, 66% of 120: "greater than 99% confidence".
    p = binomial_p(79, 120)
    assert p is not None
    assert p < 0.01


def test_holm_is_the_step_down_of_its_paper() -> None:
    assert holm([0.01, 0.04, None, 0.03]) == [pytest.approx(0.03), pytest.approx(0.06), None, pytest.approx(0.06)]
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_nothing_is_faked_without_answers() -> None:
    assert share(0, 0).value is None
    assert share(0, 0).low is None
    assert binomial_p(0, 0) is None
    assert fisher_p(share(0, 0), share(1, 2)) is None
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)
