"""Checkpoints that stay: the newest, those at every so many steps, and those in use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch

from engine.runs.checkpoint import CheckpointFolder
from engine.workspace import CHECKOUT

HOLDS = """
import sys
from pathlib import Path
from engine.runs.checkpoint import CheckpointFolder
with CheckpointFolder(Path(sys.argv[1])).in_use(20):
    print("in use", flush=True)
    sys.stdin.read()
"""


def written(folder: Path, *steps: int) -> CheckpointFolder:
    folder.mkdir(exist_ok=True)
    made = CheckpointFolder(folder)
    for step in steps:
        made.write(step, {"w": torch.full((2,), float(step))}, {"v": torch.zeros(2)})
    return made


def test_the_newest_and_those_at_every_so_many_steps_stay(tmp_path: Path) -> None:
    folder = written(tmp_path / "vae", 10, 20, 30, 40, 50)
    folder.keep(2, every=20)
    assert folder.steps() == [20, 40, 50]
    assert folder.resumable_steps() == [40, 50]


def test_the_best_steps_stay_until_others_are_better(tmp_path: Path) -> None:
    folder = written(tmp_path / "vae", 10, 20, 30, 40, 50)
    folder.keep(2, best={10, 30, 50})
    assert folder.steps() == [10, 30, 40, 50]
    assert folder.resumable_steps() == [40, 50]
    folder.keep(2, best={10})
    assert folder.steps() == [10, 40, 50]


def test_what_is_in_use_stays_until_it_is_not(tmp_path: Path) -> None:
    folder = written(tmp_path / "vae", 10, 20, 30)
    with folder.in_use(10), folder.in_use(10):
        folder.keep(1)
        assert folder.steps() == [10, 30]
        assert folder.at(10).weights()["w"].tolist() == [10.0, 10.0]
    folder.keep(1)
    assert folder.steps() == [30]
    assert not [path for path in folder.folder.iterdir() if "10" in path.name]


def test_what_another_process_has_in_use_stays_and_both_may_use_it(tmp_path: Path) -> None:
    folder = written(tmp_path / "vae", 20, 30)
    command = [sys.executable, "-c", HOLDS, str(folder.folder)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "in use\n"
        with folder.in_use(20):
            folder.keep(1)
            assert folder.steps() == [20, 30]
        folder.keep(1)
        assert folder.steps() == [20, 30]
        other.stdin.close()
    folder.keep(1)
    assert folder.steps() == [30]
