"""Intervals and paired differences against plain resampling."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.diagnostics.intervals import DRAWS
from engine.evaluation.measures.estimating import FEWEST, differences, numbers
from engine.evaluation.measures.result import Statistic
from engine.evaluation.measures.scores.scoring import among


def ratio(values: np.ndarray, weights: np.ndarray, items: np.ndarray | None = None) -> Statistic:
    rows = np.arange(len(values)) if items is None else items
    return Statistic(np.column_stack([values, weights]), lambda c: c[..., 0] / c[..., 1], rows, values / weights, "how")


def resamples(n: int, seed: int) -> list[np.ndarray]:
    """The rows of every resample, drawn as the bootstrap of the diagnosis draws them."""
    return list(np.random.default_rng([seed, n]).integers(n, size=(DRAWS, n)))


def test_an_interval_is_that_of_the_resampled_ratio() -> None:
    random = np.random.default_rng(1)
    values, weights = random.normal(5, 2, 60), random.uniform(1, 3, 60)
    found = numbers({"elbo": ratio(values, weights)}, seed=7)["elbo"]
    plain = [values[rows].sum() / weights[rows].sum() for rows in resamples(60, 7)]
    low, high = np.percentile(plain, [2.5, 97.5])
    assert (found.value, found.low, found.high) == pytest.approx((values.sum() / weights.sum(), low, high))
    assert (found.n, found.unit, found.seed, found.why) == (60, "nats", 7, "")


def test_a_difference_is_taken_within_each_resample() -> None:
    random = np.random.default_rng(2)
    common, weights = random.normal(0, 10, 80), np.ones(80)
    one, other = common + 0.3 + random.normal(0, 0.1, 80), common
    found = differences({"elbo": ratio(one, weights)}, {"elbo": ratio(other, weights)}, seed=0)["elbo"]
    plain = [one[rows].mean() - other[rows].mean() for rows in resamples(80, 0)]
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(plain, [2.5, 97.5])))
    assert found.better == 1  # though either number alone is within 2 of 0, give or take
    back = differences({"elbo": ratio(other, weights)}, {"elbo": ratio(one, weights)}, seed=0)["elbo"]
    assert back.better == -1
    assert back.value == pytest.approx(-found.value)


def test_where_less_is_better_less_is_better() -> None:
    weights = np.ones(40)
    less, more = ratio(np.linspace(1, 2, 40), weights), ratio(np.linspace(3, 4, 40), weights)
    assert differences({"nll": less}, {"nll": more}, 0)["nll"].better == 1
    assert differences({"kl": less}, {"kl": more}, 0)["kl"].better == 0  # neither way is better


def test_identical_models_do_not_differ() -> None:
    same = ratio(np.linspace(1, 2, 40), np.ones(40))
    found = differences({"elbo": same}, {"elbo": same}, 0)["elbo"]
    assert (found.value, found.low, found.high, found.better) == (0.0, 0.0, 0.0, 0)


def test_so_few_have_no_interval_and_say_so() -> None:
    few = ratio(np.arange(1.0, FEWEST), np.ones(FEWEST - 1))
    found = numbers({"elbo": few}, 0)["elbo"]
    assert (found.low, found.high) == (None, None)
    assert "Too few for an interval: 19" in found.why
    assert differences({"elbo": few}, {"elbo": few}, 0)["elbo"].low is None


def test_nothing_to_measure_is_no_number() -> None:
    none = Statistic(np.zeros((30, 2)), lambda c: c[..., 0] / c[..., 1], np.arange(30), np.full(30, np.nan), "how", 0)
    with np.errstate(invalid="ignore"):
        found = numbers({"elbo": none}, 0)["elbo"]
    assert np.isnan(found.value)
    assert found.as_json()["value"] is None
    assert found.why


def test_numbers_of_other_items_are_not_compared() -> None:
    values, weights = np.linspace(1, 2, 30), np.ones(30)
    one, other = ratio(values, weights), ratio(values, weights, np.arange(30) + 1)
    assert differences({"elbo": one}, {"elbo": other}, 0) == {}


def test_a_share_of_which_all_are_alike_is_not_called_certain() -> None:
    none = Statistic(np.zeros((60, 1)), lambda c: c[..., 0], np.arange(60), np.zeros(60), "how")
    found = numbers({"exact_beam_z": none}, 0)["exact_beam_z"]
    assert found.value == found.low == 0.0
    assert found.high == pytest.approx(1.959964**2 / (60 + 1.959964**2), rel=1e-5)  # Wilson's upper end for 0 of 60
    assert "Wilson" in found.how


def test_a_mutual_information_at_its_ceiling_or_below_nothing_says_so() -> None:
    def of(value: float) -> str:
        each = np.full(60, value)
        statistic = Statistic(each[:, None], lambda c: c[..., 0], np.arange(60), each, "how")
        return numbers({"mutual_information": statistic}, 0)["mutual_information"].why

    assert "ceiling ln 60 = 4.09" in of(np.log(60))
    assert "Below 0 by the chance" in of(-0.1)
    assert of(2.0) == ""


def test_the_ceiling_of_a_mutual_information_is_that_of_the_mixture_also_over_some_sentences() -> None:
    each = np.full(1000, 5.0)
    whole = Statistic(each[:, None], lambda c: c[..., 0], np.arange(1000), each, "how")
    part = among(whole, np.arange(1000) < 60, "how")
    found = numbers({"mutual_information": part}, 0)["mutual_information"]
    assert (found.value, found.n, found.why) == (pytest.approx(5.0), 60, "")  # above ln 60, below ln 1,000


def test_a_mutual_information_above_the_kl_of_the_same_sentences_says_so() -> None:
    def of(information: float, kls: NDArray[np.float64], chosen: NDArray[np.bool_]) -> str:
        each = np.full(60, information)
        measured = Statistic(each[:, None], lambda c: c[..., 0], np.arange(60), each, "how")
        kl = Statistic(kls[:, None], lambda c: c[..., 0], np.arange(len(kls)), kls, "how")
        found = {"mutual_information": among(measured, chosen, "how"), "kl": kl}
        return numbers(found, 0)["mutual_information"].why

    everyone, few = np.ones(60, dtype=bool), np.arange(60) < 30
    kls = np.where(np.arange(80) < 30, 1.0, 3.0)  # more sentences than the mutual information is over
    assert of(1.5, kls, everyone) == ""
    assert of(2.1, kls, everyone).startswith("Above the KL of these sentences, 2.00, by the chance of one z")
    assert of(1.5, kls, few).startswith("Above the KL of these sentences, 1.00")


def test_one_sentence_has_no_active_units_and_is_not_said_to_have_none() -> None:
    def alone(n: int) -> Statistic:
        columns = np.column_stack([np.linspace(-1, 1, n), np.linspace(-1, 1, n) ** 2])
        return Statistic(
            columns, lambda c: (c[..., 1] - c[..., 0] ** 2 > 0.01) * 1.0, np.arange(n), np.full(n, np.nan), "how"
        )

    one = numbers({"active_units": alone(1)}, 0)["active_units"]
    assert np.isnan(one.value)
    assert (one.low, one.n, one.why) == (None, 1, "It has no value for these sentences.")
    assert np.isnan(differences({"active_units": alone(1)}, {"active_units": alone(1)}, 0)["active_units"].value)
    assert numbers({"active_units": alone(2)}, 0)["active_units"].value == 1.0
