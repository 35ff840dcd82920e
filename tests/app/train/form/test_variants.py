"""The small plot of a plan: its lines go through what the schedule says at every step."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from app.train.form.variants import SchedulePlot
from engine.config import KlSchedule, Variant
from engine.training.schedules import kl_weight, turning_steps


@pytest.mark.parametrize(
    ("steps", "warmup", "cycles", "rise"),
    [(60_000, 1_500, 40, 0.5), (17_400, 145, 120, 0.9), (1_000, 333, 3, 0.25), (50, 60, 2, 1.0), (1, 1, 1, 0.5)],
)
def test_a_preview_misses_no_cycle(qtbot, steps, warmup, cycles, rise):
    schedule = KlSchedule(kind="cyclical", warmup=warmup, cycles=cycles, rise=rise, start=0.1)
    variant = Variant(name="vae", kl_schedule=schedule)
    plot = SchedulePlot()
    qtbot.addWidget(plot)
    plot.show_lines(steps, [("#56B4E9", partial(kl_weight, schedule), turning_steps(variant, steps))], [])
    ((_, line),) = plot.lines
    places, heights = np.array(line).T
    drawn = np.interp(np.arange(steps), places * max(1, steps - 1), heights)
    assert drawn == pytest.approx(np.array([kl_weight(schedule, step) for step in range(steps)]), abs=1e-9)
    assert np.isclose(heights, 0.1).sum() == min(cycles, -(-steps // warmup))  # the beginning of each
    plot.grab()
