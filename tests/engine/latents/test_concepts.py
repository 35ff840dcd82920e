"""Concept directions: intervals against scipy, the AUC against leaving pairs out one by one, and the verdicts."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LoomError, UsageError
from engine.latents.concepts import MOST_SEPARATED, concept, pairs_in_order, random_directions

LATENT = 6


def normal(n: int, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    """(n, LATENT) draws around `shift` on the first axis."""
    points = np.random.default_rng(seed).normal(size=(n, LATENT))
    points[:, 0] += shift
    return points.astype(np.float32)


POOL = normal(500, seed=99)


def test_the_direction_is_the_difference_of_the_means() -> None:
    first, second = normal(7, 2.0, 1), normal(5, 0.0, 2)
    found = concept(first, second, POOL)
    expected = first.astype(np.float64).mean(axis=0) - second.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(found.direction, expected, rtol=1e-6)
    assert found.length.value == pytest.approx(np.linalg.norm(expected))
    assert concept(second, first, POOL).direction == pytest.approx(-found.direction)


def test_intervals_are_those_of_scipys_bootstrap() -> None:
    first, second = (each.astype(np.float64) for each in (normal(30, 1.0, 1), normal(20, 0.0, 2)))
    direction = first.mean(axis=0) - second.mean(axis=0)
    right = pairs_in_order(first, second)

    def difference(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return first[i].mean(axis=0) - second[j].mean(axis=0)

    def cosine(i: np.ndarray, j: np.ndarray) -> float:
        drawn = difference(i, j)
        return float(drawn @ direction / np.linalg.norm(drawn) / np.linalg.norm(direction))

    found = concept(first.astype(np.float32), second.astype(np.float32), POOL, resamples=4000)
    for statistic, estimate in (
        (lambda i, j: float(np.linalg.norm(difference(i, j))), found.length),
        (cosine, found.stability),
        (lambda i, j: float(right[np.ix_(i, j)].mean()), found.separation),
    ):
        reference = scipy.stats.bootstrap(
            (np.arange(30), np.arange(20)),
            lambda i, j, statistic=statistic: statistic(i.astype(int), j.astype(int)),
            method="percentile",
            vectorized=False,
            n_resamples=4000,
            rng=np.random.default_rng(5),
        )
        # Both ends are quantiles of 4,000 random numbers: off by a few hundredths of the spread.
        tolerance = 0.25 * reference.standard_error
        assert estimate.low == pytest.approx(reference.confidence_interval.low, abs=tolerance)
        assert estimate.high == pytest.approx(reference.confidence_interval.high, abs=tolerance)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 7), st.integers(2, 7), st.floats(-3, 3))
def test_pairs_are_in_order_as_when_each_is_left_out(seed: int, n: int, m: int, shift: float) -> None:
    first, second = normal(n, shift, seed).astype(np.float64), normal(m, 0.0, seed + 1).astype(np.float64)
    found = pairs_in_order(first, second)
    for i in range(n):
        for j in range(m):
            rest = np.delete(first, i, axis=0).mean(axis=0) - np.delete(second, j, axis=0).mean(axis=0)
            assert found[i, j] == float((first[i] - second[j]) @ rest > 0)


def test_equal_sentences_are_in_no_order() -> None:
    same = np.ones((4, 3))
    assert (pairs_in_order(same, same[:3]) == 0.5).all()
    far = same * 1e4
    assert (pairs_in_order(far, far) == 0.5).all()


def test_lengths_of_random_pairs_have_the_known_distribution() -> None:
    """From a large normal pool, the squared length times nm / (n + m) is chi-squared with `latent` degrees."""
    pool = np.random.default_rng(3).normal(size=(60_000, LATENT)).astype(np.float32)
    n, m = 8, 4
    lengths, _ = random_directions(pool, n, m, 2000, np.random.default_rng(1))
    scaled = np.square(lengths) * n * m / (n + m)
    assert scipy.stats.kstest(scaled, scipy.stats.chi2(LATENT).cdf).pvalue > 0.001
    # Disjoint groups of a pool of just their size are all of it: half of two points always differ by their distance.
    two = np.array([[0.0], [3.0]], np.float32)
    assert random_directions(two, 1, 1, 20, np.random.default_rng(0))[0].tolist() == [3.0] * 20


def test_a_real_difference_stands_out_and_chance_does_not() -> None:
    clear = concept(normal(15, 4.0, 1), normal(15, 0.0, 2), POOL)
    assert clear.verdict == "stands out"
    assert "clearly" in clear.words
    assert clear.baseline.p == pytest.approx(1 / 1001)
    assert clear.length.low > clear.baseline.high
    assert clear.stability.low > 0.8

    verdicts = [concept(normal(8, 0.0, seed), normal(8, 0.0, seed + 500), POOL, 200).verdict for seed in range(40)]
    assert verdicts.count("stands out") <= 4  # 5% of chance directions are this long, and fewer also separate
    assert verdicts.count("chance") >= 30


def test_without_a_difference_p_is_even() -> None:
    """Two random groups are a random pair: p is uniform, so one in five is at most 0.2."""
    small = [concept(POOL[i : i + 6], POOL[i + 6 : i + 12], POOL, 100).baseline.p <= 0.2 for i in range(0, 480, 12)]
    assert scipy.stats.binomtest(sum(small), len(small), 0.2).pvalue > 0.001


@pytest.mark.parametrize(("n", "m"), [(2, 2), (3, 3), (5, 5), (2, 40)])
def test_random_groups_are_rarely_called_told_apart(n: int, m: int) -> None:
    """Of few sentences all pairs are easily in order by chance, and every resample of them is."""
    found = [concept(normal(n, 0.0, seed), normal(m, 0.0, seed + 500), POOL, 200, seed) for seed in range(100)]
    told = sum(each.separation_baseline.p <= 0.05 for each in found)
    assert scipy.stats.binomtest(told, len(found), 0.05, alternative="greater").pvalue > 0.01
    bootstrapped = [float(each.separation.value) for each in found if each.separation.value == 1.0]
    assert (n, m) not in {(2, 2), (3, 3)} or len(bootstrapped) > 5


def test_where_all_pairs_are_in_order_the_interval_is_wilsons_of_the_smaller_group() -> None:
    found = concept(normal(4, 9.0, 1), normal(6, 0.0, 2), POOL, 200).separation
    wilson = scipy.stats.binomtest(4, 4).proportion_ci(0.95, method="wilson")
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(wilson.low, abs=1e-6), 1.0)
    assert "Wilson" in found.how


def test_aucs_of_random_groups_are_those_of_such_groups_and_of_a_part_of_large_ones() -> None:
    _, small = random_directions(POOL, 4, 7, 300, np.random.default_rng(1))
    random = np.random.default_rng(2)
    drawn = [POOL[random.choice(len(POOL), 11, replace=False)].astype(np.float64) for _ in range(300)]
    ours = [pairs_in_order(each[:4], each[4:]).mean() for each in drawn]
    assert scipy.stats.ks_2samp(small, ours).pvalue > 0.001
    _, large = random_directions(POOL, 200, 250, 20, np.random.default_rng(1))
    assert set(np.round(large * MOST_SEPARATED**2 * 2) % 1) == {0.0}


def test_many_sentences_that_are_told_apart_a_little_are_told_apart() -> None:
    found = concept(normal(250, 0.3, 1), normal(250, 0.0, 2), normal(600, 0.0, 3), 200)
    assert found.verdict == "stands out"
    assert "somewhat" in found.words


def test_a_collapsed_model_has_no_direction() -> None:
    still = np.zeros((20, LATENT), np.float32)
    found = concept(still[:5], still[5:9], still)
    assert found.verdict == "chance"
    assert "no direction" in found.words
    assert found.separation.value == 0.5
    assert found.baseline.p == 1.0


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second = normal(6, 1.0, 1), normal(5, 0.0, 2)
    one, again, other = (concept(first, second, POOL, 200, seed) for seed in (3, 3, 4))
    assert (one.length, one.stability, one.separation, one.baseline) == (
        again.length,
        again.stability,
        again.separation,
        again.baseline,
    )
    assert one.length.low != other.length.low
    assert (
        one.how == "mean of 6 sentences with - mean of 5 without, 200 resamples and random pairs of groups among "
        "500 test sentences, seed 3"
    )


def test_bad_groups_are_refused_in_words() -> None:
    some = normal(5)
    for first, second in ((some[:0], some), (some, some[:1])):
        with pytest.raises(UsageError, match="needs two or more"):
            concept(first, second, POOL)
    with pytest.raises(LoomError, match="not finite"):
        concept(some * np.nan, some, POOL)
    with pytest.raises(UsageError, match="cannot be drawn from 9"):
        concept(some, some, POOL[:9])
    with pytest.raises(UsageError, match="too few for an interval"):
        concept(some, some, POOL, 10)
    with pytest.raises(UsageError, match="10,001 resamples are too many"):
        concept(some, some, POOL, 10_001)
