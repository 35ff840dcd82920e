"""Training tokens and encoded sentences per second, with memory, beside a plain loop in the same run.

    python -m tests.benchmarks.bench_train

Four variants with the sizes of the demo and of the paper, on random words with realistic lengths. The reference takes
the same batches padded to the longest sentence of the corpus, one variant after the other, with all logits and torch's
cross-entropy. Speeds are medians over rounds in which both ways take turns; memory is the peak of a process that goes
one way only. Both ways must encode to the same numbers. They do not train alike, as the reference drops no words, but
all weights must stay numbers.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from engine.config import TrainConfig
from engine.corpus.vocabulary import BOS, EOS, PAD, SPECIALS, Vocabulary
from engine.device import choose_device
from engine.encoding.batches import encode_batch
from engine.models.objective import gaussian_kl
from engine.models.sentence_vae import Targets
from engine.runs.run import CorpusReference, Run, RunSettings, now
from engine.training.learner import Learner
from engine.training.loading import Batch
from engine.training.lock_step import lock_step
from engine.training.plan import Document, make_plan
from tests.benchmarks.apart import apart
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line

CASES = ("training, through all four variants", "encoding", "peak memory")
ROUNDS = 3
Encoded = dict[str, np.ndarray]
"""mu, logvar (batch, latent), nll, kl (batch,)."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is measured: a plan of a training on a vocabulary, with sentences between two lengths."""

    plan: Document
    vocabulary: int
    shortest: int
    longest: int
    steps: int


SIZES = {
    "demo": Sizes({"preset": "demo"}, 8000, 5, 16, steps=6),
    "paper": Sizes({"preset": "paper"}, 20_000, 5, 30, steps=1),
    "tiny": Sizes({"model": {"embedding": 8, "hidden": 16, "latent": 4}, "train": {"batch": 8}}, 100, 5, 9, steps=2),
}


class Bench:
    """Four learners, a few batches, and both ways to train and to encode with them."""

    def __init__(self, sizes: Sizes, folder: Path) -> None:
        self.sizes = sizes
        self.device = choose_device("auto")
        plan = make_plan(sizes.plan, sizes.vocabulary)
        words = (*SPECIALS, *(f"w{index}" for index in range(sizes.vocabulary - len(SPECIALS))))
        reference = CorpusReference(
            name="none", fingerprint="", source="", min_words=5, max_words=30, test_fraction=0.1, seed=0
        )
        settings = RunSettings(
            name="bench",
            created=now(),
            corpus=reference,
            model=plan.model,
            train=plan.train,
            variants=plan.variants,
        )
        run = Run.create(folder / "bench", settings, Vocabulary(words))
        self.config: TrainConfig = plan.train
        self.learners = [Learner(run, variant, self.device) for variant in run.variants]
        self.optimisers = [torch.optim.Adam(learner.model.parameters(), lr=1e-3) for learner in self.learners]
        self.batches = self._batches(plan.model.latent)

    @property
    def tokens(self) -> int:
        """Words and ends of one way through the batches."""
        return sum(batch.tokens for batch in self.batches)

    @property
    def sentences(self) -> int:
        """Sentences of one way through the batches."""
        return sum(batch.sentences for batch in self.batches)

    def train(self) -> None:
        """Every batch, in lock-step."""
        with lock_step(self.device) as in_lock_step:
            for step, batch in enumerate(self.batches):
                in_lock_step(self.learners, lambda learner, batch=batch, step=step: learner.step(batch, step))

    def train_plainly(self) -> None:
        """Every batch as the scripts of the field do it."""
        for batch in self.batches:
            for learner, optimiser in zip(self.learners, self.optimisers, strict=True):
                mu, logvar, nll = self._plain(learner, batch)
                loss = ((1 + learner.variant.m) * nll.sum() + gaussian_kl(mu, logvar).sum()) / batch.sentences
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(learner.model.parameters(), 5.0)
                optimiser.step()

    def encode(self) -> list[Encoded]:
        """Every batch through one variant, as `encode` does it."""
        found = []
        for batch in self.batches:
            arrays = (each.cpu().numpy() for each in (batch.words, batch.lengths, batch.noise))
            values = encode_batch(self.learners[0].model, *arrays)
            found.append({name: value.cpu().numpy() for name, value in values.items()})
        return found

    @torch.no_grad()
    def encode_plainly(self) -> list[Encoded]:
        """Every batch through one variant, padded and with all logits."""
        found = []
        for batch in self.batches:
            mu, logvar, nll = self._plain(self.learners[0], batch)
            values = {"mu": mu, "logvar": logvar, "nll": nll, "kl": gaussian_kl(mu, logvar).sum(dim=1)}
            found.append({name: value.cpu().numpy() for name, value in values.items()})
        return found

    def check(self) -> None:
        """Both ways encode to the same, and no training has broken a model."""
        for ours, plain in zip(self.encode(), self.encode_plainly(), strict=True):
            for name, values in plain.items():
                np.testing.assert_allclose(ours[name], values, rtol=1e-3, atol=1e-3, err_msg=name)
        for learner in self.learners:
            learner.check_weights()
            assert not learner.failed, f"{learner.variant.name}: {learner.failed}"

    def rate(self, work: Callable[[], object], amount: int) -> float:
        """Amount per second."""
        self._wait()
        began = time.perf_counter()
        work()
        self._wait()
        return amount / (time.perf_counter() - began)

    def _plain(self, learner: Learner, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """mu, logvar and nll (batch,) of a batch padded to the longest sentence of the corpus."""
        model, longest, size = learner.model, self.sizes.longest, batch.sentences
        words = pad(batch.words, (0, longest - batch.words.shape[1]), value=PAD)
        mu, logvar = model.encode(words, batch.lengths)
        z = mu + torch.exp(0.5 * logvar) * batch.noise
        inputs = torch.cat([words.new_full((size, 1), BOS), words], dim=1)
        features, _ = model.decoder(model.embedding(inputs), z, model.decoder.initial_state(z))
        logits = features @ model.embedding.weight.t() + model.output_bias
        targets = pad(batch.words, (0, 1), value=EOS)
        targets = pad(targets, (0, longest + 1 - targets.shape[1]), value=PAD)
        nll = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none")
        return mu, logvar, nll.view(size, -1).sum(dim=1)

    def _batches(self, latent: int) -> list[Batch]:
        """Batches of one length each, as bucketing makes them."""
        random = np.random.default_rng(0)
        size, made = self.config.batch, []
        for length in random.integers(self.sizes.shortest, self.sizes.longest - 2, self.sizes.steps):
            shape = (size, int(length))
            words = torch.from_numpy(random.integers(4, self.sizes.vocabulary, shape)).to(self.device)
            lengths = torch.full((size,), int(length), device=self.device)
            dropped = torch.from_numpy(random.random(shape) < self.config.word_drop).to(self.device)
            noise = torch.randn((size, latent), device=self.device)
            tokens = size * (int(length) + 1)
            made.append(Batch(words, lengths, Targets.of(words, lengths), dropped, noise, tokens, size))
        return made

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    for name in size.of(("demo", "paper"), ("tiny",)):
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(SIZES[name], Path(folder))
            print(f"{name} sizes, vocabulary {bench.sizes.vocabulary:,}, batch {bench.config.batch}, four variants")
            for what, way, plain, amount, unit in (
                ("training, through all four variants", bench.train, bench.train_plainly, bench.tokens, "tokens/s"),
                ("encoding, one variant", bench.encode, bench.encode_plainly, bench.sentences, "sentences/s"),
            ):
                rates: tuple[list[float], list[float]] = ([], [])
                # In turn, so that whatever else the machine does meets both; the first round is not counted.
                for _ in range(size.times(ROUNDS) + 1):
                    rates[0].append(bench.rate(way, amount))
                    rates[1].append(bench.rate(plain, amount))
                mine, reference = (statistics.median(each[1:]) for each in rates)
                line(f"  {what}", mine, reference, "padded, in turn, full logits", unit)
            bench.check()
        ours, reference = (apart(peak, name, way) for way in ("train", "train_plainly"))
        line("  peak memory of training", ours, reference, "the same", "MB")


def peak(name: str, way: str) -> float:
    """Peak memory in MB of this process, which trains one way."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(SIZES[name], Path(folder))
        getattr(bench, way)()
    if bench.device.type == "cuda":
        return torch.cuda.max_memory_allocated(bench.device) / 2**20
    if sys.platform == "linux":
        # Not ru_maxrss: that of a child is never below what its parent had when it was started.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
