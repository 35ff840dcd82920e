"""The packaged demo: whole, small, and true to the text that is shipped with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.corpus.vocabulary import UNK
from engine.encoding.batches import encode_batch
from engine.encoding.encode import encode
from engine.evaluation.measures.judge.scoring import RecurrentJudge
from engine.evaluation.measures.judge.stored import path_of
from engine.evaluation.measures.judge.stored import read as read_judge
from engine.evaluation.measures.parts import Texts
from engine.evaluation.measures.scores.language_model import perplexity
from engine.events import Done, Note
from engine.runs.metrics import log_damage, read_lines
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import CHECKOUT, PACKAGED_DEMO, Workspace

PAPER = ("vae", "vae-annealed", "autogen-m1", "autogen-m2")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A fresh workspace in which the demo was opened for the first time."""
    workspace = Workspace(tmp_path_factory.mktemp("demo"))
    events = list(encode(Run.open(workspace.run("demo")), workspace))
    assert isinstance(events[-1], Done)
    assert not [event for event in events if isinstance(event, Note)], "the packaged latents were not used"
    return workspace


def test_the_demo_is_small_and_half_precision() -> None:
    files = [path for path in PACKAGED_DEMO.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25_000_000
    run = Run.open(PACKAGED_DEMO)
    assert tuple(variant.name for variant in run.variants) == PAPER
    for name in PAPER:
        weights = run.checkpoints(name).newest().weights()
        assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
        assert read_lines(run.metrics_path(name))[-1]["step"] == run.settings.train.steps
        assert not log_damage(run, name)
        assert read_lines(run.probe_path(name))[-1]["step"] == run.settings.train.steps


def test_the_shipped_text_gives_the_corpus_of_the_models(workspace: Workspace) -> None:
    run = Run.open(PACKAGED_DEMO)
    corpus = Corpus.open(workspace.corpus("demo"))
    assert corpus.fingerprint == run.settings.corpus.fingerprint
    assert corpus.vocabulary.words == run.vocabulary.words
    assert run.settings.vocabulary_fingerprint == corpus.vocabulary.fingerprint
    assert max(corpus.test.lengths) <= 16
    assert len(run.vocabulary) == 8000


def test_the_packaged_latents_are_those_of_the_packaged_models(workspace: Workspace) -> None:
    corpus = Corpus.open(workspace.corpus("demo"))
    session = Session.load(Run.open(PACKAGED_DEMO), "cpu")
    rows = np.arange(0, len(corpus.test), 400)
    noise = np.zeros((len(rows), 32), np.float32)
    with LatentCache.open(workspace.cache("demo")) as cache:
        for name in PAPER:
            expected = encode_batch(session.model(name), *corpus.test.batch(rows), noise)
            np.testing.assert_allclose(cache.mu(name)[rows], expected["mu"], rtol=2e-3, atol=2e-3)
            np.testing.assert_allclose(cache.kl(name)[rows], expected["kl"], rtol=1e-2, atol=1e-2)
            assert cache.projection(name, "umap").shape == (cache.n, 2)


def test_the_packaged_language_model_is_of_this_text_and_knows_real_sentences(workspace: Workspace) -> None:
    run, corpus = Run.open(PACKAGED_DEMO), Corpus.open(workspace.corpus("demo"))
    stored = read_judge(run)
    assert stored is not None
    assert stored.corpus == corpus.fingerprint
    assert {array.dtype for array in stored.weights.values()} == {np.dtype(np.float16)}
    assert path_of(run.path).stat().st_size < 1_500_000
    network = RecurrentJudge.of(stored, torch.device("cpu"), "the packaged one").network
    sentences = [corpus.test.ids(row).tolist() for row in range(0, len(corpus.test), 25)]
    real = Texts.of([sentence for sentence in sentences if UNK not in sentence])
    turned = Texts.of([real[row][-2::-1] + real[row][-1:] for row in range(len(real))])  # but for the full stop
    own, nonsense = (perplexity(network.nll(each.ids, each.offsets), each.lengths) for each in (real, turned))
    assert own == pytest.approx(22.7, rel=0.1)  # as the card says
    assert nonsense > 20 * own


def test_the_more_a_model_is_asked_to_reconstruct_the_more_its_latent_holds(workspace: Workspace) -> None:
    """The paper's finding, on the shipped models."""
    with LatentCache.open(workspace.cache("demo")) as cache:
        kl = [cache.mean_kl(name) for name in PAPER]
        elbo = [-float(cache.nll(name).mean()) - cache.mean_kl(name) for name in PAPER]
        active = [cache.active_units(name) for name in PAPER]
        assert kl == sorted(kl)
        assert kl[3] > 4 * kl[0]
        assert active[0] < active[2]
        assert elbo[0] == max(elbo)

    texts = Corpus.open(workspace.corpus("demo")).test_texts()[:25]
    session = Session.load(Run.open(PACKAGED_DEMO), "cpu")
    found = dict.fromkeys(PAPER, 0.0)
    for text in texts:
        for made in session.reconstruct(text):
            words = set(made.typed.words)
            found[made.variant] += len(words & set(made.decoded.words)) / len(words) / len(texts)
    assert found["autogen-m2"] > found["autogen-m1"] > found["vae"]


def test_the_card_says_what_was_trained_and_how() -> None:
    card = (PACKAGED_DEMO / "README.md").read_text(encoding="utf-8")
    run = Run.open(PACKAGED_DEMO)
    assert f"{run.settings.train.steps:,}" in card
    assert f"LSTMs of {run.settings.model.hidden} units" in card
    assert f"Adam {run.settings.train.learning_rate:g} " in card
    command = f"train demo --run demo-new --set train.precision={run.settings.train.precision}"
    assert command in card
    assert command in (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert run.settings.corpus.fingerprint[:12] in card
    assert Path("LICENSE").name in card or "MIT" in card
