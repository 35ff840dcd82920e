"""The score of single sentences, from what an evaluation kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from sacrebleu import sentence_bleu

from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.evaluation.measures import kept, sentence_scores
from engine.evaluation.measures.evaluate import evaluate
from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.sentence_scores import greedy_scores
from engine.runs.run import Run
from engine.workspace import Workspace


@pytest.fixture
def evaluated(tiny_workspace, tmp_path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    shutil.copytree(tiny_workspace.root, made.root)
    return made


def test_scores_are_those_of_the_kept_greedy_sentences(evaluated, monkeypatch):
    monkeypatch.setattr(sentence_scores, "_BLOCK", 3)
    run = Run.open(evaluated.run("tiny"))
    assert list(greedy_scores(run, evaluated, "vae")) == []  # nothing was measured yet
    list(evaluate(run, evaluated, Request(limit=8, samples=2, draws=4, pairs=2, beam=2)))
    found = np.concatenate(list(greedy_scores(run, evaluated, "vae")))
    evaluation = kept.most_thorough(run, evaluated)
    made = kept.drawer(run, evaluated, "vae", evaluation.models["vae"], evaluation.seed).read("back_greedy_mu", {})
    test = Corpus.open(evaluated.corpus("tiny")).test
    assert len(found) == 8
    for row in range(8):
        written, source = (" ".join(map(str, ids)) for ids in (made.texts[row], test.ids(row).tolist()))
        assert found[row] == pytest.approx(sentence_bleu(written, [source], tokenize="none").score, abs=1e-3)
    drawer = kept.drawer(run, evaluated, "vae", evaluation.models["vae"], evaluation.seed)
    drawer.keep("back_greedy_mu", {}, Part({}, Texts.of([test.ids(row).tolist() for row in range(8)])))
    assert np.concatenate(list(greedy_scores(run, evaluated, "vae"))).tolist() == [100.0] * 8
    Path(drawer.path("back_greedy_mu", {})).unlink()
    assert list(greedy_scores(run, evaluated, "vae")) == []
    evaluated.evaluation("tiny").write_text("{")
    with pytest.raises(LoomError, match="not valid JSON"):
        list(greedy_scores(run, evaluated, "vae"))
