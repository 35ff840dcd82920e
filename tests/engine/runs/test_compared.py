"""Which checkpoints are compared: the newest that all variants have."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.encoding.encode import check_fresh, encode
from engine.encoding.packaging import package
from engine.events import Note
from engine.models.trained import load_model
from engine.runs.compared import comparable, compared
from engine.runs.failures import note_failure
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

NOTE = "vae is trained to step 40, but every variant has step 20; that is compared."
TEXT = "The cat sees the house today."


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    """The tiny run, as a training leaves it that is killed between the checkpoints of its two variants."""
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    for file in (made.run("tiny") / "variants" / "autogen-m1").glob("step-000000040*"):
        file.unlink()
    return made


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return Run.open(workspace.run("tiny"))


def give_checkpoints(run: Run, kept: Mapping[str, list[int]]) -> None:
    """Leave the run with checkpoints of these steps, all with the same weights."""
    weights = run.checkpoints("vae").newest().weights()
    for name, steps in kept.items():
        folder = run.checkpoints(name)
        for file in folder.folder.glob("step-*"):
            file.unlink()
        for step in steps:
            folder.write(step, weights, None)


@pytest.mark.parametrize(
    ("kept", "failed", "steps", "step", "note"),
    [
        ({"vae": [20, 40], "autogen-m1": [20, 40]}, [], (40, 40), None, ""),
        ({"vae": [20, 40], "autogen-m1": [20]}, [], (20, 20), 20, NOTE),
        (
            {"vae": [2000, 4000], "autogen-m1": [1000, 2000, 3000]},
            [],
            (2000, 2000),
            2000,
            "autogen-m1 is trained to step 3,000, but",
        ),
        ({"vae": [40, 60], "autogen-m1": [10, 20]}, [], (60, 20), None, "newest of each is compared: vae 60"),
        ({"vae": [40], "autogen-m1": []}, [], (40, None), None, ""),
        ({"vae": [], "autogen-m1": []}, [], (None, None), None, ""),
        ({"vae": [20, 40], "autogen-m1": [10, 20]}, ["autogen-m1"], (40, 20), None, "autogen-m1 was stopped and is"),
        ({"vae": [20, 40], "autogen-m1": [40]}, ["autogen-m1"], (40, 40), None, ""),
        ({"vae": [10], "autogen-m1": [20]}, ["vae", "autogen-m1"], (10, 20), None, "no step that every variant has"),
        ({"vae": [20, 40], "autogen-m1": [20]}, ["vae", "autogen-m1"], (20, 20), 20, NOTE),
    ],
)
def test_the_newest_step_that_all_have_is_compared_and_told_where_it_is_not_everybodys_newest(
    run: Run, kept: Mapping[str, list[int]], failed: list[str], steps: tuple[int | None, ...], step: int, note: str
) -> None:
    give_checkpoints(run, kept)
    for name in failed:
        note_failure(run, name, 50, "its loss exploded")
    found = compared(run)
    assert (found.steps.get("vae"), found.steps.get("autogen-m1")) == steps
    assert found.step == step
    assert note in found.note
    assert bool(note) == bool(found.note)


def test_a_step_that_was_asked_for_is_what_it_says(run: Run) -> None:
    found = compared(run, 40)
    assert dict(found.steps) == {"vae": 40, "autogen-m1": 40}
    assert (found.step, found.note) == (40, "")


def test_encoding_takes_the_common_step_and_says_so(workspace: Workspace, run: Run) -> None:
    told = [event.text for event in encode(run, workspace, device="cpu") if isinstance(event, Note)]
    assert told == [NOTE]
    list(encode(run, workspace, device="cpu", step=20))
    with LatentCache.open(workspace.cache("tiny")) as found, LatentCache.open(workspace.cache("tiny", 20)) as early:
        check_fresh(run, found)
        for name in ("vae", "autogen-m1"):
            assert np.array_equal(found.mu(name), early.mu(name))
            assert found.info(name).model_fingerprint == run.model_fingerprint(name, 20)


def test_a_training_beside_that_deletes_old_checkpoints_does_not_hinder_encoding(
    workspace: Workspace, run: Run
) -> None:
    weights = run.model_fingerprint("autogen-m1", 20)
    events = encode(run, workspace, device="cpu")
    for event in events:
        if not isinstance(event, Note):  # the models are loaded and the first variant is under way
            break
    give_checkpoints(run, {"vae": [60, 80], "autogen-m1": [60, 80]})
    list(events)
    with LatentCache.open(workspace.cache("tiny")) as found:
        assert found.info("autogen-m1").model_fingerprint == weights


def test_a_session_has_the_models_of_the_common_step(run: Run) -> None:
    session, early = Session.load(run, "cpu"), Session.load(run, "cpu", step=20)
    assert (session.step, session.note) == (20, NOTE)
    assert np.array_equal(session.encode(TEXT)["vae"].mu, early.encode(TEXT)["vae"].mu)
    assert Session.load(run, "cpu", ["vae"]).step == 20  # a column is the same model alone and beside others
    late, taken = load_model(run, "vae", session.device, 40), session.model("vae")
    assert not (late.output_bias == taken.output_bias).all()


def invoke(workspace: Workspace, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace.root), "--device", "cpu"])
    assert result.exit_code == 0, result.stderr
    return result


def test_the_commands_compare_the_same_step_and_say_so(workspace: Workspace, run: Run) -> None:
    assert NOTE in invoke(workspace, "encode", "tiny").stderr
    said = invoke(workspace, "reconstruct", "tiny", "--text", TEXT, "--greedy", "--json")
    assert NOTE in said.stderr
    expected = [each.decoded.text for each in Session.load(run, "cpu", step=20).reconstruct(TEXT)]
    results = json.loads(said.stdout)["results"]
    assert {each["variant"] for each in results} == {"vae", "autogen-m1"}
    assert all("tiny@20/" in json.dumps(each) for each in results)
    assert len(expected) == len(results)
    assert NOTE in invoke(workspace, "table", "tiny", "objective", "-o", str(workspace.root / "t.csv")).stderr
    assert NOTE in invoke(workspace, "neighbours", "tiny", "--text", TEXT).stderr
    diagnosed = invoke(
        workspace, "diagnose", "tiny", "--sentences", "20", "--weighted", "2", "--samples", "1", "--json"
    )
    assert NOTE in diagnosed.stderr
    assert json.loads(diagnosed.stdout)["step"] == 20
    events = invoke(workspace, "reconstruct", "tiny", "--text", TEXT, "--events").stderr.splitlines()
    assert json.loads(events[0]) == {"event": "note", "text": NOTE, "level": "info"}
    assert NOTE not in invoke(workspace, "reconstruct", "tiny", "--text", TEXT, "--quiet").stderr


def test_a_variant_that_was_stopped_early_is_left_out_of_what_compares_numbers(
    workspace: Workspace, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    give_checkpoints(run, {"vae": [40], "autogen-m1": [5]})
    note_failure(run, "autogen-m1", 7, "its loss exploded")
    told = "Without AutoGen m=1, stopped at step 5: the others are compared at step 40."
    assert comparable(run).without == told
    assert [variant.name for variant in comparable(run).variants] == ["vae"]
    small = ("--limit", "8", "--samples", "1", "--draws", "4", "--pairs", "4", "--beam", "1")
    for arguments in (
        ("diagnose", "tiny", "--sentences", "20", "--weighted", "2", "--samples", "1"),
        ("evaluate", "tiny", *small),
    ):
        said = invoke(workspace, *arguments, "--json")
        assert told in said.stderr
        made = json.loads(said.stdout)
        assert made["step"] == 40
        assert [*made["models"]] == ["vae"]
    assert told in invoke(workspace, "report", "tiny", "-o", str(workspace.root / "report")).stderr
    assert told in (workspace.root / "report" / "index.html").read_text(encoding="utf-8")
    assert "AutoGen" not in (workspace.root / "report" / "tables" / "objective.csv").read_text(encoding="utf-8")


def test_of_variants_that_all_failed_one_step_is_compared_everywhere(workspace: Workspace, run: Run) -> None:
    give_checkpoints(run, {"vae": [20, 40], "autogen-m1": [20]})
    for name in ("vae", "autogen-m1"):
        note_failure(run, name, 45, "its loss exploded")
    invoke(workspace, "encode", "tiny")
    with LatentCache.open(workspace.cache("tiny")) as cache:
        prints = {name: cache.info(name).model_fingerprint for name in cache.variants}
    assert prints == {name: run.model_fingerprint(name, 20) for name in ("vae", "autogen-m1")}
    made = json.loads(
        invoke(workspace, "diagnose", "tiny", "--sentences", "20", "--weighted", "2", "--samples", "1", "--json").stdout
    )
    assert made["models"] == prints


def test_a_run_is_packaged_at_the_common_step(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.encoding.packaging.find_corpus", lambda run, workspace: iter(()))  # it is no demo's
    for event in package(run.path, tmp_path / "packaged"):
        if isinstance(event, Note) and event.text.startswith("autogen-m1: step"):
            break
    packaged = [path.name for path in (tmp_path / "packaged").glob("variants/*/step-*.json")]
    assert packaged == ["step-000000020.json"] * 2
