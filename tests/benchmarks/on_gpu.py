"""Training, encoding and decoding on one NVIDIA GPU, today's way beside graphs, within four minutes: `make bench-gpu`.

    python -m tests.benchmarks.on_gpu

It needs no network: the text is made from a seed. Without a GPU it ends with code 2. The way of before is started
kernel by kernel, with the output layer in float32 passes. The last line is JSON; `losses_agree` says whether the curves
of the first steps meet those of the eager way in float32 within `AT_ONE_LINE` and `ON_AVERAGE`, which are printed with
them, and whether a training that was stopped half-way and resumed goes on along the same curve.
"""

from __future__ import annotations

import gc
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import TrainConfig
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.decoding.decode import decode
from engine.decoding.options import DecodeOptions
from engine.device import choose_device, device_name
from engine.encoding.encode import encode
from engine.errors import Stopped, UsageError
from engine.events import Note
from engine.models import cross_entropy
from engine.models.trained import load_model
from engine.runs.metrics import read_lines
from engine.runs.run import CorpusReference, Run, RunSettings, now
from engine.training.batching import BatchPlan
from engine.training.graphs.stepping import GraphSteps
from engine.training.learner import Learner
from engine.training.loading import load_batch
from engine.training.lock_step import lock_step
from engine.training.loop import train
from engine.training.plan import Document, make_plan
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware

AT_ONE_LINE = 0.01
"""Share by which the loss of one log line may differ: products in bf16 are rounded to a share of 0.004."""
ON_AVERAGE = 0.003
"""The same of the mean over all lines and variants, in which rounding cancels out and a mistake does not."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        plan: of the training, as `make_plan` takes it.
        sentences, vocabulary: of the text.
        curve: steps of the curves that are compared.
        fixed: lengths whose steps are timed by themselves.
        timed: steps of the graphs over the text that are timed, and at each fixed length; of the eager way a quarter.
        recording: steps at most until all shapes are recorded.
        decoded: sentences that are decoded greedily; by beam a quarter.
    """

    plan: Document = field(default_factory=lambda: {"preset": "paper"})
    sentences: int = 120_000
    vocabulary: int = 20_000
    curve: int = 200
    fixed: tuple[int, ...] = (8, 17, 30)
    timed: int = 200
    recording: int = 300
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

    def run(self, name: str, **changed: object) -> Run:
        """A run of the plan's variants, with some settings of the training changed."""
        plan = make_plan(self.sizes.plan, len(self.corpus.vocabulary))
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

    def curve(self, name: str, graphs: bool, stop: int | None = None) -> dict[str, list[float]]:
        """The losses that a training logs, of every variant; nats a sentence, a mean over ten steps."""
        steps = self.sizes.curve
        run = self.run(name, steps=steps, log_every=10, checkpoint_every=steps)
        asked = itertools.count()
        try:
            self._train(run, graphs, lambda: stop is not None and next(asked) == stop)
        except Stopped:
            self._train(Run.open(run.path), graphs, lambda: False)
        found = {}
        for variant in run.variants:
            lines = [line for line in read_lines(run.metrics_path(variant.name)) if line["split"] == "train"]
            found[variant.name] = [-line["trained_objective"] for line in lines]
        return found

    def _train(self, run: Run, graphs: bool, should_stop: Callable[[], bool]) -> None:
        for event in train(self.corpus, run, self.device, should_stop, graphs=graphs):
            if isinstance(event, Note) and event.text not in self.notes:
                self.notes.append(event.text)
                print(f"  note: {event.text}", flush=True)

    def speed(
        self, rows: Callable[[int], NDArray[np.int64]], name: str, graphs: bool, spread: float
    ) -> dict[str, float]:
        """Milliseconds a lock-step iteration, and words and ends a second, through all variants.

        Args:
            rows: the sentences of a step.
            name: of the run, which is thrown away.
            graphs: whether steps are replayed once they are recorded.
            spread: of the lengths in a batch.
        """
        run = self.run(name, length_spread=spread)
        learners = [Learner(run, variant, self.device) for variant in run.variants]
        config, model = run.settings.train, run.settings.model
        count = self.sizes.timed if graphs else max(2, self.sizes.timed // 4)
        lengths, longest = self.corpus.train.lengths, int(self.corpus.train.lengths.max())
        with lock_step(self.device) as in_lock_step:
            if graphs:
                steps = GraphSteps(self.corpus.train, lengths, model, learners, self.device)
                quiet = step = 0
                while quiet < 5 and step < self.sizes.recording:
                    before = steps.replays
                    steps.step(in_lock_step, learners, rows(step), step)
                    quiet = quiet + 1 if steps.replays == before + len(learners) else 0
                    step += 1

                def take(number: int) -> int:
                    return steps.step(in_lock_step, learners, rows(number), number)
            else:

                def take(number: int) -> int:
                    batch = load_batch(
                        self.corpus.train, rows(number), config, number, model.latent, self.device, longest=longest
                    )
                    in_lock_step(learners, lambda learner: learner.step(batch, number))
                    return batch.tokens

                for step in range(3):
                    take(step)
            began = self._now()
            tokens = sum(take(number) for number in range(1000, 1000 + count))
            seconds = self._now() - began
            if graphs and name == "graphs-corpus":
                self._profile(take)
        return {"ms": 1e3 * seconds / count, "tokens_per_s": tokens / seconds}

    def of_length(self, length: int) -> Callable[[int], NDArray[np.int64]]:
        """The sentences of a step all of whose sentences have one length."""
        having = np.flatnonzero(self.corpus.train.lengths == length)
        batch = make_plan(self.sizes.plan, len(self.corpus.vocabulary)).train.batch
        return lambda step: np.random.default_rng([length, step]).choice(having, batch)

    def over_the_text(self) -> tuple[Callable[[int], NDArray[np.int64]], float]:
        """The sentences of a step as a training has them, and the spread of its lengths."""
        config = make_plan(self.sizes.plan, len(self.corpus.vocabulary)).train
        return BatchPlan(self.corpus.train.lengths, config.batch, 0, config.length_spread).indices, config.length_spread

    def rates(self, run: Run) -> dict[str, float]:
        """Sentences a second through one variant: encoded as `encode` does it, and decoded from their mu."""
        began = self._now()
        list(encode(run, self.workspace, device=self.device.type))
        sentences = len(self.corpus.test) * len(run.variants)
        found = {"encode_sentences_per_s": sentences / (self._now() - began)}
        model = load_model(run, run.variants[0].name, self.device)
        z = torch.randn((self.sizes.decoded, model.latent), generator=torch.Generator().manual_seed(0)).to(self.device)
        for name, options, part in (
            ("greedy", DecodeOptions(method="greedy"), z),
            ("beam10", DecodeOptions(beam=10), z[: len(z) // 4]),
        ):
            decode(model, part[: max(1, len(part) // 4)], options, 30, 5)
            began = self._now()
            decode(model, part, options, 30, 5)
            found[f"{name}_sentences_per_s"] = len(part) / (self._now() - began)
        return found

    def _profile(self, take: Callable[[int], int]) -> None:
        """Print which kernels the steps of a training spend their time in."""
        kinds = [torch.profiler.ProfilerActivity.CPU]
        if self.device.type == "cuda":
            kinds.append(torch.profiler.ProfilerActivity.CUDA)
        with torch.profiler.profile(activities=kinds) as profile:
            for number in range(2000, 2005):
                take(number)
            self._now()
        sort = f"self_{self.device.type}_time_total"
        print("\nprofile of five steps over the text")
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
            stack.enter_context(mock.patch("engine.training.gradients.autocast", nullcontext))
            stack.callback(setattr, torch.backends.cudnn, "allow_tf32", torch.backends.cudnn.allow_tf32)
            torch.backends.cudnn.allow_tf32 = False
        yield


def agree(plain: dict[str, list[float]], other: dict[str, list[float]]) -> bool:
    """Whether two sets of curves are the same but for rounding."""
    if any(len(curve) != len(other[name]) for name, curve in plain.items()):
        return False
    first, second = (np.array([curves[name] for name in plain]) for curves in (plain, other))
    if not np.isfinite(second).all():
        return False
    differences = (second - first) / np.abs(first)
    return bool(np.abs(differences).max() <= AT_ONE_LINE and abs(differences.mean()) <= ON_AVERAGE)


def print_curves(curves: dict[str, dict[str, list[float]]]) -> None:
    """One line every ten steps: of each variant the loss in every way."""
    ways = list(curves)
    print(f"\nloss, nats a sentence, means of ten steps: {', '.join(ways)}")
    print(f"agree within {AT_ONE_LINE:.1%} at a line and {ON_AVERAGE:.1%} on average, which is what bf16 explains")
    names = list(curves[ways[0]])
    for line in range(len(curves[ways[0]][names[0]])):
        cells = ("  ".join(f"{curves[way][name][line]:9.3f}" for way in ways) for name in names)
        print(f"{10 * (line + 1):5d}  " + "   |".join(cells))
    print(f"       {' | '.join(names)}", flush=True)


def measure(sizes: Sizes, root: Path, device: torch.device) -> dict[str, object]:
    """Print everything, and give what the last line says."""
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"[{time.perf_counter() - began:5.1f} s] {text}", flush=True)

    bench = Bench(sizes, root, device)
    say(f"text of {len(bench.corpus.train):,} sentences, {len(bench.corpus.vocabulary):,} words")
    rows, spread = bench.over_the_text()
    graph_ms: dict[str, float] = {}
    for length in sizes.fixed:
        with as_before():
            eager = bench.speed(bench.of_length(length), f"eager-{length}", False, 1.0)
        graphs = bench.speed(bench.of_length(length), f"graphs-{length}", True, 1.0)
        graph_ms[str(length)] = round(graphs["ms"], 3)
        say(f"{length:2d} words: {eager['ms']:.2f} ms before, {graphs['ms']:.2f} ms by graphs")
    with as_before():
        eager = bench.speed(rows, "eager-corpus", False, spread)
    if device.type == "cuda":
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    graphs = bench.speed(rows, "graphs-corpus", True, spread)
    graph_ms["corpus"] = round(graphs["ms"], 3)
    peak = torch.cuda.max_memory_reserved(device) / 2**30 if device.type == "cuda" else 0.0
    say(
        f"over the text: {eager['ms']:.2f} ms before ({eager['tokens_per_s']:,.0f} tokens/s), "
        f"{graphs['ms']:.2f} ms by graphs ({graphs['tokens_per_s']:,.0f}), {eager['ms'] / graphs['ms']:.1f} x as fast"
    )
    curves = {"by graphs": bench.curve("curve-graphs", True)}
    say("curve by graphs")
    curves["stopped and resumed"] = bench.curve("curve-resumed", True, sizes.curve // 2)
    say("curve of a resumed training")
    with as_before(single=True):
        curves["eager in float32"] = bench.curve("curve-eager", False)
    say("curve of the eager way in float32")
    print_curves(curves)
    plain = curves["eager in float32"]
    rates = bench.rates(Run.open(bench.workspace.run("curve-graphs")))
    say(", ".join(f"{name} {value:,.0f}" for name, value in rates.items()))
    return {
        "card": device_name(device),
        "eager_ms": round(eager["ms"], 3),
        "graph_ms": graph_ms,
        "tokens_per_s": round(graphs["tokens_per_s"]),
        **{name: round(value, 1) for name, value in rates.items()},
        "peak_gib": round(peak, 2),
        "losses_agree": agree(plain, curves["by graphs"]) and agree(plain, curves["stopped and resumed"]),
    }


def main() -> int:
    """Measure on the GPU there is; 2 without one."""
    try:
        choose_device("cuda")
    except UsageError as error:
        print(
            f"There is no GPU to measure on: {error.message} It takes an NVIDIA GPU and a torch for it.",
            file=sys.stderr,
        )
        return 2
    print(hardware(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Sizes(), Path(folder), torch.device("cuda", torch.cuda.current_device()))
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
