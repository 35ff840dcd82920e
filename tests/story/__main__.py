"""What the models of a run make of sentences, counted and to be read: `python -m tests.story RUN`.

The card of the demo (`assets/demo/README.md`) tells what this counts. Reconstructions are of z = mu with the usual
search; a sentence is given back exactly if its tokens are the same. Words kept are those of the sentence that stand in
the reconstruction in their order. Of draws from the prior it is counted how often the most frequent sentence comes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.readings import kept_words
from engine.corpus.store import Corpus
from engine.corpus.tokens import words_of
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from engine.latents.requests import interpolate
from engine.runs.run import Run
from engine.session import Session
from engine.workspace import Workspace

EVERYDAY = Path(__file__).with_name("everyday.txt")
SHORT = 8
"""Words of a sentence that a model that stores much gives back."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one variant gave back of some sentences: shares of 1, and KL in nats."""

    kl: float
    exact: float
    exact_short: float
    kept: float


def given_back(session: Session, sentences: Sequence[str]) -> dict[str, Given]:
    """By variant."""
    rows: dict[str, list[tuple[float, bool, int, int]]] = {name: [] for name in session.variants}
    for sentence in sentences:
        said = session.typed(sentence).words
        for made in session.reconstruct(sentence):
            words, back = words_of(said), words_of(made.decoded.words)
            exact = tuple(made.decoded.words) == tuple(said)
            rows[made.variant].append((made.latent.kl, exact, len(words), kept_words(words, back)))
    return {
        name: Given(
            float(np.mean([kl for kl, *_ in each])),
            float(np.mean([exact for _, exact, *_ in each])),
            float(np.mean([exact for _, exact, length, _ in each if length <= SHORT])),
            sum(back for *_, back in each) / sum(length for _, _, length, _ in each),
        )
        for name, each in rows.items()
    }


def main() -> int:
    """Count and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.story", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", nargs="?", default="demo")
    parser.add_argument("--workspace", type=Path, help="folder with runs/ and corpora/; the checkout if left out")
    parser.add_argument("--sentences", type=int, default=500, help="of the test set, evenly spread")
    parser.add_argument("--draws", type=int, default=1000, help="from the prior")
    parser.add_argument("--step", type=int, help="an earlier checkpoint")
    options = parser.parse_args()
    workspace = Workspace(options.workspace) if options.workspace else Workspace()
    try:
        run = Run.open(workspace.run(options.run))
        session = Session.load(run, step=options.step)
        texts = Corpus.open(workspace.corpus(run.settings.corpus.name)).test_texts()
    except LoomError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
        return error.exit_code
    places = np.linspace(0, len(texts) - 1, min(options.sentences, len(texts))).round().astype(int)
    everyday = EVERYDAY.read_text("utf-8").splitlines()
    for name, sentences in ((f"{len(places)} test sentences", [texts[i] for i in places]), ("everyday", everyday)):
        print(f"\n{name}: KL, exactly given back, of at most {SHORT} words, words kept")
        for variant, each in given_back(session, sentences).items():
            print(f"  {variant:14s} {each.kl:6.2f} {each.exact:7.1%} {each.exact_short:7.1%} {each.kept:7.1%}")
    for variant, drawn in session.sample(None, options.draws, DecodeOptions(), 0).items():
        (text, times), *_ = Counter(each.text for each in drawn).most_common(1)
        distinct = len({each.text for each in drawn})
        print(f"\n{variant}: {distinct} different of {len(drawn)} draws, {times / len(drawn):.1%} are “{text}”")
        print(*(f"  {each.text}" for each in drawn[:12]), sep="\n")
    for sentence in everyday:
        print(f"\n{sentence}")
        for made in session.reconstruct(sentence):
            print(f"  {made.variant:14s} {made.decoded.text}")
    for first, last in zip(everyday[:6:2], everyday[1:6:2], strict=True):
        for variant, way in interpolate(session, [first, last], 8).items():
            print(f"\n{variant}: {first} … {last}")
            print(*(f"  {each.text}" for each in way.decoded), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
