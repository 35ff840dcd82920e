"""Schedules and batches are pure functions of the step."""

from __future__ import annotations

import math
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.config import KlSchedule, MSchedule, TrainConfig, Variant
from engine.training import batching
from engine.training.batching import BatchPlan
from engine.training.loading import dropped_words
from engine.training.schedules import implied_m, kl_weight, learning_rate, m_at, turning_steps


def test_a_linear_kl_weight_rises_evenly_and_stays_at_one() -> None:
    schedule = KlSchedule(kind="linear", warmup=4)
    assert [kl_weight(schedule, step) for step in range(6)] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert kl_weight(KlSchedule(), 0) == 1.0
    with pytest.raises(ValueError, match="warmup"):
        KlSchedule(kind="linear")


@given(
    st.sampled_from(["none", "linear", "cyclical"]),
    st.integers(1, 400),
    st.integers(1, 30),
    st.floats(0.01, 1.0),
    st.integers(1, 900),
)
def test_a_line_through_the_turning_steps_is_the_schedule(
    kind: Any, warmup: int, cycles: int, rise: float, n: int
) -> None:
    schedule = KlSchedule(kind=kind, warmup=warmup, cycles=cycles, rise=rise, start=0.2)
    at = turning_steps(Variant(name="vae", kl_schedule=schedule), n)
    assert at == sorted(set(at))
    line = np.interp(np.arange(n), at, [kl_weight(schedule, step) for step in at])
    assert line == pytest.approx(np.array([kl_weight(schedule, step) for step in range(n)]), abs=1e-9)


def test_of_very_many_cycles_whole_ones_are_left_out() -> None:
    schedule = KlSchedule(kind="cyclical", warmup=2, cycles=100_000)
    at = turning_steps(Variant(name="vae", kl_schedule=schedule), 60_000)
    assert len(at) <= 4_004
    assert {kl_weight(schedule, step) for step in at} == {0.0, 1.0}


def test_the_learning_rate_warms_up_and_decays_to_its_share() -> None:
    config = TrainConfig(steps=100, warmup=10, learning_rate=1.0, final_learning_rate=0.1)
    rates = [learning_rate(config, step) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == pytest.approx(1.0)
    assert all(later <= earlier for earlier, later in pairwise(rates[10:]))
    assert rates[100] == pytest.approx(0.1)
    assert rates[55] == pytest.approx(0.1 + 0.9 * 0.5)


@given(st.integers(1, 200), st.integers(1, 40), st.integers(0, 5))
def test_every_epoch_has_every_sentence_once_in_batches_of_like_length(count: int, batch: int, seed: int) -> None:
    lengths = np.random.default_rng(count).integers(5, 17, count).astype(np.int32)
    plan = BatchPlan(lengths, batch, seed)
    for epoch in range(2):
        steps = range(epoch * plan.batches_per_epoch, (epoch + 1) * plan.batches_per_epoch)
        batches = [plan.indices(step) for step in steps]
        assert sorted(np.concatenate(batches).tolist()) == list(range(count))
        # Sorted by their shortest sentence, batches do not overlap in length.
        spans = sorted((int(lengths[each].min()), int(lengths[each].max())) for each in batches)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 5), st.floats(1.0, 3.0))
def test_a_batch_of_neighbouring_lengths_keeps_to_its_group(count: int, batch: int, seed: int, spread: float) -> None:
    lengths = np.random.default_rng(count).integers(1, 60, count).astype(np.int16)
    plan = BatchPlan(lengths, batch, seed, spread)
    batches = [plan.indices(step) for step in range(plan.batches_per_epoch)]
    assert sorted(np.concatenate(batches).tolist()) == list(range(count))
    whole = [each for each in batches if lengths[each].max() > spread * lengths[each].min() + 1e-9]
    groups, first = [], 1  # by the definition: as many lengths from the first one on as are within `spread` of it
    while first <= lengths.max():
        last = max(length for length in range(first, 200) if length <= spread * first + 1e-9)
        groups.append(range(first, last + 1))
        first = last + 1
    present = [group for group in groups if any(length in group for length in lengths.tolist())]
    assert len(whole) <= len(present) - 1  # those in which two groups meet


def test_neighbouring_lengths_are_mixed_within_a_batch() -> None:
    lengths = np.random.default_rng(0).integers(5, 17, 20_000).astype(np.int16)
    mixed = BatchPlan(lengths, 64, 0, 1.3)
    spans = [len(np.unique(lengths[mixed.indices(step)])) for step in range(mixed.batches_per_epoch)]
    assert float(np.median(spans)) >= 2
    one = BatchPlan(lengths, 64, 0)
    assert float(np.median([len(np.unique(lengths[one.indices(step)])) for step in range(100)])) == 1


@given(
    st.lists(st.integers(0, 40) | st.integers(0, 3000), min_size=1, max_size=120),
    st.integers(1, 9),
    st.integers(0, 5),
    st.sampled_from([np.int16, np.int32, np.int64]),
    st.integers(1, 40),
)
def test_the_order_is_that_of_a_plain_stable_sort(
    words: list[int], batch: int, seed: int, dtype: type[np.signedinteger[Any]], block: int
) -> None:
    """Runs that were begun by earlier versions go on with the same batches."""
    lengths = np.array(words, dtype=dtype)
    plan = BatchPlan(lengths, batch, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "_BLOCK", block)
        for epoch in range(2):
            random = np.random.default_rng([seed, epoch])
            shuffled = random.permutation(len(lengths))
            order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
            for turn, place in enumerate(random.permutation(plan.batches_per_epoch)):
                expected = order[place * batch : (place + 1) * batch]
                assert plan.indices(epoch * plan.batches_per_epoch + turn).tolist() == expected.tolist()


def test_an_epoch_takes_few_bytes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "_BLOCK", 1 << 16)
    count = 2_000_000
    lengths = np.random.default_rng(0).integers(5, 31, count).astype(np.int16)
    tracemalloc.start()
    try:
        plan = BatchPlan(lengths, 200, 0)
        plan.indices(0)
        plan.indices(plan.batches_per_epoch)  # while the next epoch begins, the last one is let go
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 5 * count
    assert peak < 9 * count + 40 * batching._BLOCK


def test_batches_depend_on_seed_and_step_alone() -> None:
    lengths = np.random.default_rng(0).integers(5, 17, 500).astype(np.int32)
    forwards, jumping = BatchPlan(lengths, 32, 1), BatchPlan(lengths, 32, 1)
    expected = [forwards.indices(step).tolist() for step in range(40)]
    for step in (39, 3, 17, 38):
        assert jumping.indices(step).tolist() == expected[step]
    assert expected[:16] != expected[16:32]
    assert BatchPlan(lengths, 32, 2).indices(0).tolist() != expected[0]


def test_the_weight_after_a_rise_is_the_beta_that_is_asked_for() -> None:
    assert {kl_weight(KlSchedule(end=0.4), step) for step in (0, 7, 10**6)} == {0.4}
    linear = KlSchedule(kind="linear", warmup=4, start=1.0, end=3.0)
    assert [kl_weight(linear, step) for step in range(6)] == [1.0, 1.5, 2.0, 2.5, 3.0, 3.0]
    logistic = KlSchedule(kind="logistic", warmup=100, end=0.5)
    assert kl_weight(logistic, 50) == pytest.approx(0.25)
    assert kl_weight(logistic, 100) == 0.5
    cyclical = KlSchedule(kind="cyclical", warmup=10, cycles=2, end=2.0)
    assert [kl_weight(cyclical, step) for step in (0, 4, 5, 9, 10, 14, 20)] == pytest.approx([0, 1.6, 2, 2, 0, 1.6, 2])
    assert implied_m(Variant(name="beta", m=1.0, kl_schedule=KlSchedule(end=4.0)), 0) == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="below end"):
        KlSchedule(kind="linear", warmup=4, start=0.5, end=0.5)


def test_a_logistic_kl_weight_is_a_sigmoid_around_half_the_warmup() -> None:
    schedule = KlSchedule(kind="logistic", warmup=5000, steepness=12.5)
    for step in (0, 1000, 2500, 4999):  # Bowman et al.: 1 / (1 + exp(-k (step - x0))) with k=0.0025, x0=2500
        assert kl_weight(schedule, step) == pytest.approx(1 / (1 + math.exp(-0.0025 * (step - 2500))))
    assert kl_weight(schedule, 5000) == 1.0


def test_a_cyclical_kl_weight_rises_anew_in_every_cycle_and_stays_at_one_after_the_last() -> None:
    schedule = KlSchedule(kind="cyclical", warmup=10, cycles=2, rise=0.5)
    expected = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert [kl_weight(schedule, step) for step in range(23)] == pytest.approx([*expected, *expected, 1.0, 1.0, 1.0])


@given(
    st.builds(
        KlSchedule,
        kind=st.sampled_from(["linear", "logistic", "cyclical"]),
        warmup=st.integers(1, 500),
        start=st.floats(0, 0.99),
        cycles=st.integers(1, 5),
        rise=st.floats(0.01, 1),
    ),
    st.integers(0, 3000),
)
def test_every_kl_weight_lies_between_its_start_and_one(schedule: KlSchedule, step: int) -> None:
    assert schedule.start <= kl_weight(schedule, step) <= 1.0
    assert kl_weight(schedule, schedule.warmup * schedule.cycles) == 1.0


def test_m_moves_from_its_start_to_its_end() -> None:
    linear = MSchedule(kind="linear", start=9.0, steps=4)
    assert [m_at(1.0, linear, step) for step in range(6)] == [9.0, 7.0, 5.0, 3.0, 1.0, 1.0]
    cosine = MSchedule(kind="cosine", start=0.0, steps=4)
    assert m_at(2.0, cosine, 2) == pytest.approx(1.0)
    assert m_at(2.0, cosine, 1) == pytest.approx(1 - math.cos(math.pi / 4))
    assert m_at(2.0, MSchedule(), 0) == 2.0


@given(st.floats(-0.9, 9), st.integers(1, 99))
def test_the_implied_m_gives_the_gradient_direction_of_m_and_weight(m: float, step: int) -> None:
    variant = Variant(name="x", m=m, kl_schedule=KlSchedule(kind="linear", warmup=100))
    weight = kl_weight(variant.kl_schedule, step)
    # (1+m) R - w KL and (1+m') R - KL have the same ratio of their coefficients.
    assert (1 + implied_m(variant, step)) / 1 == pytest.approx((1 + m) / weight)
    assert implied_m(variant, 0) == math.inf
    assert implied_m(variant, 100) == pytest.approx(m, abs=1e-12)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.floats(0, 1), st.integers(0, 99))
def test_exact_word_drop_takes_the_lowest_draws_of_each_sentence(lengths: list[int], share: float, seed: int) -> None:
    draws = torch.rand((len(lengths), max(lengths)), generator=torch.Generator().manual_seed(seed))
    found = dropped_words(draws, torch.tensor(lengths), share, exactly=True)
    for row, length in enumerate(lengths):
        count = round(float(np.float32(share) * np.float32(length)))
        lowest = sorted(range(length), key=lambda place: float(draws[row, place]))[:count]
        assert sorted(found[row].nonzero().flatten().tolist()) == sorted(lowest)
    by_chance = dropped_words(draws, torch.tensor(lengths), share, exactly=False)
    assert torch.equal(by_chance, draws < share)
