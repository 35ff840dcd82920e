"""Training tokens per second of the four demo variants, beside a plain loop in the same run.

    python -m tests.benchmarks.bench_train

The reference takes the same batches padded to the longest sentence of the corpus, one variant after the other, with
all logits and torch's cross-entropy.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from engine.corpus.vocabulary import BOS, EOS, PAD, SPECIALS, Vocabulary
from engine.device import choose_device
from engine.learner import Batch, Learner
from engine.models.presets import PRESETS
from engine.models.sentence_vae import Targets
from engine.objective import gaussian_kl
from engine.plan import make_plan
from engine.storage.run import CorpusReference, Run, RunSettings, now
from engine.training import lock_step
from tests.benchmarks.timing import hardware, line

STEPS = 12
ROUNDS = 3
LONGEST = 16


def batches(vocabulary: int, latent: int, device: torch.device) -> list[Batch]:
    """Batches of one length each, as bucketing makes them, with the demo's mean length."""
    random = np.random.default_rng(0)
    made = []
    for length in random.integers(5, 14, STEPS):
        words = torch.from_numpy(random.integers(4, vocabulary, (64, int(length)))).to(device)
        lengths = torch.full((64,), int(length), device=device)
        dropped = torch.from_numpy(random.random((64, int(length))) < 0.4).to(device)
        noise = torch.randn((64, latent), device=device)
        made.append(Batch(words, lengths, Targets.of(words, lengths), dropped, noise, 64 * (int(length) + 1), 64))
    return made


def plain_step(learner: Learner, optimiser: torch.optim.Optimizer, batch: Batch) -> None:
    """One step as the scripts of the field do it."""
    model = learner.model
    words = torch.nn.functional.pad(batch.words, (0, LONGEST - batch.words.shape[1]), value=PAD)
    mu, logvar = model.encode(words, batch.lengths)
    z = mu + torch.exp(0.5 * logvar) * batch.noise
    inputs = torch.cat([words.new_full((64, 1), BOS), words], dim=1)
    features, _ = model.decoder(model.embedding(inputs), z, model.decoder.initial_state(z))
    logits = features @ model.embedding.weight.t() + model.output_bias
    targets = torch.nn.functional.pad(batch.words, (0, 1), value=EOS)
    targets = torch.nn.functional.pad(targets, (0, LONGEST + 1 - targets.shape[1]), value=PAD)
    nll = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="sum")
    loss = ((1 + learner.variant.m) * nll + gaussian_kl(mu, logvar).sum()) / 64
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimiser.step()


def main() -> None:
    """Print the measurements."""
    device = choose_device("auto")
    preset = PRESETS["demo"]
    model = preset.model(8000)
    words = (*SPECIALS, *(f"w{index}" for index in range(7996)))
    reference = CorpusReference(
        name="none", fingerprint="", source="", min_words=5, max_words=16, test_fraction=0.1, seed=0
    )
    settings = RunSettings(
        name="bench",
        created=now(),
        corpus=reference,
        model=model,
        train=preset.train,
        variants=make_plan({}, 8000).variants,
    )
    print(f"{hardware()}; {device}, four variants, batch 64, demo sizes")
    with tempfile.TemporaryDirectory() as scratch:
        run = Run.create(Path(scratch) / "bench", settings, Vocabulary(words))
        learners = [Learner(run, variant, device) for variant in run.variants]
        work = batches(8000, model.latent, device)
        tokens = sum(batch.tokens for batch in work)

        def rate(action: partial[None]) -> float:
            _wait(device)
            began = time.perf_counter()
            action()
            _wait(device)
            return tokens / (time.perf_counter() - began)

        optimisers = [torch.optim.Adam(learner.model.parameters(), lr=1e-3) for learner in learners]
        plain_rates, our_rates = [], []
        # In turn, so that whatever else the machine does meets both; the first round is not counted.
        for _ in range(ROUNDS + 1):
            plain_rates.append(rate(partial(_plain, learners, optimisers, work)))
            with lock_step(device) as in_lock_step:
                our_rates.append(rate(partial(_ours, in_lock_step, learners, work)))
        ours, plain = statistics.median(our_rates[1:]), statistics.median(plain_rates[1:])
    line("lock-step training, tokens through all four", ours, plain, "padded, in turn, full logits", "tokens/s")


def _ours(in_lock_step: object, learners: list[Learner], work: list[Batch]) -> None:
    for step, batch in enumerate(work):
        in_lock_step(learners, partial(Learner.step, batch=batch, step=step))  # type: ignore[operator]


def _plain(learners: list[Learner], optimisers: list[torch.optim.Adam], work: list[Batch]) -> None:
    for batch in work:
        for learner, optimiser in zip(learners, optimisers, strict=True):
            plain_step(learner, optimiser, batch)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
