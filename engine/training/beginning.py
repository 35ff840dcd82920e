"""What comes before the first step of a training: weights that another run has given, and what first weights say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.corpus.store import Corpus
from engine.events import Event, Note
from engine.runs.metrics import NEGLIGIBLE_SPREAD
from engine.runs.run import Run
from engine.runs.warm_start import told
from engine.training.learner import Learner
from engine.training.records import Records
from engine.training.schedules import kl_weight, m_at

NEARLY = 0.99
"""Share of its last value that a weight has as good as come to."""


def take_first_weights(learners: Sequence[Learner], run: Run) -> Iterator[Event]:
    """Give every variant the weights that the run was begun with, where another run has given some.

    Raises:
        LoomError: they are missing, damaged, or of another model.
    """
    if run.settings.first_weights:
        for learner in learners:
            learner.start_from_weights()
        yield Note(f"Starting from the weights of {told(run.settings.first_weights)}.")


def told_of_schedules(run: Run) -> Iterator[Event]:
    """Warn where a training ends before the weight of a variant's KL, or its m, has come to its last value."""
    last = run.settings.train.steps - 1
    for variant in run.variants:
        weight, end = kl_weight(variant.kl_schedule, last), variant.kl_schedule.end
        at = m_at(variant.m, variant.m_schedule, last)
        left = []
        if weight < NEARLY * end:
            left.append((f"a weight of the KL of {weight:.2g}, which is to be {end:g}", "kl_schedule.warmup"))
        if abs(at - variant.m) > (1.0 - NEARLY) * (1.0 + variant.m):
            left.append((f"m = {at:.2g}, which is to be {variant.m:g}", "m_schedule.steps"))
        if left:
            yield Note(
                f"The training of {variant.name} ends with {' and '.join(what for what, _ in left)}: its numbers are "
                "not those of the model that is meant. Train more --steps, or come there sooner: "
                + " ".join(f"--set variants.{variant.name}.{key}=N" for _, key in left),
                "warning",
            )


def told_of_steps(run: Run) -> Iterator[Event]:
    """Tell where a training ends before its full learning rate, or keeps fewer checkpoints than it may seem to."""
    config = run.settings.train
    if config.warmup > config.steps:
        yield Note(
            f"The learning rate rises for {config.warmup:,} steps, and the training ends after {config.steps:,}: it "
            "never has its full value. Train more --steps, or --set train.warmup=N"
        )
    if config.keep_every and config.keep_every % config.checkpoint_every:
        kept = math.lcm(config.keep_every, config.checkpoint_every)
        yield Note(
            f"There is a checkpoint every {config.checkpoint_every:,} steps, so of the multiples of "
            f"{config.keep_every:,} only those of {kept:,} stay."
        )


def before_the_first_step(learners: Sequence[Learner], corpus: Corpus, records: Records, run: Run) -> Iterator[Event]:
    """Measure how far the first weights tell sentences apart; where they were drawn, warn if they do not."""
    if run.settings.first_weights:
        records.first_spread({learner.variant.name: learner.spread(corpus.test) for learner in learners})
        return
    measured = learners[0].spread(corpus.test)  # all variants share what was drawn
    records.first_spread({learner.variant.name: measured for learner in learners})
    spread, sigma = measured["mu_spread"], measured["mean_sigma"]
    assert isinstance(spread, float)
    assert isinstance(sigma, float)
    if spread < NEGLIGIBLE_SPREAD * sigma and len(corpus.test) > 1:
        yield Note(
            f"With these first weights the encoder says nearly the same of every sentence: mu differs by {spread:.2g} "
            f"beside a sigma of {sigma:.2g}. So z is noise while the decoder learns, which may learn to do without. "
            "Wider ones tell sentences apart at once: “First weights: wide” in the form of a new training, or "
            "--set model.initialisation=wide",
            "warning",
        )
