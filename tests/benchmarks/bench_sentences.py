"""Clouds, fillings and nearest training sentences of the demo, beside plain ways of doing the same in the same run.

    python -m tests.benchmarks.bench_sentences

One torch thread, as in the window. The first run prepares the demo's text. The plain ways must come to the same
sentences, probabilities and distances.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from engine.corpus.store import Corpus
from engine.decoding.options import DecodeOptions
from engine.diagnostics.importance import log_mean_exp
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.sentences.blanks import read_blanks
from engine.sentences.filling import BLANK, Fillings, fill, log_evidence
from engine.sentences.memorisation import nearest_training
from engine.sentences.posterior_cloud import Cloud, posterior_cloud
from engine.sentences.prior_samples import PriorSamples, prior_samples
from engine.session import Session
from engine.workspace import Workspace
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line, milliseconds

CASES = ("cloud", "draft", "candidates", "nearest")
VARIANT = "autogen-m1"
SENTENCE = "I love to go to the beach."
BLANKED = "My favorite ___ is pizza."
PLAIN_CANDIDATES = 4
"""Words that the plain way scores; its time is reckoned from them."""


def corpus_of(run: Run, workspace: Workspace) -> Corpus:
    """The text of a run; the demo's is prepared if need be."""
    events = find_corpus(run, workspace)
    while True:
        try:
            next(events)
        except StopIteration as found:
            corpus: Corpus = found.value
            return corpus


def clouds(session: Session, size: Size) -> None:
    """Draws of q(z|x) with a beam of 10."""
    options, draws = DecodeOptions(beam=10), size.of(32, 4)

    def ours() -> Counter[str]:
        *_, cloud = posterior_cloud(session, SENTENCE, draws, options, variants=[VARIANT])
        assert isinstance(cloud, Cloud)
        return Counter({group.decoded.text: group.count for group in cloud.groups})

    def plain() -> Counter[str]:
        each = (session.reconstruct(SENTENCE, [VARIANT], options, sample=True, seed=seed) for seed in range(draws))
        return Counter(made.decoded.text for (made,) in each)

    assert ours() == plain(), "drawn one at a time, the sentences are others"
    taken, reference = milliseconds(ours, size.times(5)), milliseconds(plain, size.times(3))
    line(f"cloud of {draws} draws, one variant, beam 10", taken, reference, "one draw at a time")


@torch.no_grad()
def fillings(session: Session, size: Size) -> None:
    """Candidates for a blank with several samples each."""
    candidates, samples = size.of(64, 16), size.of(32, 4)
    model, typed = session.model(VARIANT), read_blanks(session.run, BLANKED)
    given = {"variants": [VARIANT], "candidates": candidates, "samples": samples}
    *_, found = fill(session, BLANKED, **given)  # type: ignore[arg-type]
    assert isinstance(found, Fillings)
    some = found.fillings[:PLAIN_CANDIDATES]
    noise = torch.randn((samples, model.latent), generator=torch.Generator().manual_seed(0))  # what `fill` draws

    def plain() -> list[float]:
        scores = []
        ids = torch.tensor([typed.ids])
        for filling in some:
            ids[0, typed.words.index(BLANK)] = session.run.vocabulary.encode(filling.words)[0]
            each = torch.stack([log_evidence(model, ids, sample[None]) for sample in noise], dim=1)
            scores.append(float(log_mean_exp(each)))
        return scores

    np.testing.assert_allclose([filling.log_probability for filling in some], plain(), atol=1e-3)
    draft = milliseconds(lambda: next(fill(session, BLANKED, **given)), size.times(5))  # type: ignore[arg-type]
    ours = milliseconds(lambda: list(fill(session, BLANKED, **given)), size.times(5))  # type: ignore[arg-type]
    line("fill one blank, draft of one variant", draft)
    reference = milliseconds(plain, size.times(3)) / len(some) * candidates
    what = f"fill one blank, {candidates} candidates, {samples} samples"
    line(what, ours, reference, "one word and sample at a time")


def nearest(session: Session, corpus: Corpus, size: Size) -> None:
    """The nearest training sentences of prior samples."""
    counts = size.of((1, 8, 32), (1, 4))
    *_, made = prior_samples(session, counts[-1], variants=[VARIANT])
    assert isinstance(made, PriorSamples)
    said = [sample.decoded.words for sample in made.samples]
    train = [tuple(corpus.train.ids(index).tolist()) for index in range(len(corpus.train))]

    def plain() -> float:
        query = tuple(corpus.vocabulary.encode(said[0]))
        return min(Levenshtein.distance(query, each) / max(len(query), len(each)) for each in train)

    distance = plain()
    each = milliseconds(plain, size.times(3))
    for count in counts:

        def ours(count: int = count) -> float:
            *_, search = nearest_training(corpus, said[:count])
            near = search.nearest[0]
            assert near is not None
            return near.distance

        assert ours() == distance, "among all pairs there is a nearer one"
        taken = milliseconds(ours, size.times(5))
        line(f"nearest of {len(train):,} sentences, {count} samples", taken, each * count, "every pair by rapidfuzz")


def main(size: Size = FULL) -> None:
    """Print every measurement."""
    torch.set_num_threads(1)
    print(hardware())
    run = Run.open(size.workspace.run(size.run))
    session = Session.load(run, "cpu")
    clouds(session, size)
    fillings(session, size)
    nearest(session, corpus_of(run, size.workspace), size)


if __name__ == "__main__":
    main()
