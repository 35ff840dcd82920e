"""The validation part chooses: the best step of each variant is marked, kept, and can be asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.config import KlSchedule, Variant
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Done
from engine.runs.best import asked_step, best_step, best_steps, bound, shared_best
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.conftest import begin_run, write_sentences
from tests.engine.training.test_loop import finish, stop_after

OVERFITS = {"steps": 120, "batch": 8, "learning_rate": 0.02, "final_learning_rate": 1.0, "word_drop": 0.0, "warmup": 0}
LARGE = {"hidden": 64, "embedding": 32}
STEPS = list(range(10, 121, 10))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A corpus of given parts, and the run `parts`, which has learned its training part by heart."""
    made = Workspace(tmp_path_factory.mktemp("best"))
    source = write_sentences(made.root / "all.txt", 120)
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("train", lines[:30]), ("valid", lines[30:80]), ("test", lines[80:120])):
        (made.root / f"{name}.txt").write_text("".join(part), encoding="utf-8")
    files = {name: str(made.root / f"{name}.txt") for name in ("train", "valid", "test")}
    request = CorpusRequest(
        files["train"], "parts", vocabulary=60, valid_source=files["valid"], test_source=files["test"]
    )
    list(prepare_corpus(request, made.corpus("parts")))
    run = begin_run(corpus_of(made), made.new_run("parts"), model=LARGE, log_every=10, checkpoint_every=10, **OVERFITS)
    finish(corpus_of(made), run)
    return made


def corpus_of(workspace: Workspace) -> Corpus:
    return Corpus.open(workspace.corpus("parts"))


def validated(run: Run, variant: str) -> list[dict[str, float]]:
    return [line for line in read_lines(run.metrics_path(variant)) if line["split"] == "validation"]


def test_the_best_step_is_that_of_the_best_bound_on_the_validation_part(workspace: Workspace) -> None:
    run = Run.open(workspace.run("parts"))
    for variant in run.variants:
        lines = validated(run, variant.name)
        assert [line["step"] for line in lines] == STEPS
        bounds = [(1 + variant.m) * line["reconstruction"] - line["kl"] for line in lines]
        assert [line["bound"] for line in lines] == pytest.approx(bounds)
        best = STEPS[bounds.index(max(bounds))]
        assert best_step(run, variant.name) == best
        assert best < 100  # what is learned by heart is worse for other sentences
        assert [line["best"] for line in lines] == [each == max(bounds[: i + 1]) for i, each in enumerate(bounds)]


def test_the_best_step_of_one_variant_stays_of_all(workspace: Workspace) -> None:
    run = Run.open(workspace.run("parts"))
    best = set(best_steps(run, run.variants).values())
    for variant in run.variants:
        assert run.checkpoints(variant.name).steps() == sorted({*best, 110, 120})


def test_the_weight_of_a_beta_vae_is_part_of_its_bound() -> None:
    variant = Variant(name="both", m=0.5, kl_schedule=KlSchedule(kind="linear", warmup=9, end=0.4))
    assert bound(variant, -20.0, 5.0) == pytest.approx(-1.5 * 20 - 0.4 * 5)


def test_a_training_that_was_stopped_ends_with_the_same_best_steps(workspace: Workspace, tmp_path: Path) -> None:
    whole, corpus = Run.open(workspace.run("parts")), corpus_of(workspace)
    broken = begin_run(corpus, tmp_path / "broken", model=LARGE, log_every=10, checkpoint_every=10, **OVERFITS)
    for stop in (42, 63):
        with pytest.raises(Stopped):
            finish(corpus, Run.open(broken.path), stop_after(stop))
    finish(corpus, Run.open(broken.path))
    for variant in ("vae", "autogen-m1"):
        assert validated(broken, variant) == validated(whole, variant)
        assert best_step(broken, variant) == best_step(whole, variant)
        assert broken.model_fingerprint(variant, best_step(broken, variant)) == whole.model_fingerprint(
            variant, best_step(whole, variant)
        )


def test_only_checkpoints_that_are_there_can_be_the_best(workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(workspace.run("parts"), tmp_path / "copy")
    run = Run.open(tmp_path / "copy")
    best = best_step(run, "vae")
    for file in run.checkpoints("vae").folder.glob(f"step-{best:09d}.*"):
        file.unlink()
    others = [step for step in run.checkpoints("vae").steps() if step < (best or 0)]
    marked = [line["step"] for line in validated(run, "vae") if line["best"] and line["step"] in others]
    assert best_step(run, "vae") == (marked[-1] if marked else None)


def test_measurements_between_checkpoints_choose_nothing(workspace: Workspace, tmp_path: Path) -> None:
    corpus = corpus_of(workspace)
    run = begin_run(
        corpus, tmp_path / "r", ["vae"], **{**OVERFITS, "steps": 12, "evaluate_every": 4, "checkpoint_every": 6}
    )
    finish(corpus, run)
    marked = {line["step"]: line.get("best") is not None for line in validated(run, "vae")}
    assert marked == {4: False, 6: True, 8: False, 12: True}


def test_without_a_given_validation_part_there_is_no_best_step(tiny_run: Run) -> None:
    assert best_step(tiny_run, "vae") is None
    with pytest.raises(LoomError, match="which step of vae, autogen-m1 in run 'tiny' is the best"):
        best_steps(tiny_run, tiny_run.variants)


def told(workspace: Workspace, *arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace.root), "--device", "cpu"])
    return found.exit_code, found.stdout, found.stderr


def test_diagnose_measures_each_variant_at_its_best_step(workspace: Workspace) -> None:
    run = Run.open(workspace.run("parts"))
    best = best_steps(run, run.variants)
    asked = ("diagnose", "parts", "--sentences", "30", "--weighted", "4", "--samples", "4", "--json")
    code, out, err = told(workspace, *asked, "--step", "best")
    found = json.loads(out)
    assert (code, found["step"], found["steps"]) == (0, "best", best)
    assert found["models"] == {name: run.model_fingerprint(name, step) for name, step in best.items()}
    assert f"its best step by the validation part: vae {best['vae']}" in err.replace("\n", " ")
    for name, step in best.items():  # alone, at that step, it is the same; and what is kept of the one is not the other
        _, out, _ = told(workspace, *asked, "--step", str(step), "--variants", name)
        alone = json.loads(out)
        assert alone["step"] == step
        assert alone["variants"][name]["elbo"] == found["variants"][name]["elbo"]
    code, again, err = told(workspace, *asked, "--step", "best")
    assert (json.loads(again), "where it was kept" in err) == (found, True)
    code, out, _ = told(workspace, *[each for each in asked if each != "--json"], "--step", "best")
    assert code == 0
    assert f"the best step of each variant by the validation part (vae {best['vae']}" in " ".join(out.split())


def test_latents_are_of_one_step_for_all(workspace: Workspace) -> None:
    run = Run.open(workspace.run("parts"))
    best = best_steps(run, run.variants)
    code, _, err = told(workspace, "encode", "parts", "--step", "best", "--variants", "vae")
    assert (code, workspace.cache("parts", best["vae"]).exists()) == (0, True), err
    if len(set(best.values())) > 1:
        with pytest.raises(UsageError, match="each variant has its own best"):
            shared_best(run, run.variants)
    code, _, err = told(workspace, "encode", "parts", "--step", str(max(best.values())))
    assert code == 0, err


@pytest.mark.parametrize("text", ["-1", "worst", "1e3", "２", "1" * 13, ""])
def test_what_is_no_step_is_refused(workspace: Workspace, text: str) -> None:
    code, _, err = told(workspace, "diagnose", "parts", f"--step={text}")
    assert (code, ("is no step" if text else "--step is empty") in err) == (2, True)
    assert [asked_step(each) for each in (None, "best", "0", "40")] == [None, "best", 0, 40]


def test_a_training_says_which_steps_are_the_best(workspace: Workspace) -> None:
    run = Run.open(workspace.run("parts"))
    *_, done = finish(corpus_of(workspace), run)
    assert isinstance(done, Done)
    best = best_steps(run, run.variants)
    assert {name: terms["best_step"] for name, terms in done.result["variants"].items()} == best
    small = [f"--set=model.{key}=8" for key in ("hidden", "embedding", "latent")]
    options = ["--steps=4", "--checkpoint-every=4", "--evaluate-every=4", "--variants=vae", "--batch=8"]
    code, out, err = told(workspace, "train", "parts", "--run", "short", *options, *small)
    assert (code, "Best by the validation part: step of vae 4" in out + err) == (0, True)
