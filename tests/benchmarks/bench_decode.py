"""How long one sentence takes to decode, and a table of them, beside the way of the field's scripts.

    python -m tests.benchmarks.bench_decode

The reference decodes one sentence and one hypothesis at a time, with a log-softmax over the whole vocabulary at every
step. It finds the same sentences; that is checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.decoding import decode
from engine.decoding_options import DecodeOptions
from engine.models.sentence_vae import SentenceVAE
from engine.session import Session
from engine.storage.run import Run
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line, milliseconds

ROWS = 44
SHORTEST, LONGEST = 5, 16
Found = tuple[tuple[int, ...], float]
"""Word ids, and log p(x|z)."""


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


def main() -> None:
    """Print the measurements."""
    torch.set_num_threads(1)
    session = Session.load(Run.open(Workspace().run("demo")), "cpu")
    model = session.model(session.variants[-1])
    z = torch.randn((ROWS, model.latent), generator=torch.Generator().manual_seed(0))
    print(f"{hardware()}; one torch thread, {session.variants[-1]}, demo sizes")
    searches = (
        ("greedy", DecodeOptions("greedy"), lambda row: plain_greedy(model, row)),
        ("beam 10", DecodeOptions(beam=10), lambda row: plain_beam(model, row, 10)),
    )
    for name, options, plain in searches:
        for rows in (1, ROWS):
            some = z[:rows]
            ours = milliseconds(partial(decode, model, some, options, LONGEST, SHORTEST), 20 // rows + 3)
            reference = milliseconds(partial(_one_by_one, plain, some), 5 // rows + 1)
            line(f"{rows} sentence(s), {name}", ours, reference, "one sentence, one hypothesis at a time")
        found = decode(model, z, options, LONGEST, SHORTEST)
        same = sum(mine.ids == theirs for mine, (theirs, _) in zip(found, _one_by_one(plain, z), strict=True))
        print(f"the same sentence for {same} of {ROWS}")


def _one_by_one(search: Callable[[torch.Tensor], Found], z: torch.Tensor) -> list[Found]:
    return [search(row.unsqueeze(0)) for row in z]


if __name__ == "__main__":
    main()
