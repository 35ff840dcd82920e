"""Training: every variant of a run in lock-step on the same batches.

The loop is visible whole in `_train`. What one variant does at a step is in `learner`, what is written in `records`,
how several processes share the work in `distributed`.

On a CPU each variant's step runs in a thread of its own with one core, which keeps the cores busy without splitting
small matrix products; on CUDA each variant has a stream of its own; elsewhere the variants take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain
from typing import TypeVar

import torch

from engine.corpus.store import Corpus
from engine.device import cores, know_the_processor
from engine.errors import LoomError, Stopped
from engine.events import Done, Event, Note, Progress, TrainStep
from engine.runs.failures import failures, note_failure
from engine.runs.run import Run, RunSettings
from engine.storage.locks import held
from engine.training.batching import BatchPlan
from engine.training.distributed import LostProcessError, Processes, sum_gradients
from engine.training.learner import Batch, Learner, load_batch
from engine.training.probe import ProbeSet
from engine.training.records import Records

T = TypeVar("T")

NEGLIGIBLE = 0.01
"""Spread of mu, as a part of sigma, below which z is noise at the start: sentences then share all of it but 0.01 %."""


def train(
    corpus: Corpus,
    run: Run,
    device: torch.device,
    should_stop: Callable[[], bool] = lambda: False,
    processes: Processes | None = None,
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
    try:
        with held(run.path, "training") if processes.writes else nullcontext():
            yield from _train(corpus, run, device, should_stop, processes)
    except LostProcessError as lost:
        lost.hint = _how_to_go_on(run)
        raise


def _train(
    corpus: Corpus, run: Run, device: torch.device, should_stop: Callable[[], bool], processes: Processes
) -> Iterator[Event]:
    config = run.settings.train
    if processes.writes:
        yield Progress("building the models", 0)
    learners = [Learner(run, variant, device) for variant in run.variants if variant.name not in failures(run)]
    start = processes.of_first(_newest_common_step(run, learners))
    names = [learner.variant.name for learner in learners]
    processes.check_same(f"{run.settings.model_dump_json()} {corpus.fingerprint} {names}")
    if start:
        for learner in learners:
            learner.restore(start, with_sums=processes.writes)
        yield Note(f"Going on from step {start:,}." if start < config.steps else _nothing_to_do(run, corpus))
    processes.wait()  # until all have read what process 0 is about to write on
    plan = BatchPlan(corpus.train.lengths, config.batch, config.seed, config.length_spread)
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
                step, models, in_lock_step(learners, partial(Learner.evaluate, store=corpus.test))
            )

        for text in records.damage():
            yield Note(text, "warning")
        if start == 0 and processes.writes:
            yield from _before_the_first_step(learners, corpus, records)
        if config.batch > len(corpus.train):
            text = f"A batch of {config.batch:,} is more than the {len(corpus.train):,} training sentences there are."
            yield Note(text, "warning")
        for step in range(start, config.steps):
            if processes.any(should_stop()):
                yield from _leave_failed(learners, step, run, records, look_at_weights=True)
                records.save(learners, step)
                processes.wait()  # torchrun gives the others little time once the first has ended
                raise Stopped(
                    f"Stopped after step {step:,} of {config.steps:,}; a checkpoint holds everything so far.",
                    "The same command with --resume goes on from there.",
                )
            batch = load_batch(
                corpus.train,
                plan.indices(step),
                config,
                step,
                run.settings.model.latent,
                device,
                processes.rank,
                processes.world,
            )
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
                yield from _leave_failed(learners, done, run, records, look_at_weights=True)
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


def _before_the_first_step(learners: list[Learner], corpus: Corpus, records: Records) -> Iterator[Event]:
    """Measure how far the first weights tell sentences apart, and warn where they do not; all variants share them."""
    measured = learners[0].spread(corpus.test)
    records.first_spread({learner.variant.name: measured for learner in learners})
    spread, sigma = measured["mu_spread"], measured["mean_sigma"]
    assert isinstance(spread, float)
    assert isinstance(sigma, float)
    if spread < NEGLIGIBLE * sigma:
        yield Note(
            f"With these first weights the encoder says nearly the same of every sentence: mu differs by {spread:.2g} "
            f"beside a sigma of {sigma:.2g}. So z is noise while the decoder learns, which may learn to do without. "
            "Wider ones tell sentences apart at once: “First weights: wide” in the form of a new training, or "
            "--set model.initialisation=wide",
            "warning",
        )


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
            f"A lower train.learning_rate or train.clip may help.",
            "warning",
        )
    if not learners:
        reasons = "; ".join(f"{name}: {each['reason']}" for name, each in failures(run).items())
        raise LoomError(
            f"No variant of run {run.name!r} is left that learns ({reasons}).",
            "Train a new run with a lower learning rate: --set train.learning_rate=0.0005",
        )


def _nothing_to_do(run: Run, corpus: Corpus) -> str:
    """What is said of a run that has finished, where it was to go on."""
    steps = run.settings.train.steps
    longer = f"python main.py train {corpus.name} --run NAME --steps {2 * steps}"
    return (
        f"Run {run.name!r} has finished: all of its {steps:,} steps were trained before, and nothing was trained now. "
        f"Another run can be longer: {longer}"
    )


def _how_to_go_on(run: Run) -> str:
    """What is kept of a run whose processes have lost each other, and what to do now."""
    kept = [
        set(run.checkpoints(each.name).resumable_steps()) for each in run.variants if each.name not in failures(run)
    ]
    good = max(set.intersection(*kept), default=0) if kept else 0
    what = f"The checkpoint of step {good:,} is good" if good else "There is no checkpoint yet"
    return f"{what}: start all processes again with the same torchrun command and --resume."


def _newest_common_step(run: Run, learners: list[Learner]) -> int:
    steps = {learner.variant.name: learner.checkpoints.resumable_steps() for learner in learners}
    if not steps:
        reasons = "; ".join(f"{name}: {each['reason']}" for name, each in failures(run).items())
        raise LoomError(
            f"Every variant of run {run.name!r} was stopped ({reasons}).", "Train a new run with --run NAME."
        )
    common = set.intersection(*(set(each) for each in steps.values()))
    # A run killed while it wrote its very first checkpoint has at most one of each; any other has lost files.
    if not common and max(len(learner.checkpoints.steps()) for learner in learners) > 1:
        listed = "; ".join(f"{name}: {', '.join(map(str, each)) or 'none'}" for name, each in steps.items())
        raise LoomError(
            f"The variants of run {run.name!r} have no checkpoint in common (steps {listed}).",
            "Copy the missing files back, or train a new run with --run NAME.",
        )
    return max(common, default=0)


@contextmanager
def lock_step(
    device: torch.device, alone: bool = True
) -> Iterator[Callable[[list[Learner], Callable[[Learner], T]], list[T]]]:
    """Give a function that does one piece of work with every learner and returns the results when all are done.

    With one thread per operation, the numbers do not depend on how many cores share the learners.

    Args:
        device: where the learners are.
        alone: whether no other process has to meet this one in the middle of a piece of work. On a CPU the learners
            take turns if one has: all processes must meet over the same learner.
    """
    if device.type == "cuda":
        yield _Streams(device)
        return
    if device.type != "cpu" or not alone:
        yield lambda learners, work: [work(learner) for learner in learners]
        return
    know_the_processor()
    threads_before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(cores(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield lambda learners, work: list(pool.map(work, learners))
    finally:
        torch.set_num_threads(threads_before)


class _Streams:
    """Starts every learner's work on a CUDA stream of its own, so that small kernels overlap."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._streams: dict[str, torch.cuda.Stream] = {}

    def __call__(self, learners: list[Learner], work: Callable[[Learner], T]) -> list[T]:
        now = torch.cuda.current_stream(self._device)
        results = []
        for learner in learners:
            stream = self._streams.setdefault(learner.variant.name, torch.cuda.Stream(self._device))
            stream.wait_stream(now)  # the batch is made on the stream of the loop
            with torch.cuda.stream(stream):
                results.append(work(learner))
        for stream in self._streams.values():
            now.wait_stream(stream)
        return results


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
