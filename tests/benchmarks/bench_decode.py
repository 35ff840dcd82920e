"""How long sentences take to decode, beside the way of the field's scripts.

    python -m tests.benchmarks.bench_decode

The reference decodes one sentence and one hypothesis at a time, with a log-softmax over the whole vocabulary at every
step; it is timed on a share of the sentences, and its time is that of all of them at this rate. It must find the same
sentences, or as probable ones where rounding decides between two. The demo's models are measured, then models of the
`paper` preset's sizes with random weights, whose sentences seldom end before the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch

from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.decoding.decode import UnrolledDecoder, n_best
from engine.decoding.options import DecodeOptions
from engine.models.builders import build
from engine.models.presets import PRESETS
from engine.models.sentence_vae import SentenceVAE
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from tests.benchmarks.size import FULL, Size, mapped
from tests.benchmarks.timing import hardware, line, milliseconds

CASES = ("greedy", "beam 10", "beam 5", "sentences", "tokens")
SHORTEST, LONGEST = 5, 16
ROUNDING = 1e-3
"""Nats by which the two ways may differ in log p(x|z) of the same sentence."""
Found = tuple[tuple[int, ...], float]
"""Word ids, and log p(x|z)."""
Plain = Callable[[SentenceVAE, torch.Tensor], Found]


@torch.no_grad()
def plain_greedy(model: SentenceVAE, z: torch.Tensor) -> Found:
    """Greedy search over one row of z."""
    state, previous, total, words = model.decoder.initial_state(z), BOS, 0.0, []  # type: ignore[var-annotated]
    for time in range(LONGEST + 1):
        logits, state = model.step(torch.tensor([previous]), z, state)
        scores = torch.log_softmax(logits[0], dim=0)
        scores[[PAD, BOS, UNK]] = -torch.inf
        if time < SHORTEST:
            scores[EOS] = -torch.inf
        previous = EOS if time == LONGEST else int(scores.argmax())
        total += float(scores[previous])
        if previous == EOS:
            break
        words.append(previous)
    return tuple(words), total


@torch.no_grad()
def plain_beam(model: SentenceVAE, z: torch.Tensor, width: int) -> Found:
    """Beam search over one row of z, one hypothesis after the other."""
    beams = [(0.0, (), model.decoder.initial_state(z))]
    best: Found = (), -float("inf")
    for time in range(LONGEST + 1):
        grown = []
        for total, words, state in beams:
            previous = torch.tensor([words[-1] if words else BOS])
            logits, after = model.step(previous, z, state)
            scores = torch.log_softmax(logits[0], dim=0)
            scores[[PAD, BOS, UNK]] = -torch.inf
            if time < SHORTEST:
                scores[EOS] = -torch.inf
            if time == LONGEST and total + float(scores[EOS]) > best[1]:
                best = words, total + float(scores[EOS])
            for value, word in zip(*(each.tolist() for each in scores.topk(2 * width)), strict=True):
                grown.append((total + value, (*words, word), after))
        if time == LONGEST:
            break
        grown.sort(key=lambda each: -each[0])
        for total, words, _ in grown[:width]:
            if words[-1] == EOS and total > best[1]:
                best = words[:-1], total
        beams = [each for each in grown[: 2 * width] if each[1][-1] != EOS][:width]  # type: ignore[misc]
        if beams[0][0] <= best[1]:
            break
    return best


def measure(what: str, models: Sequence[SentenceVAE], plain_rows: int, size: Size) -> None:
    """Print the times of these models; the reference decodes `plain_rows` sentences at the most."""
    decoders = [UnrolledDecoder(each) for each in models]
    few, many, every = size.of(11, 2), size.of(256, 6), len(models)
    z = torch.randn((many, models[0].latent), generator=torch.Generator().manual_seed(0))
    print(what)
    for name, options, number, rows, plain in (
        (f"greedy, {every} variants of one z", DecodeOptions("greedy"), every, 1, plain_greedy),
        (f"beam 10, {every} variants of one z", DecodeOptions(beam=10), every, 1, partial(plain_beam, width=10)),
        (f"beam 5, {every} variants of {few} z", DecodeOptions(beam=5), every, few, partial(plain_beam, width=5)),
        (f"greedy, one variant of {many} z", DecodeOptions("greedy"), 1, many, plain_greedy),
        (f"beam 10, one variant of {many} z", DecodeOptions(beam=10), 1, many, partial(plain_beam, width=10)),
    ):
        some = [z[:rows]] * number
        work = partial(n_best, decoders[-number:], some, options, LONGEST, SHORTEST)
        asked = min(rows, plain_rows // number)
        own = list(zip(models[-number:], some, strict=True))
        found = [[best[0] for best in variant] for variant in work()]
        mine = [(each.ids, each.log_probability) for variant in found for each in variant[:asked]]
        same = _same(mine, _one_by_one(plain, own, asked))
        ours = milliseconds(work, size.times(3 + 30 // rows))
        reference = milliseconds(partial(_one_by_one, plain, own, asked), 1) * rows / asked
        line(name, ours, reference, "one sentence, one hypothesis at a time")
        tokens = sum(len(each.ids) + 1 for variant in found for each in variant)
        line("  sentences", 1e3 * rows * number / ours, unit="sentences/s")
        line("  tokens", 1e3 * tokens / ours, unit="tokens/s")
        print(f"  the same sentence for {same} of {len(mine)}", flush=True)


def measure_on_gpu(run: Run, size: Size) -> None:
    """Print sentences a second over the whole test set."""
    session = Session.load(run, "cuda")
    with mapped(size) as workspace, LatentCache.open(workspace.cache(run.name)) as cache:
        latents = {name: cache.mu(name)[:] for name in session.variants}
    rows = sum(map(len, latents.values()))
    for options in (DecodeOptions("greedy"), DecodeOptions(beam=10)):
        taken = milliseconds(partial(session.decode_all, latents, options), size.times(3))
        line(f"{options.describe()}, the test set in {len(latents)} variants", 1e3 * rows / taken, unit="sentences/s")


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    torch.set_num_threads(1)  # The reference gains nothing from more; the decoder has its own threads.
    run = Run.open(size.workspace.run(size.run))
    session = Session.load(run, "cpu")
    models = [session.model(name) for name in session.variants]
    print(hardware())
    measure(f"{run.name} sizes, trained: {', '.join(session.variants)}", models, size.of(24, 2), size)
    if torch.cuda.is_available():
        measure_on_gpu(run, size)
    shape = size.of(PRESETS["paper"].model(20_000), ModelConfig(vocabulary=50, embedding=8, hidden=16, latent=4))
    models = [build(shape, seed).eval() for seed in range(size.of(4, 2))]
    measure(size.of("paper sizes, random weights", "tiny sizes, random weights"), models, size.of(4, 2), size)


def _same(ours: Sequence[Found], reference: Sequence[Found]) -> int:
    """How many sentences are the same; one that is not must be as probable as its reference."""
    for (_, mine), (words, plain) in zip(ours, reference, strict=True):
        assert abs(mine - plain) < ROUNDING, f"log p(x|z) is {mine} for what decodes plainly to {words} with {plain}"
    return sum(mine == words for (mine, _), (words, _) in zip(ours, reference, strict=True))


def _one_by_one(plain: Plain, own: Sequence[tuple[SentenceVAE, torch.Tensor]], rows: int) -> list[Found]:
    return [plain(model, z[row : row + 1]) for model, z in own for row in range(rows)]


if __name__ == "__main__":
    main()
