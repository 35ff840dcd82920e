"""The numbers of published tables, against plain loops over the words of a corpus with given parts."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.diagnostics.published import BATCH, batched_information
from engine.runs.best import best_steps
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.conftest import begin_run, write_sentences
from tests.engine.diagnostics.plain_numbers import PlainModel, plain_numbers
from tests.engine.training.test_loop import finish

SHAPES = {
    "ptb": {"z_at": "state", "state_from_z": "linear", "dropout": 0.5},
    "yahoo": {"z_at": "both", "state_from_z": "cell", "output_bias": False, "dropout": 0.5},
    "plain": {"z_at": "both", "shared_words": True, "reads_end": False},
}
OTHERWISE = {"tied": False, "shared_words": False, "reads_end": True, "state_from_z": "tanh"}
NAMES = {"lagging": "vae-lagging-encoder", "texar": "texar", "sentence-vae": "Sentence-VAE"}
WEIGHTED, SAMPLES = 12, 7


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A tokenised corpus of given parts, with marks apart and unknown words, and a trained run of each shape."""
    made = Workspace(tmp_path_factory.mktemp("published"))
    text = write_sentences(made.root / "all.txt", 400).read_text(encoding="utf-8").lower()
    lines = [line.replace(".", " .").replace("forgets", "<unk>") for line in text.splitlines()]
    for name, part in (("train", lines[:280]), ("valid", lines[280:330]), ("test", lines[330:])):
        (made.root / f"{name}.txt").write_text("\n".join(part) + "\n", encoding="utf-8")
    files = {name: str(made.root / f"{name}.txt") for name in ("train", "valid", "test")}
    request = CorpusRequest(
        files["train"],
        "parts",
        min_words=1,
        vocabulary=30,
        tokenised=True,
        valid_source=files["valid"],
        test_source=files["test"],
    )
    list(prepare_corpus(request, made.corpus("parts")))
    corpus = Corpus.open(made.corpus("parts"))
    for name, shape in SHAPES.items():
        run = begin_run(
            corpus, made.new_run(name), ["vae"], model=OTHERWISE | shape, checkpoint_every=10, word_drop=0.0
        )
        finish(corpus, run)
    return made


def read_by_hand(workspace: Workspace, run: Run) -> list[list[int]]:
    """The test part as ids, cut at its spaces."""
    known = {word: number for number, word in enumerate(run.vocabulary.words)}
    lines = (workspace.root / "test.txt").read_text(encoding="utf-8").splitlines()
    return [[known.get(word, known["<unk>"]) for word in line.split(" ")] for line in lines]


def diagnosed(workspace: Workspace, run: str) -> dict[str, Any]:
    arguments = ["diagnose", run, "--step", "best", "--weighted", str(WEIGHTED), "--samples", str(SAMPLES), "--json"]
    found = CliRunner().invoke(app, [*arguments, "--device", "cpu", "--workspace", str(workspace.root)])
    assert found.exit_code == 0, found.stderr
    return dict(json.loads(found.stdout))


@pytest.mark.parametrize("name", SHAPES)
def test_every_published_number_is_that_of_a_plain_loop(workspace: Workspace, name: str) -> None:
    run = Run.open(workspace.run(name))
    stored = run.checkpoints("vae").at(best_steps(run, run.variants)["vae"]).weights()
    weights = {key: tensor.double().numpy() for key, tensor in stored.items()}
    model = PlainModel(weights, run.settings.model.model_dump())
    expected = plain_numbers(model, read_by_hand(workspace, run), WEIGHTED, SAMPLES)
    values = diagnosed(workspace, name)["variants"]["vae"]
    for key, number in expected.items():
        program, metric = key.split(" ")
        found = values["published"][NAMES[program]][metric]
        assert found["value"] == pytest.approx(number, rel=1e-5, abs=1e-5), key
        assert found["n"] == (WEIGHTED if key in ("lagging nll", "lagging perplexity") else 70)
    # Ours are the same where the definitions are, and another number where they are not.
    assert values["nll"]["value"] == pytest.approx(expected["lagging nll"], rel=1e-5)
    assert values["perplexity"]["value"] == pytest.approx(expected["lagging perplexity"], rel=1e-5)
    assert -values["elbo"]["value"] == pytest.approx(expected["texar nll"], rel=1e-5)
    assert -values["reconstruction"]["value"] == pytest.approx(expected["sentence-vae nll"], rel=1e-5)
    assert values["mutual_information"]["value"] != pytest.approx(expected["lagging mutual_information"], rel=1e-3)


def test_people_are_shown_them_with_what_is_different(workspace: Workspace) -> None:
    arguments = ["diagnose", "ptb", "--step", "best", "--weighted", str(WEIGHTED), "--samples", str(SAMPLES)]
    found = CliRunner().invoke(app, [*arguments, "--device", "cpu", "--workspace", str(workspace.root)])
    values = diagnosed(workspace, "ptb")["variants"]["vae"]["published"]
    rows = {line.split("  ")[0].strip(): line.split()[-1] for line in found.stdout.splitlines() if line.strip()}
    assert rows["He et al. NLL"] == f"{values['vae-lagging-encoder']['nll']['value']:.2f}"
    assert rows["texar NLL"] == f"{values['texar']['nll']['value']:.2f}"
    assert rows["Sent.-VAE NLL"] == f"{values['Sentence-VAE']['nll']['value']:.2f}"
    assert "reconstruction without the KL in Sentence-VAE" in " ".join(found.stdout.split())


def test_information_within_batches_is_bounded_by_their_size() -> None:
    random = np.random.default_rng(0)
    n, far = 4 * BATCH, 50.0
    mu = random.normal(size=(n, 3)) * far  # every sentence can be told from every other
    logvar = np.full((n, 3), -4.0)
    z = mu + np.exp(logvar / 2) * random.normal(size=(n, 3))
    together = batched_information(np.full(n, 9), mu, logvar, z)
    assert together == pytest.approx(math.log(BATCH), abs=0.3)
    alone = batched_information(np.arange(n), mu, logvar, z)  # lengths that nobody shares: a batch of one tells nothing
    assert alone == pytest.approx(0.0, abs=0.3)
    collapsed = batched_information(np.full(n, 9), np.zeros((n, 3)), np.zeros((n, 3)), random.normal(size=(n, 3)))
    assert collapsed == pytest.approx(0.0, abs=0.3)  # near 0, not at it: closed form and draws do not cancel
