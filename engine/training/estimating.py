"""How fast a training would go here: a few of its steps, a measurement and a checkpoint, timed and thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.device import device_name
from engine.errors import Stopped
from engine.events import Done, Event, Note, Progress
from engine.runs.run import Run, RunSettings
from engine.training.batching import BatchPlan
from engine.training.distributed import Processes
from engine.training.gradients import told_of_bf16
from engine.training.graphs.stepping import GraphSteps, takes_graphs
from engine.training.learner import EVALUATED, Learner
from engine.training.loading import Batch, load_batch
from engine.training.lock_step import lock_step
from engine.training.loop import check_corpus, take_encoder_steps
from engine.training.pace import Pace
from engine.training.probe import ProbeSet
from engine.training.validation import decides

WARM = 2
"""Steps that are not timed, as the first ones take longer than all others."""
TIMED = 20
"""Steps that are timed at most."""
RECORDING = 400
"""Steps of a GPU after which all are timed; before, those that are replayed, as nearly all of a training are."""
ENOUGH = 5.0
"""Seconds of timed steps after which three of them will do."""
PART = 128
"""Test sentences on which the measuring is timed, of those that every evaluation takes."""


def estimate(
    corpus: Corpus,
    settings: RunSettings,
    device: torch.device,
    scratch: Path,
    should_stop: Callable[[], bool] = lambda: False,
    start: int = 0,
) -> Iterator[Event]:
    """Time the first steps of a training. Batches come in random order, so these are like all others.

    Args:
        corpus: the text.
        settings: of the training.
        device: where it would be trained.
        scratch: an empty folder, for a run that is thrown away.
        should_stop: asked before every step.
        start: the step from which it would be trained.

    Yields:
        Progress, a Note where bf16 gains nothing here, and Done with `pace` (the fields of `Pace`), `seconds` of
        the training from `first_step` on, and `device`.

    Raises:
        LoomError: as `loop.train`.
        Stopped: `should_stop` said so.
    """
    check_corpus(corpus, settings)
    config = settings.train
    if text := told_of_bf16(device, config.precision):
        yield Note(text, "warning")
    yield Progress("building the models", 0)
    run = Run.create(scratch / "run", settings, corpus.vocabulary)
    learners = [Learner(run, variant, device) for variant in run.variants]
    lengths = corpus.train.lengths
    plan = BatchPlan(lengths, config.batch, config.seed, config.length_spread)
    graphs = None
    if takes_graphs(device, Processes(), wanted=not any(each.encoder_steps for each in run.variants)):
        graphs = GraphSteps(corpus.train, lengths, settings.model, learners, device)
    times: list[float] = []

    def load(numbers: NDArray[np.int64], step: int, extra: int = 0) -> Batch:
        return load_batch(corpus.train, numbers, config, step, settings.model.latent, device, extra=extra)

    with lock_step(device) as in_lock_step:
        step = 0
        while len(times) < WARM + TIMED:
            if should_stop():
                raise Stopped("Stopped; nothing is kept of it.", "Give the same command again.")
            began = _now(device)
            if graphs is not None:
                graphs.step(in_lock_step, learners, plan.indices(step), step)
            else:
                take_encoder_steps(in_lock_step, learners, plan, step, load)
                batch = load(plan.indices(step), step)
                in_lock_step(learners, partial(Learner.step, batch=batch, step=step))
            took = _now(device) - began
            step += 1
            if graphs is not None and not graphs.steady and step <= RECORDING:
                yield Progress("recording steps", step)
                continue
            times.append(took)
            yield Progress("timing steps", len(times), WARM + TIMED, "steps")
            if len(times) >= WARM + 3 and sum(times[WARM:]) > ENOUGH:
                break
        if graphs is not None:
            graphs.settle()
        began = _now(device)
        part = np.arange(min(PART, len(corpus.test)))
        in_lock_step(learners, partial(Learner.evaluate, store=corpus.test, chosen=part))
        evaluated = _now(device)
        yield Progress("timing a checkpoint", 0)
        probe = ProbeSet.of(corpus, run.vocabulary)
        probed_from = _now(device)
        for learner in learners:
            probe.reconstruct(learner.model)
        saved_from = _now(device)
    for learner in learners:
        learner.save(len(times))
    besides = min(EVALUATED, len(corpus.test)) if decides(config, run.variants) else 0  # about as many are held out
    if corpus.valid is not None:
        besides = min(config.validation_sentences, len(corpus.valid))
    whole = (min(EVALUATED, len(corpus.test)) + besides) / min(PART, len(corpus.test))
    evaluation = (evaluated - began) * whole + saved_from - probed_from
    pace = Pace(mean(times[WARM:]), evaluation, _now(device) - saved_from, len(times) - WARM)
    seconds = pace.total(config, start)
    yield Done({"pace": asdict(pace), "seconds": seconds, "first_step": start, "device": device_name(device)})


def _now(device: torch.device) -> float:
    """Seconds, once the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
