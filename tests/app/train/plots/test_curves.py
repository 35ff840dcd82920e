"""Curves that grow, and thinning them without losing what one sees."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.train.plots.curves import VariantCurves, nearest, thinned
from engine.config import KlSchedule, Variant

ANNEALED = Variant(name="a", kl_schedule=KlSchedule(kind="linear", warmup=100))


def test_terms_are_kept_by_step_and_split():
    curves = VariantCurves(ANNEALED)
    curves.take([{"step": i, "split": "train", "kl": i / 2} for i in range(1, 200)])
    early = curves.snapshot()
    curves.take([{"step": 200, "split": "train", "kl": 7.0}, {"step": 200, "split": "test", "kl": 9.0}])
    late = curves.snapshot()
    assert len(early.train.steps) == 199  # a snapshot does not change under whoever draws it
    assert late.train.at("kl", 200) == 7.0
    assert late.train.at("kl", 100.2) == 50.0
    assert late.test.at("kl", 3) == 9.0
    assert late.test.at("gradient_norm", 200) is None


def test_an_infinite_m_is_written_as_null_and_older_runs_have_it_computed():
    curves = VariantCurves(ANNEALED)
    curves.take([{"step": 10, "split": "train", "implied_m": None}, {"step": 51, "split": "train", "kl": 1.0}])
    m = curves.snapshot().train.of("implied_m")
    assert math.isinf(m[0])
    assert m[1] == pytest.approx(1.0)  # w = 1/2 at step 50, counted from 0: (1+0)/w - 1


def test_lines_that_make_no_sense_are_passed_over():
    curves = VariantCurves(ANNEALED)
    curves.take([{"split": "train"}, {"step": "x", "split": "test"}, {"step": 3, "split": "other"}])
    assert curves.last_step == 0


def test_the_speed_is_that_since_the_process_was_begun_anew():
    curves = VariantCurves(ANNEALED)
    before = [{"step": s, "split": "train", "seconds": s * 2.0} for s in (10, 20, 30)]
    after = [{"step": s, "split": "train", "seconds": (s - 30) * 0.5} for s in (40, 50, 60)]
    curves.take(before)
    assert curves.seconds_per_step() == pytest.approx(2.0)
    curves.take(after)
    assert curves.seconds_per_step() == pytest.approx(0.5)


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=400),
    st.integers(4, 60),
)
def test_a_thinned_curve_keeps_its_extremes_and_its_order(values, limit):
    y = np.array(values, np.float32)
    x, kept = thinned(np.arange(len(y)), y, limit)
    assert len(x) <= max(limit, 4)
    assert (np.diff(x) > 0).all()
    assert (kept == y[x]).all()
    if len(y) % -(-len(y) // (limit // 2)) == 0:
        assert (kept.min(), kept.max()) == (y.min(), y.max())


def test_what_is_not_finite_is_left_out():
    x, y = thinned(np.arange(4), np.array([1, np.nan, np.inf, 2], np.float32), 10)
    assert (x.tolist(), y.tolist()) == ([0, 3], [1.0, 2.0])


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=50, unique=True), st.floats(-10, 11_000))
def test_the_nearest_step(steps, wanted):
    ordered = np.array(sorted(steps))
    found = ordered[nearest(ordered, wanted)]
    assert abs(found - wanted) == min(abs(each - wanted) for each in steps)
