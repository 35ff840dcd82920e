"""What is typed is read as the models' text was cut; a test sentence as it is stored, however it is shown."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.encoding.encode import encode
from engine.errors import UsageError
from engine.runs.run import Run
from engine.runs.typed import read_typed
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.conftest import begin_run
from tests.engine.training.test_loop import finish

SUBJECTS = ("the dog", "The dog", "a well @-@ known man", "s&p 's house", "co. 's man")
ENDS = ("fell 6 @.@ 7 % .", "has 2 @,@ 119 books .", "is near the sea .", "did n't ( yet ) read .")


@pytest.fixture(scope="module")
def cut_text(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a run of a text that is cut as WikiText and PTB are."""
    workspace = Workspace(tmp_path_factory.mktemp("cut"))
    pick = random.Random(0)
    lines = [f"{pick.choice(SUBJECTS)} and {pick.choice(SUBJECTS)} {pick.choice(ENDS)}" for _ in range(400)]
    source = workspace.root / "wiki.tokens"
    source.write_text("".join(f" {line} \n" for line in dict.fromkeys(lines)), encoding="utf-8")
    request = CorpusRequest(str(source), "wiki", min_words=2, vocabulary=100, test_fraction=0.4, tokenised=True)
    list(prepare_corpus(request, workspace.corpus("wiki")))
    corpus = Corpus.open(workspace.corpus("wiki"))
    run = begin_run(corpus, workspace.new_run("wiki"), steps=4)
    finish(corpus, run)
    list(encode(run, workspace, device="cpu"))
    return workspace


def test_the_models_read_the_test_sentence_that_is_shown(cut_text: Workspace) -> None:
    run, corpus = Run.open(cut_text.run("wiki")), Corpus.open(cut_text.corpus("wiki"))
    session = Session.load(run, "cpu")
    with LatentCache.open(cut_text.cache("wiki")) as cache:
        shown, mu = cache.sentences(), cache.mu("vae")
    same = {text: shown.index(text) for text in shown}  # of those that are shown alike, the first
    changed = 0
    for text, index in same.items():
        typed = read_typed(run, text)
        assert typed.ids == tuple(corpus.test.ids(index).tolist())
        assert np.allclose(session.encode(text)["vae"].mu, mu[index], atol=1e-5)
        changed += corpus.vocabulary.encode(corpus.vocabulary.cut(text)) != list(typed.ids)
    assert changed > 5  # read as if they were typed, they were other sentences
    own = read_typed(run, "A dog read.")
    assert own.words == ("a", "dog", "read", ".")


def test_without_the_corpus_sentences_are_read_as_typed(cut_text: Workspace, tmp_path: Path) -> None:
    shutil.copytree(cut_text.run("wiki"), tmp_path / "runs" / "wiki")
    run = Run.open(tmp_path / "runs" / "wiki")
    with LatentCache.open(cut_text.cache("wiki")) as cache:
        shown = cache.sentences()
    corpus = Corpus.open(cut_text.corpus("wiki"))
    stored = [tuple(corpus.test.ids(shown.index(text)).tolist()) for text in shown]
    assert [read_typed(run, text).ids for text in shown] != stored
    shutil.copytree(cut_text.corpus("wiki"), tmp_path / "corpora" / "wiki")  # and as stored, once it is there
    assert [read_typed(run, text).ids for text in shown] == stored


def test_a_sentence_may_be_as_long_as_those_of_the_text(tiny_run: Run) -> None:
    with pytest.raises(UsageError, match="at most 200 are read"):
        read_typed(tiny_run, "dog " * 201)
    of_long = tiny_run.settings.model_copy(
        update={"corpus": tiny_run.settings.corpus.model_copy(update={"max_words": 300})}
    )
    run = Run(tiny_run.path, of_long, tiny_run.vocabulary)
    assert len(read_typed(run, "dog " * 300).words) == 300
    with pytest.raises(UsageError, match="at most 300 are read"):
        read_typed(run, "dog " * 301)
