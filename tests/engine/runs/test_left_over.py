"""Caches of steps whose checkpoints are gone: only ours are named, and only on request are they deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.cli.app import main
from engine.runs.left_over import left_over, remove
from engine.runs.run import Run
from engine.storage.cache_maps import add_projections
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import held
from engine.storage.maps.map_list import folder_of
from engine.workspace import Workspace


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    """The run `tiny` with caches of its own step, of one that was deleted, and files that only look like such."""
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    step = Run.open(made.run("tiny")).checkpoints("vae").newest().step
    for name in (f"tiny@{step}", "tiny@7", "other@7"):
        shutil.copy(made.cache("tiny"), made.root / "cached_latents" / f"{name}.h5")
    folder = made.root / "cached_latents"
    (folder / "tiny@8.h5").write_bytes(b"my own notes")
    (folder / "tiny@9 (copy).h5").write_bytes((folder / "tiny@7.h5").read_bytes())
    shutil.copy(folder / "tiny@7.h5", folder / "tiny@10.h5")
    with h5py.File(folder / "tiny@10.h5", "r+") as file:  # of a run of that name that was deleted and begun anew
        file.attrs["corpus_fingerprint"] = "0" * 64
    return made


def _add_a_map(path: Path) -> None:
    with LatentCache.open(path) as cache:
        maps = {each: (np.ones((cache.n, 2)), {"method": "pca"}) for each in cache.variants}
    add_projections(path, maps, "ones")


def names(workspace: Workspace) -> set[str]:
    return {path.name for path in (workspace.root / "cached_latents").glob("*.h5")}


def test_only_caches_of_this_run_whose_checkpoints_are_gone_are_left_over(workspace: Workspace) -> None:
    (found,) = left_over(workspace)
    assert (found.path, found.run, found.step) == (workspace.cache("tiny", 7), "tiny", 7)
    assert found.size == found.path.stat().st_size
    _add_a_map(found.path)
    (found,) = left_over(workspace)
    assert found.size > found.path.stat().st_size
    assert list(left_over(workspace, "other")) == []


def test_nothing_is_deleted_unless_asked_for_and_then_nothing_else(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = names(workspace)
    _add_a_map(workspace.cache("tiny", 7))

    def run(*options: str) -> str:
        with pytest.raises(SystemExit):
            main(["verify", "tiny", *options, "--workspace", str(workspace.root)])
        captured = capsys.readouterr()
        return captured.out + captured.err

    told = run()
    assert f"left     {workspace.cache('tiny', 7)}: the checkpoints of step 7 are gone" in told
    assert f"python main.py verify tiny --remove-left-over --workspace {workspace.root}" in told
    assert names(workspace) == before
    told = run("--remove-left-over")
    assert f"Deleted {workspace.cache('tiny', 7)}" in told
    assert names(workspace) == before - {"tiny@7.h5"}
    assert not list((workspace.root / "cached_latents").glob(".tiny@7*"))
    assert not folder_of(workspace.cache("tiny", 7)).exists()


def test_a_cache_whose_checkpoint_is_there_again_stays(workspace: Workspace) -> None:
    (found,) = left_over(workspace)
    folder = Run.open(workspace.run("tiny")).checkpoints("vae")
    newest = folder.newest()
    folder.write(7, newest.weights(), None)
    assert not remove(found, workspace)
    assert found.path.exists()


def test_doctor_names_what_is_left_over(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    from engine.doctor import _left_over

    check = _left_over(workspace)
    assert (check.ok, check.needed) == (False, False)
    assert "1 of steps whose checkpoints are gone" in check.detail
    assert "tiny@7.h5" in check.detail
    with held(workspace.cache("tiny", 7), "reading"):
        assert not _left_over(workspace).ok
    (found,) = left_over(workspace)
    remove(found, workspace)
    assert _left_over(workspace).ok
