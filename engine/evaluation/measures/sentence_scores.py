"""How well single sentences came back, from what was measured of them. No torch, and no model is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.diagnostics.request import steps_of
from engine.evaluation.measures import kept
from engine.evaluation.measures.parts import Part
from engine.evaluation.measures.scores.bleu import matches, sentence_bleu
from engine.runs.corpus_of_run import corpus_path
from engine.runs.run import Run
from engine.workspace import Workspace

WAY = "greedy_mu"
PART = f"back_{WAY}"
"""The part that they are kept in, of an evaluation or of `give_back`."""
_BLOCK = 512


def given_back(run: Run, workspace: Workspace, variant: str, step: int | None = None) -> Part:
    """What a variant has given back greedily from mu, of the first test sentences; `NOTHING` where nothing is kept.

    As much as was measured with any seed, as nothing is drawn.

    Args:
        run, workspace: whose, and where it lies.
        variant: of the run.
        step: of the checkpoints; None for those that commands compare.

    Raises:
        LoomError: there is no such step, or what is kept of evaluations is damaged.
    """
    at = max(steps_of(run, run.select((variant,)), step)[1].values())
    fingerprint = run.model_fingerprint(variant, at)
    seeds = kept.seeds(workspace.evaluation(run.name))
    found = [kept.drawer(run, workspace, variant, fingerprint, seed).read(PART, {}) for seed in seeds]
    return max(found, key=lambda part: part.n)


def greedy_scores(
    run: Run, workspace: Workspace, variant: str, step: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """BLEU (0 to 100) of each test sentence given back greedily from its mu, as `sacrebleu.sentence_bleu` has it.

    Of the first sentences of the test set, as many as were measured; of none where nothing was.

    Args:
        run, workspace, variant, step: as of `given_back`.

    Yields:
        (b,) of one block of sentences after the other.

    Raises:
        LoomError: as `given_back`, or the corpus cannot be read.
    """
    texts = given_back(run, workspace, variant, step).texts
    if texts is None:
        return
    test = Corpus.open(corpus_path(run, workspace)).test
    for start in range(0, len(texts), _BLOCK):
        rows = range(start, min(start + _BLOCK, len(texts)))
        made = [texts[row] for row in rows]
        sources = [test.ids(row).tolist() for row in rows]
        yield sentence_bleu(matches(made, sources)).astype(np.float32)
