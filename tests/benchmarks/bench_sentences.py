"""Clouds, fillings and nearest training sentences of the demo, beside plain ways of doing the same in the same run.

    python -m tests.benchmarks.bench_sentences

One torch thread, as in the window. The first run prepares the demo's text. Nothing here is asserted.
"""

from __future__ import annotations

import torch
from rapidfuzz.distance import Levenshtein

from engine.corpus.store import Corpus
from engine.decoding.options import DecodeOptions
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.sentences.filling import fill, log_evidence, read_blanks
from engine.sentences.memorisation import nearest_training
from engine.sentences.posterior_cloud import posterior_cloud
from engine.sentences.prior_samples import PriorSamples, prior_samples
from engine.session import Session
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line, milliseconds

VARIANT = "autogen-m1"
SENTENCE = "I love to go to the beach."
BLANKED = "My favorite ___ is pizza."
DRAWS, SAMPLES, CANDIDATES = 32, 32, 64
PLAIN_CANDIDATES = 4
"""Words that the plain way scores; its time is reckoned from them."""


def demo_corpus(run: Run) -> Corpus:
    """The demo's text, prepared if need be."""
    events = find_corpus(run, Workspace())
    while True:
        try:
            next(events)
        except StopIteration as found:
            corpus: Corpus = found.value
            return corpus


def clouds(session: Session) -> None:
    """32 draws of q(z|x) with a beam of 10."""
    options = DecodeOptions(beam=10)
    ours = milliseconds(lambda: list(posterior_cloud(session, SENTENCE, DRAWS, options, variants=[VARIANT])), 5)

    def plain() -> None:
        for seed in range(DRAWS):
            session.reconstruct(SENTENCE, [VARIANT], options, sample=True, seed=seed)

    line(f"cloud of {DRAWS} draws, one variant, beam 10", ours, milliseconds(plain, 3), "one draw at a time")


@torch.no_grad()
def fillings(session: Session) -> None:
    """64 candidates with 32 samples each."""
    given = {"variants": [VARIANT], "candidates": CANDIDATES, "samples": SAMPLES}
    draft = milliseconds(lambda: next(fill(session, BLANKED, **given)), 5)  # type: ignore[arg-type]
    ours = milliseconds(lambda: list(fill(session, BLANKED, **given)), 5)  # type: ignore[arg-type]
    ids = torch.tensor([read_blanks(session, BLANKED).ids])
    noise = torch.randn((SAMPLES, session.model(VARIANT).latent))

    def plain() -> None:
        for word in range(10, 10 + PLAIN_CANDIDATES):
            ids[0, 2] = word
            for sample in noise:
                log_evidence(session.model(VARIANT), ids, sample[None])

    line("fill one blank, draft of one variant", draft)
    reference = milliseconds(plain, 3) / PLAIN_CANDIDATES * CANDIDATES
    line(
        f"fill one blank, {CANDIDATES} candidates, {SAMPLES} samples", ours, reference, "one word and sample at a time"
    )


def nearest(session: Session, corpus: Corpus) -> None:
    """The nearest training sentences of 1, 8 and 32 prior samples."""
    *_, made = prior_samples(session, 32, variants=[VARIANT])
    assert isinstance(made, PriorSamples)
    said = [sample.decoded.words for sample in made.samples]
    train = [tuple(corpus.train.ids(index).tolist()) for index in range(len(corpus.train))]

    def plain() -> None:
        query = tuple(corpus.vocabulary.encode(said[0]))
        min(Levenshtein.distance(query, each) / max(len(query), len(each)) for each in train)

    each = milliseconds(plain, 3)
    for count in (1, 8, 32):
        queries = said[:count]
        ours = milliseconds(lambda queries=queries: list(nearest_training(corpus, queries)), 5)  # type: ignore[misc]
        line(f"nearest of {len(train):,} sentences, {count} samples", ours, each * count, "every pair by rapidfuzz")


def main() -> None:
    """Print every measurement."""
    torch.set_num_threads(1)
    print(hardware())
    run = Run.open(Workspace().run("demo"))
    session = Session.load(run, "cpu")
    clouds(session)
    fillings(session)
    nearest(session, demo_corpus(run))


if __name__ == "__main__":
    main()
