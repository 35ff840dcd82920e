"""Schedules and batches are pure functions of the step."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.batching import BatchPlan
from engine.config import KlSchedule, TrainConfig
from engine.schedules import kl_weight, learning_rate


def test_a_linear_kl_weight_rises_evenly_and_stays_at_one() -> None:
    schedule = KlSchedule(kind="linear", warmup=4)
    assert [kl_weight(schedule, step) for step in range(6)] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert kl_weight(KlSchedule(), 0) == 1.0
    with pytest.raises(ValueError, match="warmup"):
        KlSchedule(kind="linear")


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


def test_batches_depend_on_seed_and_step_alone() -> None:
    lengths = np.random.default_rng(0).integers(5, 17, 500).astype(np.int32)
    forwards, jumping = BatchPlan(lengths, 32, 1), BatchPlan(lengths, 32, 1)
    expected = [forwards.indices(step).tolist() for step in range(40)]
    for step in (39, 3, 17, 38):
        assert jumping.indices(step).tolist() == expected[step]
    assert expected[:16] != expected[16:32]
    assert BatchPlan(lengths, 32, 2).indices(0).tolist() != expected[0]
