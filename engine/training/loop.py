"""Training: every variant of a run in lock-step on the same batches.

The loop is visible whole in `_train`. What one variant does at a step is in `learner`, what is written in `records`,
what a training decides by measuring itself in `validation`, how the variants share a machine in `lock_step`, and how
several processes share the work in `distributed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.device import device_name
from engine.errors import LoomError, Stopped
from engine.events import Done, Event, Note, Progress, TrainStep
from engine.runs.failures import failures, note_failure
from engine.runs.run import Run, RunSettings
from engine.storage.locks import held
from engine.training.batching import BatchPlan
from engine.training.beginning import before_the_first_step, take_first_weights, told_of_schedules, told_of_steps
from engine.training.distributed import LostProcessError, Processes, sum_gradients
from engine.training.gradients import told_of_bf16
from engine.training.graphs.stepping import GraphSteps, takes_graphs
from engine.training.learner import EVALUATED, Learner
from engine.training.loading import Batch, load_batch
from engine.training.lock_step import lock_step
from engine.training.probe import ProbeSet
from engine.training.records import Records
from engine.training.resuming import cut_short, kept_step, newest_common_step, nothing_to_do
from engine.training.validation import HeldOut, decides

DECIDING = ("reconstruction", "kl", "mutual_information")
"""What is measured to decide something, of `Learner.evaluate`."""


def train(
    corpus: Corpus,
    run: Run,
    device: torch.device,
    should_stop: Callable[[], bool] = lambda: False,
    processes: Processes | None = None,
    graphs: bool = True,
) -> Iterator[Event]:
    """Train a run from its newest common checkpoint (or the start) to its last step.

    A variant whose loss explodes or stops being a number is stopped for good, with its last good checkpoint; the
    others go on.

    Args:
        corpus: the text; its fingerprint must be the run's.
        run: created or reopened; its settings say everything else.
        device: where the models live.
        should_stop: asked before every step; when True, a checkpoint is written and `Stopped` raised.
        processes: those that share the work, of which one writes; None for this one alone.
        graphs: whether a GPU may take its steps from graphs, see `graphs.stepping`.

    Yields:
        Progress, TrainStep at every log step, Probe at every evaluation, a Note where a variant was stopped, and Done
        with the test set's terms per variant.

    Raises:
        LoomError: the corpus is another one, a checkpoint cannot be read or written, another process has ended, or
            no variant is left that learns.
        Stopped: `should_stop` said so, in this process or in another one.
    """
    check_corpus(corpus, run.settings)
    processes = processes or Processes()
    if processes.world > 1 and any(variant.encoder_steps for variant in run.variants):
        raise LoomError(
            "An encoder takes steps of its own in one process only.",
            "Train without torchrun, or without encoder_steps (vae-aggressive).",
        )
    try:
        with held(run.path, "training") if processes.writes else nullcontext():
            yield from _train(corpus, run, device, should_stop, processes, takes_graphs(device, processes, graphs))
    except LostProcessError as lost:
        lost.hint = _how_to_go_on(run)
        raise
    except torch.OutOfMemoryError as error:
        raise LoomError(
            f"The memory of {device_name(device)} does not hold this training.",
            "End other programs that use it, or train with fewer variants or a smaller --batch; what is trained so far "
            "goes on with --resume.",
        ) from error


def _train(
    corpus: Corpus,
    run: Run,
    device: torch.device,
    should_stop: Callable[[], bool],
    processes: Processes,
    by_graphs: bool,
) -> Iterator[Event]:
    config = run.settings.train
    if processes.writes:
        yield Progress("building the models", 0)
    learners = [Learner(run, variant, device) for variant in run.variants if variant.name not in failures(run)]
    start = processes.of_first(newest_common_step(run, learners))
    names = [learner.variant.name for learner in learners]
    processes.check_same(f"{run.settings.model_dump_json()} {corpus.fingerprint} {names}")
    if start:
        for learner in learners:
            learner.restore(start, with_sums=processes.writes)
        yield Note(f"Going on from step {start:,}." if start < config.steps else nothing_to_do(run, corpus.name))
    else:
        if text := cut_short(learners):
            yield Note(text, "warning")
        yield from take_first_weights(learners, run)
    processes.wait()  # until all have read what process 0 is about to write on
    deciding = decides(config, run.variants)
    held_out = HeldOut.of(len(corpus.train), EVALUATED if deciding and corpus.valid is None else 0)
    measure = partial(Learner.evaluate, store=corpus.train, chosen=held_out.indices)
    if corpus.valid is not None:
        first = np.arange(min(config.validation_sentences, len(corpus.valid)))
        measure = partial(Learner.evaluate, store=corpus.valid, chosen=first)
    lengths = held_out.lengths_of_trained(corpus.train.lengths)
    longest = int(lengths.max())
    plan = BatchPlan(lengths, config.batch, config.seed, config.length_spread)
    model = run.settings.model
    graphs = GraphSteps(corpus.train, lengths, model, learners, device) if by_graphs and start < config.steps else None
    probe = ProbeSet.of(corpus, run.vocabulary)
    began = last_log = time.perf_counter()
    tokens = 0

    with (
        Records(run, learners, start, device, processes, probe) as records,
        lock_step(device, alone=processes.world == 1) as in_lock_step,
    ):

        def evaluation(step: int) -> Event:
            models = {learner.variant.name: learner.model for learner in learners}
            return records.evaluation(
                step,
                models,
                in_lock_step(learners, partial(Learner.evaluate, store=corpus.test, step=max(0, step - 1))),
            )

        def load(numbers: NDArray[np.int64], step: int, extra: int = 0) -> Batch:
            return load_batch(
                corpus.train,
                held_out.trained(numbers),
                config,
                step,
                model.latent,
                device,
                processes.rank,
                processes.world,
                extra,
                longest,
            )

        def settle() -> None:
            if graphs is not None:
                graphs.settle()

        for text in records.damage():
            yield Note(text, "warning")
        if start == 0 and processes.writes:
            yield from before_the_first_step(learners, corpus, records, run)
            if run.settings.first_weights:
                yield evaluation(0)
        if config.batch > len(lengths):
            text = f"A batch of {config.batch:,} is more than the {len(lengths):,} training sentences there are."
            yield Note(text, "warning")
        if start < config.steps and processes.writes:
            yield from told_of_schedules(run)
            yield from told_of_steps(run)
        if text := told_of_bf16(device, config.precision):
            yield Note(text, "warning")
        if deciding and not held_out.count and corpus.valid is None:
            text = f"Nothing is decided by measuring: {len(corpus.train)} sentences leave none to be held out for it."
            yield Note(text, "warning")
        for step in range(start, config.steps):
            if processes.any(should_stop()):
                settle()
                yield from _leave_failed(learners, step, run, records, look_at_weights=True)
                records.save(learners, step)
                processes.wait()  # torchrun gives the others little time once the first has ended
                raise Stopped(
                    f"Stopped after step {step:,} of {config.steps:,}; a checkpoint holds everything so far.",
                    "The same command with --resume goes on from there.",
                )
            if graphs is not None and not any(learner.encoder_steps for learner in learners):
                tokens += graphs.step(in_lock_step, learners, held_out.trained(plan.indices(step)), step)
                yield from map(Note, graphs.told())
            else:
                take_encoder_steps(in_lock_step, learners, plan, step, load)
                batch = load(plan.indices(step), step)
                if processes.world == 1:
                    in_lock_step(learners, partial(Learner.step, batch=batch, step=step))
                else:
                    _step_together(in_lock_step, learners, batch, step, processes)
                tokens += batch.tokens
            done, last = step + 1, step + 1 == config.steps
            if processes.writes and step // config.log_every == start // config.log_every:
                yield Progress("first steps", done, config.steps, "steps")  # nothing else is told until they are logged

            if done % config.log_every == 0 or last:
                processes.add_up([learner.sums for learner in learners])
                now = time.perf_counter()
                rate = tokens / (now - last_log)
                measured = {learner.variant.name: learner.averages(step) for learner in learners}
                yield from _leave_failed(learners, done, run, records)
                terms = {learner.variant.name: measured[learner.variant.name] for learner in learners}
                records.train_terms(done, terms, rate, now - began)
                yield TrainStep(done, config.steps, terms, rate, now - began)
                last_log, tokens = now, 0

            evaluates = done % (config.evaluate_every or config.checkpoint_every) == 0 or last
            saves = done % config.checkpoint_every == 0 or last
            if evaluates or saves:
                settle()
                yield from _leave_failed(learners, done, run, records, look_at_weights=True)
            given = corpus.valid is not None
            decides_now = deciding and evaluates and not last and (given or held_out.count > 0)
            if decides_now or (given and (evaluates or saves)):
                measured_now = in_lock_step(learners, measure) if processes.writes else []
                if decides_now:
                    yield from _decide(learners, done, measured_now, processes)
                named = zip((learner.variant.name for learner in learners), measured_now, strict=processes.writes)
                records.validation(done, dict(named), chooses=given and saves)
            if evaluates:
                if processes.writes:
                    yield evaluation(done)
                last_log, tokens = time.perf_counter(), 0

            if saves:
                records.save(learners, done)
                yield Progress("checkpoint", done, config.steps, "step")
                last_log, tokens = time.perf_counter(), 0

        if start == config.steps and processes.writes and not records.has_test_terms():
            yield evaluation(start)
        processes.wait()  # nobody leaves before everything is written
        records.ended()
        yield Done(records.result(corpus.name, config.steps, time.perf_counter() - began))


def take_encoder_steps(
    in_lock_step: Callable[[list[Learner], Callable[[Learner], None]], list[None]],
    learners: list[Learner],
    plan: BatchPlan,
    step: int,
    load: Callable[[NDArray[np.int64], int, int], Batch],
) -> None:
    """Let the encoders that lag behind learn alone before a step, all from the same batches.

    Args:
        in_lock_step: from `lock_step`.
        learners: all of them.
        plan: draws the batches.
        step: the one that comes next.
        load: gives a batch of these sentences at a step, with its number beside the step's own, from 1.
    """
    for number in range(1, max((each.encoder_steps for each in learners), default=0) + 1):
        lagging = [each for each in learners if each.encoder_steps >= number]
        batch = load(plan.another(step, number), step, number)
        in_lock_step(lagging, partial(Learner.encoder_step, batch=batch, step=step))


def _decide(
    learners: list[Learner],
    step: int,
    measured: Sequence[Mapping[str, object]],
    processes: Processes,
) -> Iterator[Event]:
    """Let every learner decide by what was measured on the validation sentences.

    Args:
        learners: all of them.
        step: that was reached.
        measured: of each of them, from `Learner.evaluate`; nothing but in the process that writes, whose numbers hold
            in all.
        processes: those that share the work.
    """
    for number, learner in enumerate(learners):
        numbers = torch.zeros(len(DECIDING), device=learner.sums.device)
        if measured:
            numbers = torch.tensor([float(cast("float", measured[number][key])) for key in DECIDING]).to(numbers)
        processes.add_up([numbers])
        reconstruction, kl, information = numbers.tolist()
        for said in learner.decide(reconstruction, kl, information, step):
            yield Note(f"{learner.variant.name} {said} (step {step:,}).")


def _step_together(
    in_lock_step: Callable[[list[Learner], Callable[[Learner], None]], list[None]],
    learners: list[Learner],
    batch: Batch,
    step: int,
    processes: Processes,
) -> None:
    """A step shared with other processes: own rows, one exchange of all variants' gradients, the same update."""
    in_lock_step(learners, partial(Learner.backward, batch=batch, step=step, add_up=processes.add_up))
    sum_gradients(processes, chain.from_iterable(learner.model.parameters() for learner in learners))
    in_lock_step(learners, partial(Learner.update, step=step))


def _leave_failed(
    learners: list[Learner], step: int, run: Run, records: Records, look_at_weights: bool = False
) -> Iterator[Event]:
    """Take the variants that have failed out of the training, each with a note; the others go on.

    Raises:
        LoomError: none is left.
    """
    for learner in list(learners):
        if look_at_weights:
            learner.check_weights()
        if not learner.failed:
            continue
        learners.remove(learner)
        good = learner.checkpoints.steps()
        kept = f"its checkpoint of step {good[-1]:,} is good" if good else "it had no checkpoint yet"
        if records.writes:
            note_failure(run, learner.variant.name, step, learner.failed)
        yield Note(
            f"{learner.variant.name} was stopped at step {step:,}: {learner.failed}; {kept}. "
            f"A lower train.learning_rate or {'train.clip' if run.settings.train.clip else 'a limit, train.clip=5,'} "
            "may help.",
            "warning",
        )
    if not learners:
        reasons = "; ".join(f"{name}: {each['reason']}" for name, each in failures(run).items())
        raise LoomError(
            f"No variant of run {run.name!r} is left that learns ({reasons}).",
            f"Train a new run with a lower learning rate: --set train.learning_rate={run.settings.train.lower_rate:g}",
        )


def _how_to_go_on(run: Run) -> str:
    """What is kept of a run whose processes have lost each other, and what to do now."""
    good = kept_step(run)
    what = f"The checkpoint of step {good:,} is good" if good else "There is no checkpoint yet"
    return f"{what}: start all processes again with the same torchrun command and --resume."


def check_corpus(corpus: Corpus, settings: RunSettings) -> None:
    """Raise a LoomError unless this is the run's corpus and both of its parts have sentences."""
    if corpus.fingerprint != settings.corpus.fingerprint:
        raise LoomError(
            f"Corpus {corpus.name!r} is not the one that run {settings.name!r} was begun with "
            f"(fingerprint {corpus.fingerprint[:12]}, expected {settings.corpus.fingerprint[:12]}).",
            "Prepare the corpus again with its first settings, or train a new run with --run NAME.",
        )
    if len(corpus.train) == 0 or len(corpus.test) == 0:
        raise LoomError(
            f"Corpus {corpus.name!r} has {len(corpus.train)} training and {len(corpus.test)} test sentences.",
            "Prepare it from more text; both parts need sentences.",
        )
