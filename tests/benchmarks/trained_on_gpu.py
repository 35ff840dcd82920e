"""Trainings of a text made from a seed, as `on_gpu` times them: kernel by kernel and by graphs."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import TrainConfig
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.decoding.decode import decode
from engine.decoding.options import DecodeOptions
from engine.encoding.encode import encode
from engine.errors import Stopped
from engine.events import Note
from engine.models import cross_entropy, softmax_kernel
from engine.models.trained import load_model
from engine.models.widening import MULTIPLE
from engine.runs.metrics import read_lines
from engine.runs.run import CorpusReference, Run, RunSettings, now
from engine.session import Session, live_milliseconds
from engine.training.batching import BatchPlan
from engine.training.graphs.stepping import GraphSteps
from engine.training.learner import Learner
from engine.training.loading import load_batch
from engine.training.lock_step import lock_step
from engine.training.loop import train
from engine.training.plan import Document, make_plan
from engine.workspace import Workspace

How = Literal["eager", "apart", "together", "found"]
"""How steps are taken: kernel by kernel; recorded, of variants beside each other or together; as `train` finds out."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        plan: of the training, as `make_plan` takes it.
        other: of one whose recurrent layers cuDNN takes in one kernel that stays on the card from word to word.
        sentences, vocabulary: of the text.
        curve: steps of the curves that are compared.
        fixed: lengths whose steps are timed by themselves.
        timed: steps of the graphs over the text that are timed, and at each fixed length; of the eager way a quarter.
        decoded: sentences that are decoded greedily; by beam a quarter.
    """

    plan: Document = field(default_factory=lambda: {"preset": "paper"})
    other: Document = field(default_factory=lambda: {"preset": "demo"})
    sentences: int = 120_000
    vocabulary: int = 20_000
    curve: int = 200
    fixed: tuple[int, ...] = (8, 17, 30)
    timed: int = 200
    decoded: int = 8192


def write_text(path: Path, sentences: int, vocabulary: int) -> Path:
    """Sentences of 5 to 30 words, most of them of 8 to 20, of words as rare as those of a language (Zipf)."""
    random = np.random.default_rng(0)
    lengths = np.clip(random.gamma(3.2, 4.2, sentences).astype(np.int64) + 4, 5, 30)
    letters = [chr(ord("a") + number) for number in range(26)]
    names = ["".join(each) for each in itertools.islice(itertools.product(letters, repeat=4), vocabulary + 500)]
    shares = 1.0 / np.arange(10, len(names) + 10)
    words = random.choice(len(names), size=int(lengths.sum()), p=shares / shares.sum())
    with open(path, "w", encoding="ascii") as handle:
        begin = 0
        for length in lengths.tolist():
            handle.write(" ".join(names[word] for word in words[begin : begin + length]) + "\n")
            begin += length
    return path


class Bench:
    """A text, trainings on it, and what is found.

    Args:
        sizes: how much is measured.
        root: an empty folder.
        device: where.
    """

    def __init__(self, sizes: Sizes, root: Path, device: torch.device) -> None:
        self.sizes, self.device, self.workspace = sizes, device, Workspace(root)
        text = write_text(root / "text.txt", sizes.sentences, sizes.vocabulary)
        request = CorpusRequest(source=str(text), name="bench", vocabulary=sizes.vocabulary, tokenised=True)
        list(prepare_corpus(request, self.workspace.corpus("bench")))
        self.corpus = Corpus.open(self.workspace.corpus("bench"))
        self.notes: list[str] = []

    def run(self, name: str, plan_of: Document | None = None, **changed: object) -> Run:
        """A run of a plan's variants (the usual one's if None), with some settings of the training changed."""
        plan = make_plan(self.sizes.plan if plan_of is None else plan_of, len(self.corpus.vocabulary))
        settings = RunSettings(
            name=name,
            created=now(),
            corpus=CorpusReference(
                name="bench",
                fingerprint=self.corpus.fingerprint,
                source="a seed",
                min_words=5,
                max_words=30,
                test_fraction=0.1,
                seed=0,
            ),
            model=plan.model,
            train=TrainConfig.model_validate({**plan.train.model_dump(), **changed}),
            variants=plan.variants,
        )
        return Run.create(self.workspace.new_run(name), settings, self.corpus.vocabulary)

    def curve(self, name: str, how: How, stop: int | None = None) -> dict[str, list[float]]:
        """The losses that a training logs, of every variant; nats a sentence, a mean over ten steps.

        Args:
            name: of the run.
            how: steps are taken.
            stop: after so many steps it is stopped and resumed.
        """
        steps = self.sizes.curve
        run = self.run(name, steps=steps, log_every=10, checkpoint_every=steps)
        asked = itertools.count()
        try:
            self._train(run, how, lambda: stop is not None and next(asked) == stop)
        except Stopped:
            self._train(Run.open(run.path), how, lambda: False)
        found = {}
        for variant in run.variants:
            lines = [line for line in read_lines(run.metrics_path(variant.name)) if line["split"] == "train"]
            found[variant.name] = [-line["trained_objective"] for line in lines]
        return found

    def _train(self, run: Run, how: How, should_stop: Callable[[], bool]) -> None:
        way = None if how in ("eager", "found") else how
        with mock.patch("engine.training.loop.GraphSteps", partial(GraphSteps, way=way)):
            for event in train(self.corpus, run, self.device, should_stop, graphs=how != "eager"):
                if isinstance(event, Note) and event.text not in self.notes:
                    self.notes.append(event.text)
                    print(f"  note: {event.text}", flush=True)

    def speed(
        self,
        rows: Callable[[int], NDArray[np.int64]],
        name: str,
        how: Literal["eager", "apart", "together"],
        spread: float,
        multiple: int = MULTIPLE,
        profiled: bool = False,
        plan_of: Document | None = None,
    ) -> dict[str, float]:
        """Milliseconds a lock-step iteration, and words and ends a second, through all variants.

        Args:
            rows: the sentences of a step.
            name: of the run, which is thrown away.
            how: steps are taken.
            spread: of the lengths in a batch.
            multiple: of the widths of the layers that graphs have.
            profiled: whether the kernels are listed instead.
            plan_of: the training; the usual one if None.
        """
        run = self.run(name, plan_of, length_spread=spread)
        learners = [Learner(run, variant, self.device) for variant in run.variants]
        config, model = run.settings.train, run.settings.model
        # The usual way takes every fourth of the same steps, so that its batches are as long.
        timed = range(1000, 1000 + self.sizes.timed)[:: 4 if how == "eager" else 1]
        lengths, longest = self.corpus.train.lengths, int(self.corpus.train.lengths.max())
        with lock_step(self.device) as in_lock_step:
            if how != "eager":
                steps = GraphSteps(self.corpus.train, lengths, model, learners, self.device, multiple, how)
                began = self._now()
                # Every shape of the timed steps twice as it is recorded, and once as it is replayed.
                shapes = {steps.shapes.of(lengths[rows(number)]): number for number in timed}
                for number in [*shapes.values()] * 3:
                    steps.step(in_lock_step, learners, rows(number), number)
                print(f"  {steps.captured} graphs of {len(shapes)} shapes within {self._now() - began:.1f} s")
                for text in steps.told():
                    print(f"  note: {text}")
                if self.device.type == "cuda" and not steps.captured:
                    raise RuntimeError("There are no graphs, so that nothing was measured of them.")

                def take(number: int) -> int:
                    return steps.step(in_lock_step, learners, rows(number), number)
            else:

                def take(number: int) -> int:
                    batch = load_batch(
                        self.corpus.train, rows(number), config, number, model.latent, self.device, longest=longest
                    )
                    in_lock_step(learners, lambda learner: learner.step(batch, number))
                    return batch.tokens

                # Every width once, as memory and modules of the library are had for it at first.
                for number in {int(lengths[rows(number)].max()): number for number in timed}.values():
                    take(number)
            if profiled:
                self._profile(take, timed[:5])
                return {}
            began = self._now()
            tokens = sum(map(take, timed))
            seconds = self._now() - began
        return {"ms": 1e3 * seconds / len(timed), "tokens_per_s": tokens / seconds}

    def of_length(self, length: int) -> Callable[[int], NDArray[np.int64]]:
        """The sentences of a step all of whose sentences have one length."""
        having = np.flatnonzero(self.corpus.train.lengths == length)
        batch = make_plan(self.sizes.plan, len(self.corpus.vocabulary)).train.batch
        return lambda step: np.random.default_rng([length, step]).choice(having, batch)

    def over_the_text(
        self, spread: float | None = None, plan_of: Document | None = None
    ) -> tuple[Callable[[int], NDArray[np.int64]], float]:
        """The sentences of a step as a training has them, and the spread of its lengths: the plan's, or another."""
        config = make_plan(self.sizes.plan if plan_of is None else plan_of, len(self.corpus.vocabulary)).train
        spread = config.length_spread if spread is None else spread
        return BatchPlan(self.corpus.train.lengths, config.batch, 0, spread).indices, spread

    def encoded(self, run: Run) -> float:
        """Sentences a second through one variant, as `encode` takes and writes them."""
        began = self._now()
        list(encode(run, self.workspace, device=self.device.type))
        return len(self.corpus.test) * len(run.variants) / (self._now() - began)

    def decoded(self, run: Run, options: DecodeOptions, count: int) -> float:
        """Sentences a second that a variant writes from z ~ N(0, I)."""
        model = load_model(run, run.variants[0].name, self.device)
        z = torch.randn((count, model.latent), generator=torch.Generator().manual_seed(0)).to(self.device)
        decode(model, z[: max(1, count // 4)], options, 30, 5)
        began = self._now()
        decode(model, z, options, 30, 5)
        return count / (self._now() - began)

    def one_sentence(self, run: Run) -> tuple[float, float]:
        """Milliseconds for a sentence of every variant, here and on the CPU, with one thread as in the window."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            here, on_cpu = (live_milliseconds(Session.load(run, name)) for name in (self.device.type, "cpu"))
        finally:
            torch.set_num_threads(before)
        return here, on_cpu

    def _profile(self, take: Callable[[int], int], steps: Sequence[int]) -> None:
        """Print which kernels steps of a training spend their time in."""
        kinds = [torch.profiler.ProfilerActivity.CPU]
        if self.device.type == "cuda":
            kinds.append(torch.profiler.ProfilerActivity.CUDA)
        with torch.profiler.profile(activities=kinds) as profile:
            for number in steps:
                take(number)
            self._now()
        sort = f"self_{self.device.type}_time_total"
        print(f"\nprofile of {len(steps)} steps over the text")
        print(profile.key_averages().table(sort_by=sort, row_limit=18, max_name_column_width=70), flush=True)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


@contextmanager
def as_before(single: bool = False) -> Iterator[None]:
    """The output layer in passes over float32 logits; with `single` every product in float32 too."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(cross_entropy, "IN_PLACE", set()))
        if single:
            stack.enter_context(mock.patch("engine.training.gradients.autocast", return_value=nullcontext()))
            stack.callback(setattr, torch.backends.cudnn, "allow_tf32", torch.backends.cudnn.allow_tf32)
            torch.backends.cudnn.allow_tf32 = False
        yield


def forget(device: torch.device) -> None:
    """Count the memory of a GPU from here on."""
    gc.collect()
    if device.type == "cuda":
        with suppress(RuntimeError):  # torch 2.11 refuses this after a capture that failed
            torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


@contextmanager
def without_kernel() -> Iterator[None]:
    """The output layer by torch's operations."""
    with mock.patch.object(softmax_kernel, "kernel_works", return_value=False):
        yield
