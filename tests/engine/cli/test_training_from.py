"""`train --from`: what it takes, what it refuses, and what --resume holds it to."""

from __future__ import annotations

import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

from engine.runs.run import Run
from engine.workspace import Workspace
from tests.engine.cli.test_commands import result, run

SIZES = ("embedding=12", "hidden=16", "latent=4", "recognition=[]", "initialisation=torch")
SMALL = tuple(part for each in (*SIZES, "bidirectional=false") for part in ("--set", f"model.{each}"))


@pytest.fixture
def where(tiny_workspace: Workspace, tmp_path: Path) -> tuple[str, ...]:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    return ("--workspace", str(tmp_path))


def test_a_training_from_another_one_is_begun_shown_timed_and_resumed_with_the_same_only(
    where: tuple[str, ...], tmp_path: Path
) -> None:
    sizes = (*SMALL, "--batch", "8", "--steps", "3")
    asked = ("train", "tiny", "--run", "more", *sizes, "--variants", "autogen-m1", "--device", "cpu", *where)
    shown = run(*asked, "--from", "tiny", "--show-config")
    assert shown.stdout.startswith("# with --from tiny\n")
    assert tomllib.loads(shown.stdout)["train"]["steps"] == 3
    assert result(*asked, "--from", "tiny", "--estimate")["seconds"] > 0
    assert not (tmp_path / "runs" / "more").exists()
    result(*asked, "--from", "tiny")
    (origin,) = Run.open(tmp_path / "runs" / "more").settings.first_weights
    tiny = Run.open(tmp_path / "runs" / "tiny")
    assert (origin.run, origin.of, origin.step) == ("tiny", "autogen-m1", 40)
    assert origin.weights_sha256 == tiny.model_fingerprint("autogen-m1")
    shutil.rmtree(tmp_path / "runs" / "tiny")  # what was taken from it is in the run
    for same in ((), ("--from", "tiny"), ("--from", "tiny:autogen-m1")):
        assert run(*asked, *same, "--resume").returncode == 0
    for other in ("demo", "tiny:vae"):
        refused = run(*asked, "--from", other, "--resume")
        assert refused.returncode == 2
        assert f"was begun with --from = tiny, not {other}" in refused.stderr


def test_what_does_not_fit_is_told_before_anything_is_done(where: tuple[str, ...], tmp_path: Path) -> None:
    for given, told in (
        (("tiny", "--variants", "vae"), "model.embedding is 128, not 12"),
        (("tiny", *SMALL), "has no variant vae-annealed and no autogen-m2"),
        (("tiny:other", *SMALL), "has no variant 'other'"),
        (("demo", "--variants", "vae"), "its words are not those of this text"),
        (("",), "--from is empty"),
    ):
        refused = run("train", "tiny", "--run", "more", *where, "--from", *given)
        assert refused.returncode == 2, refused
        assert told in refused.stderr
    assert run("train", "tiny", "--run", "more", *where, "--from", "nothing").returncode == 1
    refused = run("train", "tiny", "--run", "more", *where, "--from", "tiny", "--variants", "vae")
    advised = shlex.split(refused.stderr.partition("that run: ")[2])
    assert "--set" in advised
    assert (
        run("train", "tiny", *advised, *where, "--from", "tiny", "--variants", "vae", "--show-config").returncode == 0
    )
    assert not (tmp_path / "runs" / "more").exists()
