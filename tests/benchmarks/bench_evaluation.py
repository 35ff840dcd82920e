"""An evaluation: until the first numbers, until all of them, and beside the passes of encoder and decoder alone.

The passes are what the evaluation itself spends in them; the rest is counting, scoring, resampling and keeping.

    python -m tests.benchmarks.bench_evaluation
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from engine.corpus.store import Corpus
from engine.evaluation.measures import kept
from engine.evaluation.measures.evaluate import evaluate
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.scores.bleu import self_bleu
from engine.evaluation.measures.scores.language_model import LanguageModel
from engine.events import Done
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line, milliseconds

CASES = ("bounds", "a little of everything", "all of it", "the same again", "language model", "self-BLEU")


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    with tempfile.TemporaryDirectory() as folder:
        given = size.workspace
        place = Workspace(Path(folder))
        source = Run.open(given.run(size.run))
        corpus = _corpus(source, given)
        shutil.copytree(corpus.path, place.corpus(corpus.path.name))
        shutil.copytree(source.path, place.new_run(size.run))
        run = Run.open(place.run(size.run))
        request = size.of(Request(), Request(limit=24, samples=2, draws=24, pairs=20, beam=2))
        began, seen, counts = perf_counter(), {}, set()
        for event in evaluate(run, place, request, "cpu"):
            there = kept.read(place.evaluation(run.name))
            if there is not None and (count := sum(len(each.numbers) for each in there.variants)) not in counts:
                counts.add(count)
                seen[len(counts)] = perf_counter() - began
            if isinstance(event, Done):
                seconds = event.result["seconds"]
        what = f"{request.limit:,} sentences, K={request.samples}, {request.draws:,} draws, {request.pairs:,} pairs"
        line("bounds, KL, mutual information, units", seen[1], unit="s")
        line("a little of everything", seen[2], unit="s")
        line(f"all of it: {what}", seconds["all"], seconds["passes"], "the passes alone", "s")
        began = perf_counter()
        list(recall_or_evaluate(run, place, request, "cpu"))
        line("the same again, read", perf_counter() - began, seconds["all"], "measured", "s")
        ids, offsets = corpus.train.block(0, len(corpus.train))
        train = ids.astype(np.int64), offsets

        def count() -> None:
            LanguageModel(*train, len(corpus.vocabulary))

        line(f"language model of {len(corpus.train):,} sentences", milliseconds(count, size.times(3)))
        some = [corpus.train.ids(row).tolist() for row in range(min(size.of(200, 20), len(corpus.train)))]
        line(
            f"self-BLEU of {len(some):,} sentences",
            milliseconds(lambda: self_bleu(some), size.times(3)),
            milliseconds(lambda: _by_sacrebleu(some), size.times(1)),
            "sacrebleu, each against all",
        )


def _corpus(run: Run, workspace: Workspace) -> Corpus:
    task = find_corpus(run, workspace)
    while True:
        try:
            next(task)
        except StopIteration as ended:
            return ended.value


def _by_sacrebleu(sentences: list[list[int]]) -> None:
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize="none", effective_order=True)
    lines = [" ".join(map(str, each)) for each in sentences]
    for row, each in enumerate(lines):
        metric.sentence_score(each, lines[:row] + lines[row + 1 :])


if __name__ == "__main__":
    main()
