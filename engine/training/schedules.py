"""Weights that change over the steps."""

from __future__ import annotations

import math

from engine.config import KlSchedule, MSchedule, TrainConfig, Variant


def kl_weight(schedule: KlSchedule, step: int) -> float:
    """w(step), the factor on the KL; `step` counts from 0.

    With t = step / warmup, s = `start` and e = `end`:

    - none: e
    - linear: min(e, s + (e - s) t)
    - logistic: s + (e - s) sigmoid(steepness (t - 1/2)) up to the end of the warm-up, e from there on
    - cyclical: min(e, s + (e - s) frac(t) / rise) for `cycles` cycles, e from there on
    """
    start, end = schedule.start, schedule.end
    if schedule.kind == "none":
        return end
    through = step / schedule.warmup
    if schedule.kind == "cyclical":
        if through >= schedule.cycles:
            return end
        risen = (through % 1.0) / schedule.rise
    elif through >= 1.0:
        return end
    elif schedule.kind == "logistic":
        risen = 1.0 / (1.0 + math.exp(-schedule.steepness * (through - 0.5)))
    else:
        risen = through
    return min(end, start + (end - start) * risen)


def m_at(m: float, schedule: MSchedule, step: int) -> float:
    """m at a step (counted from 0), on its way from `schedule.start` to `m`."""
    if schedule.kind == "none" or step >= schedule.steps:
        return m
    through = step / schedule.steps
    if schedule.kind == "cosine":
        through = 0.5 * (1.0 - math.cos(math.pi * through))
    return schedule.start + (m - schedule.start) * through


def settled(variant: Variant, step: int) -> bool:
    """Whether the weight of the KL and m have reached their last values."""
    kl, m = variant.kl_schedule, variant.m_schedule
    risen = kl.kind == "none" or step >= kl.warmup * (kl.cycles if kl.kind == "cyclical" else 1)
    return risen and (m.kind == "none" or step >= m.steps)


def implied_m(variant: Variant, step: int) -> float:
    """The m that gives the same gradient direction as the variant's m and KL weight at a step; infinite for w = 0.

    (1+m) log p - w KL is w times ((1+m)/w) log p - KL: a weight w on the KL is the AutoGen bound with
    m' = (1+m)/w - 1, so that annealing w from 0 to 1 takes m' from infinity down to m (paper, discussion).
    """
    weight = kl_weight(variant.kl_schedule, step)
    factor = 1.0 + m_at(variant.m, variant.m_schedule, step)
    return factor / weight - 1.0 if weight > 0 else math.inf


def turning_steps(variant: Variant, steps: int, most: int = 4000) -> list[int]:
    """The steps before `steps` at which a line through the weight of the KL, or m, turns or jumps, ascending.

    Of a cyclical schedule these are the first and the last step of each rise and of each rest: a line through them goes
    through every step. Where that were more than `most`, whole cycles are left out, evenly.
    """
    kl, m = variant.kl_schedule, variant.m_schedule
    turns = {0, steps - 1}
    if m.kind != "none":
        turns |= {m.steps - 1, m.steps}
    if kl.kind == "cyclical":
        top = math.ceil(kl.rise * kl.warmup)
        cycles = min(kl.cycles, -(-steps // kl.warmup))
        for cycle in range(0, cycles, -(-4 * cycles // most)):
            begin = cycle * kl.warmup
            turns |= {begin, *(begin + step for step in (top - 1, top) if step < kl.warmup), begin + kl.warmup - 1}
        turns |= {kl.cycles * kl.warmup - 1, kl.cycles * kl.warmup}
    elif kl.kind != "none":
        turns |= {kl.warmup - 1, kl.warmup}
    return sorted(step for step in turns if 0 <= step < steps)


def learning_rate(config: TrainConfig, step: int) -> float:
    """Linear warm-up, then a half cosine from `learning_rate` down to its share `final_learning_rate`."""
    if step < config.warmup:
        return config.learning_rate * (step + 1) / config.warmup
    through = (step - config.warmup) / max(1, config.steps - config.warmup)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, through)))
    return config.learning_rate * (config.final_learning_rate + (1.0 - config.final_learning_rate) * cosine)
