"""The workspace a monkey plays in: the packaged demo, two small runs, and files for the dialogs to choose.

It is made by a process of its own (`python -m tests.monkey.laboratory FOLDER`), so that the memory which training takes
is not counted as the window's.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.workspace import CHECKOUT

SMALL, FOUR = "small", "four"
"""Runs: one of two variants with maps and earlier checkpoints, one of four variants whose maps are still to be made."""

CORPUS = "tiny"
SETTINGS = "settings"
"""The folder with TOML files, one of them of a training that takes seconds."""

EXPORTS = "exports"
_LIMIT = 240.0
_TRAINING = """preset = "demo"
variants = ["vae", "autogen-m1"]

[model]
embedding = 12
hidden = 16
latent = 4

[train]
steps = 300
batch = 32
log_every = 10
checkpoint_every = 100
keep_every = 100
"""


def prepared(root: Path) -> None:
    """Make the workspace in an empty folder.

    Raises:
        RuntimeError: it could not be made.
    """
    command = [sys.executable, "-m", "tests.monkey.laboratory", str(root)]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=_LIMIT)
    if ended.returncode:
        raise RuntimeError(f"The workspace could not be made:\n{ended.stdout}{ended.stderr}")


def make(root: Path) -> None:
    """Make the workspace in this process."""
    import torch

    from engine.config import ProjectionConfig
    from engine.corpus.prepare import CorpusRequest, prepare_corpus
    from engine.corpus.store import Corpus
    from engine.encoding.encode import encode
    from engine.maps.projection import project
    from engine.training.loop import train
    from engine.workspace import Workspace
    from tests.conftest import begin_run, write_sentences

    workspace = Workspace(root)
    for folder in (root, root / SETTINGS, root / EXPORTS):
        folder.mkdir(parents=True, exist_ok=True)
    source = write_sentences(root / "tiny.txt")
    list(prepare_corpus(CorpusRequest(source=str(source), name=CORPUS, vocabulary=200), workspace.corpus(CORPUS)))
    corpus = Corpus.open(workspace.corpus(CORPUS))
    course = {"checkpoint_every": 100, "keep_every": 100, "evaluate_every": 50, "learning_rate": 2e-2}
    runs = {
        SMALL: begin_run(corpus, workspace.new_run(SMALL), ("vae-annealed", "autogen-m2"), steps=400, **course),
        FOUR: begin_run(
            corpus, workspace.new_run(FOUR), ("vae", "vae-annealed", "autogen-m1", "autogen-m2"), steps=120, **course
        ),
    }
    for run in runs.values():
        list(train(corpus, run, torch.device("cpu")))
    for step in (None, 200):  # the maps of other steps, and those of the run of four, are made when they are opened
        list(encode(runs[SMALL], workspace, device="cpu", step=step))
        list(project(workspace.cache(SMALL, step), None, ProjectionConfig(method="pca")))
    (root / SETTINGS / "training.toml").write_text(_TRAINING, encoding="utf-8")
    (root / SETTINGS / "wrong.toml").write_text("[train]\nsteps = -1\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
