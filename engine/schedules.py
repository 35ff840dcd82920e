"""Weights that change over the steps."""

from __future__ import annotations

import math

from engine.config import KlSchedule, TrainConfig


def kl_weight(schedule: KlSchedule, step: int) -> float:
    """w(step) in [0, 1], the factor on the KL; `step` counts from 0.

    A weight w on the KL of a plain VAE is the AutoGen bound with m = 1/w - 1: annealing from 0 to 1 is m going from
    infinity down to 0 (paper, section 4).
    """
    if schedule.kind == "none":
        return 1.0
    return min(1.0, step / schedule.warmup)


def learning_rate(config: TrainConfig, step: int) -> float:
    """Linear warm-up, then a half cosine from `learning_rate` down to its share `final_learning_rate`."""
    if step < config.warmup:
        return config.learning_rate * (step + 1) / config.warmup
    through = (step - config.warmup) / max(1, config.steps - config.warmup)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, through)))
    return config.learning_rate * (config.final_learning_rate + (1.0 - config.final_learning_rate) * cosine)
