"""How well single sentences came back, from what an evaluation has kept. No torch, and no model is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.evaluation.measures import kept
from engine.evaluation.measures.scores.bleu import matches, sentence_bleu
from engine.runs.corpus_of_run import corpus_path
from engine.runs.run import Run
from engine.workspace import Workspace

WAY = "greedy_mu"
_BLOCK = 512


def greedy_scores(
    run: Run, workspace: Workspace, variant: str, step: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """BLEU (0 to 100) of each test sentence given back greedily from its mu, as `sacrebleu.sentence_bleu` has it.

    Of the first sentences of the test set, as many as the most thorough evaluation that still fits has measured.

    Args:
        run, workspace: whose evaluation, and where it lies.
        variant: of the run.
        step: of the checkpoints; None for those that commands compare.

    Yields:
        (b,) of one block of sentences after the other.

    Raises:
        LoomError: nothing was evaluated that fits, what was kept is damaged or gone, or the corpus is.
    """
    evaluation = kept.most_thorough(run, workspace, step)
    if evaluation is None or variant not in evaluation.models:
        raise LoomError(
            f"No sentences of {variant} have been given back and scored yet.",
            f"Evaluate on the Evaluate page, or: python main.py evaluate {run.name}",
        )
    part = kept.drawer(run, workspace, variant, evaluation.models[variant], evaluation.seed).read(f"back_{WAY}", {})
    if part.texts is None:
        raise LoomError(
            f"What was measured of {variant} is no longer there.",
            f"Measure it again: python main.py evaluate {run.name} --anew",
        )
    test = Corpus.open(corpus_path(run, workspace)).test
    for start in range(0, len(part.texts), _BLOCK):
        rows = range(start, min(start + _BLOCK, len(part.texts)))
        made = [part.texts[row] for row in rows]
        sources = [test.ids(row).tolist() for row in rows]
        yield sentence_bleu(matches(made, sources)).astype(np.float32)
