"""How long one sentence takes to decode, and a table of them, beside the way of the field's scripts.

    python -m tests.benchmarks.bench_decode

The reference decodes one sentence and one hypothesis at a time, with a log-softmax over the whole vocabulary at every
step. It finds the same sentences; that is checked here.
"""

from __future__ import annotations

import torch

from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.decoding import Hypothesis, decode
from engine.decoding_options import DecodeOptions
from engine.models.sentence_vae import SentenceVAE
from engine.session import Session
from engine.storage.run import Run
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line, milliseconds

ROWS = 44
SHORTEST, LONGEST = 5, 16


@torch.no_grad()
def plain_beam(model: SentenceVAE, z: torch.Tensor, width: int) -> Hypothesis:
    """Beam search over one row of z, one hypothesis after the other."""
    beams = [(0.0, (), model.decoder.initial_state(z))]
    best = Hypothesis((), -float("inf"), True)
    for time in range(LONGEST + 1):
        grown = []
        for total, words, state in beams:
            previous = torch.tensor([words[-1] if words else BOS])
            logits, after = model.step(previous, z, state)
            scores = torch.log_softmax(logits[0], dim=0)
            scores[[PAD, BOS, UNK]] = -torch.inf
            final = total + float(scores[EOS])
            if time >= SHORTEST and final > best.log_probability:
                best = Hypothesis(words, final, True)
            scores[EOS] = -torch.inf
            for value, word in zip(*(each.tolist() for each in scores.topk(width)), strict=True):
                grown.append((total + value, (*words, word), after))
        if time == LONGEST:
            break
        beams = sorted(grown, key=lambda each: -each[0])[:width]  # type: ignore[assignment]
        if beams[0][0] <= best.log_probability:
            break
    return best


def main() -> None:
    """Print the measurements."""
    torch.set_num_threads(1)
    session = Session.load(Run.open(Workspace().run("demo")), "cpu")
    model = session.model(session.variants[-1])
    z = torch.randn((ROWS, model.latent), generator=torch.Generator().manual_seed(0))
    print(f"{hardware()}; one torch thread, {session.variants[-1]}, demo sizes")
    for name, options, width in (("greedy", DecodeOptions("greedy"), 1), ("beam 10", DecodeOptions(beam=10), 10)):
        ours = milliseconds(lambda o=options: decode(model, z[:1], o, LONGEST, SHORTEST), 20)  # type: ignore[misc]
        plain = milliseconds(lambda w=width: plain_beam(model, z[:1], w), 5)  # type: ignore[misc]
        line(f"one sentence, {name}", ours, plain, "one hypothesis at a time")
        ours = milliseconds(lambda o=options: decode(model, z, o, LONGEST, SHORTEST), 5)  # type: ignore[misc]
        plain = milliseconds(lambda w=width: [plain_beam(model, row[None], w) for row in z], 1)  # type: ignore[misc]
        line(f"{ROWS} sentences, {name}", ours, plain, "one sentence, one hypothesis at a time")
    found = decode(model, z, DecodeOptions(beam=10), LONGEST, SHORTEST)
    same = sum(mine.ids == plain_beam(model, row[None], 10).ids for mine, row in zip(found, z, strict=True))
    print(f"the same sentence for {same} of {ROWS}")


if __name__ == "__main__":
    main()
