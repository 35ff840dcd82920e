"""How long sentences take to decode, beside the way of the field's scripts.

    python -m tests.benchmarks.bench_decode

The reference decodes one sentence and one hypothesis at a time, with a log-softmax over the whole vocabulary at every
step; it is timed on a share of the sentences, and its time is that of all of them at this rate. It finds the same
sentences; that is checked here. The demo's models are measured, then models of the `paper` preset's sizes with random
weights, whose sentences seldom end before the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch

from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.decoding.decode import UnrolledDecoder, n_best
from engine.decoding.options import DecodeOptions
from engine.models.builders import build
from engine.models.presets import PRESETS
from engine.models.sentence_vae import SentenceVAE
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line, milliseconds

SENTENCES = 256
SHORTEST, LONGEST = 5, 16
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


def measure(what: str, models: Sequence[SentenceVAE], plain_rows: int) -> None:
    """Print the times of these models; the reference decodes `plain_rows` sentences at the most."""
    decoders = [UnrolledDecoder(each) for each in models]
    z = torch.randn((SENTENCES, models[0].latent), generator=torch.Generator().manual_seed(0))
    print(what)
    for name, options, number, rows, plain in (
        ("greedy, 4 variants of one z", DecodeOptions("greedy"), len(models), 1, plain_greedy),
        ("beam 10, 4 variants of one z", DecodeOptions(beam=10), len(models), 1, partial(plain_beam, width=10)),
        ("beam 5, 4 variants of 11 z", DecodeOptions(beam=5), len(models), 11, partial(plain_beam, width=5)),
        ("greedy, one variant of 256 z", DecodeOptions("greedy"), 1, SENTENCES, plain_greedy),
        ("beam 10, one variant of 256 z", DecodeOptions(beam=10), 1, SENTENCES, partial(plain_beam, width=10)),
    ):
        some = [z[:rows]] * number
        work = partial(n_best, decoders[-number:], some, options, LONGEST, SHORTEST)
        ours = milliseconds(work, 3 + 30 // rows)
        asked = min(rows, plain_rows // number)
        own = list(zip(models[-number:], some, strict=True))
        reference = milliseconds(partial(_one_by_one, plain, own, asked), 1) * rows / asked
        line(name, ours, reference, "one sentence, one hypothesis at a time")
        found = [best[0] for variant in work() for best in variant]
        tokens = sum(len(each.ids) + 1 for each in found)
        mine = [variant[row][0].ids for variant in work() for row in range(asked)]
        same = sum(ids == words for ids, (words, _) in zip(mine, _one_by_one(plain, own, asked), strict=True))
        print(
            f"    {1e3 / ours:,.0f} a second, {1e3 * rows * number / ours:,.0f} sentences a second, "
            f"{1e3 * tokens / ours:,.0f} tokens a second; the same sentence for {same} of {len(mine)}",
            flush=True,
        )


def measure_on_gpu(run: Run) -> None:
    """Print sentences a second over the whole test set."""
    session = Session.load(run, "cuda")
    with LatentCache.open(Workspace().cache(run.name)) as cache:
        latents = {name: cache.mu(name)[:] for name in session.variants}
    rows = sum(map(len, latents.values()))
    for options in (DecodeOptions("greedy"), DecodeOptions(beam=10)):
        taken = milliseconds(partial(session.decode_all, latents, options), 3)
        line(f"{options.describe()}, the test set in {len(latents)} variants", 1e3 * rows / taken, unit="sentences/s")


def main() -> None:
    """Print the measurements."""
    torch.set_num_threads(1)  # The reference gains nothing from more; the decoder has its own threads.
    run = Run.open(Workspace().run("demo"))
    session = Session.load(run, "cpu")
    models = [session.model(name) for name in session.variants]
    print(hardware())
    measure(f"demo sizes, trained: {', '.join(session.variants)}", models, 24)
    if torch.cuda.is_available():
        measure_on_gpu(run)
    models = [build(PRESETS["paper"].model(20_000), seed).eval() for seed in range(4)]
    measure("paper sizes, random weights", models, 4)


def _one_by_one(plain: Plain, own: Sequence[tuple[SentenceVAE, torch.Tensor]], rows: int) -> list[Found]:
    return [plain(model, z[row : row + 1]) for model, z in own for row in range(rows)]


if __name__ == "__main__":
    main()
