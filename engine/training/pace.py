"""How fast a training goes, and what that makes of its whole length. Without torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a step takes, a measurement on test text, and a checkpoint, of all variants together.

    `steps` is the number of steps that were timed.
    """

    step: float
    evaluation: float
    checkpoint: float
    steps: int

    def total(self, config: TrainConfig, start: int = 0) -> float:
        """Seconds of a training from the step `start` to its end, once it is under way."""
        if start >= config.steps:
            return 0.0

        def times(every: int) -> int:
            return (config.steps - 1) // every + 1 - start // every

        evaluations = times(config.evaluate_every or config.checkpoint_every)
        checkpoints = times(config.checkpoint_every)
        return (config.steps - start) * self.step + evaluations * self.evaluation + checkpoints * self.checkpoint


def duration(seconds: float) -> str:
    """A length of time in words, as "2 h 05 min"."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60:02d} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"
