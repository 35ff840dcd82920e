"""Opening a run at an earlier checkpoint: its latents, maps and models, beside those of the newest one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from engine.cli.app import app
from engine.encoding.encode import check_fresh, encode
from engine.errors import LoomError, UsageError
from engine.models.trained import load_model
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


def test_the_cache_of_a_step_can_be_that_of_no_run(tiny_workspace: Workspace) -> None:
    assert tiny_workspace.cache("tiny", 20).name == "tiny@20.h5"
    with pytest.raises(UsageError):
        tiny_workspace.new_run("tiny@20")


@torch.no_grad()
def test_a_step_is_encoded_with_its_own_weights_and_the_newest_cache_stays(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    newest = workspace.cache("tiny").read_bytes()
    list(encode(run, workspace, device="cpu", step=20))
    assert workspace.cache("tiny").read_bytes() == newest
    with LatentCache.open(workspace.cache("tiny", 20)) as early, LatentCache.open(workspace.cache("tiny")) as late:
        check_fresh(run, early, 20)
        with pytest.raises(LoomError, match="trained since"):
            check_fresh(run, early)
        with pytest.raises(LoomError, match=r"encode tiny --step 20"):
            check_fresh(run, late, 20)
        assert early.sentences() == late.sentences()
        assert not np.allclose(early.mu("vae"), late.mu("vae"))
        model = load_model(run, "vae", torch.device("cpu"), 20)
        text = Session.load(run, "cpu", step=20).encode(early.sentence(3), ["vae"])["vae"]
        np.testing.assert_allclose(early.mu("vae")[3], text.mu, atol=1e-5)
        assert model.latent == early.latent


def test_sessions_of_two_steps_are_two_models(tiny_run: Run) -> None:
    said = [Session.load(tiny_run, "cpu", step=step).encode("The cat sees the house today.") for step in (20, None)]
    assert not np.allclose(said[0]["vae"].mu, said[1]["vae"].mu)


def test_a_step_that_was_not_kept_is_refused_before_any_work(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    with pytest.raises(LoomError, match="a checkpoint of step 30") as refused:
        list(encode(run, workspace, device="cpu", step=30))
    assert "20, 40" in refused.value.hint
    assert not workspace.cache("tiny", 30).exists()


def test_a_variant_without_that_step_can_be_left_out(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    for file in run.checkpoints("vae").folder.glob("step-000000020*"):
        file.unlink()
    list(encode(run, workspace, ("autogen-m1",), "cpu", step=20))
    with LatentCache.open(workspace.cache("tiny", 20)) as cache:
        assert cache.variants == ("autogen-m1",)
        check_fresh(run, cache, 20)


def test_the_commands_take_a_step(workspace: Workspace) -> None:
    where = ["--workspace", str(workspace.root), "--quiet"]
    early = CliRunner().invoke(app, ["project", "tiny", "--step", "20", "--method", "pca", *where])
    assert early.exit_code == 1
    assert CliRunner().invoke(app, ["encode", "tiny", "--step", "20", "--device", "cpu", *where]).exit_code == 0
    assert CliRunner().invoke(app, ["project", "tiny", "--step", "20", "--method", "pca", *where]).exit_code == 0
    with LatentCache.open(workspace.cache("tiny", 20)) as cache:
        assert cache.projections("vae") == ("pca",)
