"""Training: every variant of a run in lock-step on the same batches.

The loop is visible whole in `train`. The words dropped and the noise of z are shared by all variants, and both are
pure functions of (seed, step), as are the batches: a run that was killed and resumed goes through exactly the numbers
of one that was not.

On a CPU each variant's step runs in a thread of its own with one core, which keeps the cores busy without splitting
small matrix products; on an accelerator the variants take turns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from filelock import FileLock, Timeout
from torch import Tensor

from engine.batching import BatchPlan
from engine.config import TrainConfig, Variant
from engine.corpus.store import Corpus, SentenceStore
from engine.device import cores
from engine.errors import LoomError, Stopped
from engine.events import Done, Event, Note, Progress, TrainStep
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE
from engine.objective import ElboTerms, gaussian_kl, loss, reparameterise, summary
from engine.schedules import kl_weight, learning_rate
from engine.storage.files import write_text
from engine.storage.run import Run, RunSettings

T = TypeVar("T")

EVALUATED = 1024
"""Test sentences on which every variant is measured at each checkpoint."""


def train(
    corpus: Corpus, run: Run, device: torch.device, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Train a run from its newest common checkpoint (or the start) to its last step.

    Args:
        corpus: the text; its fingerprint must be the run's.
        run: created or reopened; its settings say everything else.
        device: where the models live.
        should_stop: asked before every step; when True, a checkpoint is written and `Stopped` raised.

    Yields:
        Progress, TrainStep at every log step, and Done with the test set's terms per variant.

    Raises:
        LoomError: the corpus is another one, or a checkpoint cannot be read or written.
        Stopped: `should_stop` said so.
    """
    check_corpus(corpus, run.settings)
    with _only_writer(run):
        yield from _train(corpus, run, device, should_stop)


def _train(corpus: Corpus, run: Run, device: torch.device, should_stop: Callable[[], bool]) -> Iterator[Event]:
    config = run.settings.train
    learners = [Learner(run, variant, device) for variant in run.variants]
    start = _newest_common_step(run)
    if start:
        for learner in learners:
            learner.restore(start)
        yield Note(f"Going on from step {start:,}.")
    logs = [MetricsLog(run, variant.name, start) for variant in run.variants]
    plan = BatchPlan(corpus.train.lengths, config.batch, config.seed)
    began = last_log = time.perf_counter()
    tokens = 0
    saved = start

    with lock_step(learners, device) as in_lock_step:
        for step in range(start, config.steps):
            if should_stop():
                _save(learners, step)
                raise Stopped(
                    f"Stopped after step {step:,} of {config.steps:,}; a checkpoint holds everything so far.",
                    "The same command with --resume goes on from there.",
                )
            batch = load_batch(corpus.train, plan.indices(step), config, step, run.settings.model.latent, device)
            in_lock_step(partial(Learner.step, batch=batch, step=step))
            tokens += batch.tokens

            if (step + 1) % config.log_every == 0 or step + 1 == config.steps:
                now = time.perf_counter()
                rate = tokens / (now - last_log)
                terms = {learner.variant.name: learner.averages(step) for learner in learners}
                for log in logs:
                    log.add({"step": step + 1, "split": "train", **terms[log.variant], "tokens_per_second": rate})
                yield TrainStep(step + 1, config.steps, terms, rate, now - began)
                last_log, tokens = now, 0

            if (step + 1) % config.checkpoint_every == 0 or step + 1 == config.steps:
                measured = in_lock_step(partial(Learner.evaluate, store=corpus.test))
                for log, values in zip(logs, measured, strict=True):
                    log.add({"step": step + 1, "split": "test", **values})
                _save(learners, step + 1)
                saved = step + 1
                last_log, tokens = time.perf_counter(), 0
                yield Progress("checkpoint", step + 1, config.steps, "step")

    if saved != config.steps:
        _save(learners, config.steps)
    yield Done(_result(run, learners, corpus, time.perf_counter() - began))


@dataclass(frozen=True, slots=True)
class Batch:
    """What every variant sees at a step."""

    words: Tensor  # (batch, time) ids, padded at the right
    lengths: Tensor  # (batch,)
    dropped: Tensor  # (batch, time) True where word drop hides the word from the decoder
    noise: Tensor  # (batch, latent) standard normal, for z
    tokens: int  # words and EOS


def load_batch(
    store: SentenceStore,
    indices: np.ndarray,
    config: TrainConfig,
    step: int,
    latent: int,
    device: torch.device,
) -> Batch:
    """The batch of a step, with its word drop and its noise."""
    ids, lengths = store.batch(indices)
    random = torch.Generator().manual_seed(_step_seed(config.seed, step))
    dropped = torch.rand(ids.shape, generator=random) < config.word_drop
    noise = torch.randn((len(ids), latent), generator=random)
    tokens = int(lengths.sum()) + len(lengths)
    on_device = [torch.from_numpy(ids), torch.from_numpy(lengths), dropped, noise]
    words, counts, dropped, noise = (tensor.to(device, non_blocking=True) for tensor in on_device)
    return Batch(words, counts, dropped, noise, tokens)


class Learner:
    """One variant in training: its model, its optimiser and its running sums."""

    def __init__(self, run: Run, variant: Variant, device: torch.device) -> None:
        self.variant = variant
        self.checkpoints = run.checkpoints(variant.name)
        self._config = run.settings.train
        self._device = device
        self.model: SentenceVAE = build(run.settings.model, self._config.seed).to(device)
        self._optimiser = torch.optim.Adam(self.model.parameters(), lr=self._config.learning_rate, fused=True)
        self._sums = torch.zeros(2, device=device)
        self._sentences = 0

    def step(self, batch: Batch, step: int) -> None:
        """One optimiser step on the AutoGen bound."""
        weight = kl_weight(self.variant.kl_schedule, step)
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(self._config, step)
        with _autocast(self._device):
            mu, logvar = self.model.encode(batch.words, batch.lengths)
            kl = gaussian_kl(mu.float(), logvar.float()).sum(dim=1)
            z = reparameterise(mu.float(), logvar.float(), batch.noise)
            likelihood = self.model.likelihood(
                batch.words, batch.lengths, z, dropped=batch.dropped, drop_to=self._config.word_drop_to
            )
        loss(likelihood.total, kl, self.variant.m, weight).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._config.clip)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        terms = ElboTerms(-likelihood.nll, kl.detach())
        self._sums += torch.stack([terms.reconstruction.sum(), terms.kl.sum()])
        self._sentences += len(kl)

    def averages(self, step: int) -> dict[str, float]:
        """Mean terms since the last call (with word drop), nats per sentence."""
        reconstruction, kl = (self._sums / max(1, self._sentences)).tolist()
        self._sums.zero_()
        self._sentences = 0
        return summary(reconstruction, kl, self.variant.m, kl_weight(self.variant.kl_schedule, step))

    @torch.no_grad()
    def evaluate(self, store: SentenceStore) -> dict[str, float]:
        """Mean terms over the first `EVALUATED` test sentences, no word drop, one z ~ q(z|x) each."""
        count = min(EVALUATED, len(store))
        order = np.argsort(store.lengths[:count], kind="stable")
        random = torch.Generator().manual_seed(self._config.seed)
        noise = torch.randn((count, self.model.latent), generator=random)
        sums = torch.zeros(2, dtype=torch.float64)
        for start in range(0, count, self._config.batch):
            chosen = order[start : start + self._config.batch]
            ids, lengths = store.batch(chosen)
            words, counts = torch.from_numpy(ids).to(self._device), torch.from_numpy(lengths).to(self._device)
            mu, logvar = self.model.encode(words, counts)
            z = reparameterise(mu, logvar, noise[torch.from_numpy(chosen)].to(self._device))
            nll = self.model.likelihood(words, counts, z).nll
            sums += torch.stack([-nll.sum(), gaussian_kl(mu, logvar).sum()]).double().cpu()
        reconstruction, kl = (sums / count).tolist()
        return summary(reconstruction, kl, self.variant.m)

    def save(self, step: int) -> None:
        """Write the checkpoint of a step; the two newest are kept."""
        states = self._optimiser.state_dict()["state"]
        optimiser = {f"{index}.{key}": value for index, state in states.items() for key, value in state.items()}
        self.checkpoints.write(step, self.model.state_dict(), optimiser)

    def restore(self, step: int) -> None:
        """Take up the checkpoint of a step."""
        checkpoint = self.checkpoints.at(step)
        load_weights(self.model, checkpoint.weights(), str(checkpoint.weights_path))
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in checkpoint.optimiser().items():
            index, key = name.split(".", 1)
            states.setdefault(int(index), {})[key] = tensor
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": states})


def load_weights(model: SentenceVAE, weights: dict[str, Tensor], source: str) -> None:
    """Put stored weights (single or half precision) into a model.

    Raises:
        LoomError: names or shapes are not the model's; the first that differs is named.
    """
    expected = model.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        have, want = weights.get(name), expected.get(name)
        if have is None or want is None or have.shape != want.shape:
            shapes = [tuple(each.shape) if each is not None else "nothing" for each in (have, want)]
            raise LoomError(
                f"{source}: {name} has {shapes[0]} where the model's settings ask for {shapes[1]}.",
                "The checkpoint belongs to another run.json; both must come from the same training.",
            )
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})


class MetricsLog:
    """metrics.jsonl of a variant: one JSON object a line, appended whole."""

    def __init__(self, run: Run, variant: str, start: int) -> None:
        self.variant = variant
        self._path = run.metrics_path(variant)
        # What was logged after the checkpoint that is taken up will be logged again.
        kept = [line for line in read_metrics(run, variant) if line["step"] <= start]
        write_text(self._path, "".join(json.dumps(line) + "\n" for line in kept))

    def add(self, line: dict[str, float | str]) -> None:
        """Append a line."""
        with open(self._path, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(line) + "\n")


def read_metrics(run: Run, variant: str) -> list[dict[str, Any]]:
    """The logged lines; a torn last line (the machine stopped while it was written) is left out."""
    path = run.metrics_path(variant)
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            break
    return lines


def _save(learners: list[Learner], step: int) -> None:
    for learner in learners:
        learner.save(step)
    # Only once every variant has the new one: the newest step that all have must never be deleted.
    for learner in learners:
        learner.checkpoints.keep(2)


def _newest_common_step(run: Run) -> int:
    steps = {variant.name: run.checkpoints(variant.name).steps() for variant in run.variants}
    common = set.intersection(*(set(each) for each in steps.values()))
    # A run killed while it wrote its very first checkpoint has at most one of each; any other has lost files.
    if not common and max(map(len, steps.values())) > 1:
        listed = "; ".join(f"{name}: {', '.join(map(str, each)) or 'none'}" for name, each in steps.items())
        raise LoomError(
            f"The variants of run {run.name!r} have no checkpoint in common (steps {listed}).",
            "Copy the missing files back, or train a new run with --run NAME.",
        )
    return max(common, default=0)


def _step_seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)


def _autocast(device: torch.device) -> AbstractContextManager[object]:
    """bf16 on CUDA, where it is faster; on the CPUs measured it is slower than float32 in the output layer."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


@contextmanager
def lock_step(
    learners: Sequence[Learner], device: torch.device
) -> Iterator[Callable[[Callable[[Learner], T]], list[T]]]:
    """Give a function that does one piece of work with every learner and returns the results when all are done.

    With one thread per operation, the numbers do not depend on how many cores share the learners.
    """
    threads_before = torch.get_num_threads()
    if device.type != "cpu":
        yield lambda work: [work(learner) for learner in learners]
        return
    torch.set_num_threads(1)
    try:
        workers = min(len(learners), cores())
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield lambda work: list(pool.map(work, learners))
    finally:
        torch.set_num_threads(threads_before)


@contextmanager
def _only_writer(run: Run) -> Iterator[None]:
    """Hold the run against a second training of it; the system lets go if this process is killed."""
    lock = FileLock(run.path / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LoomError(
            f"Run {run.name!r} is being trained by another process.",
            "Wait until that one has ended, or train another run with --run NAME.",
        ) from error
    try:
        yield
    finally:
        lock.release()


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


def _result(run: Run, learners: list[Learner], corpus: Corpus, seconds: float) -> dict[str, object]:
    done = sum(learner.checkpoints.newest().step for learner in learners[:1])
    variants = {}
    for learner in learners:
        test = [line for line in read_metrics(run, learner.variant.name) if line.get("split") == "test"]
        terms = test[-1] if test else learner.evaluate(corpus.test)
        keys = ("elbo", "reconstruction", "kl", "kl_share", "objective")
        variants[learner.variant.name] = {key: terms[key] for key in keys}
    rates = [
        line["tokens_per_second"] for line in read_metrics(run, learners[0].variant.name) if "tokens_per_second" in line
    ]
    return {
        "run": run.name,
        "corpus": corpus.name,
        "steps": done,
        "variants": variants,
        "tokens_per_second": float(np.median(rates)) if rates else 0.0,
        "seconds": seconds,
        "path": str(run.path),
    }
