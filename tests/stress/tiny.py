"""The workspace that every trial gets a copy of: a few hundred KB, made once.

A corpus `tiny`; a run `tiny` of two variants, stopped at step 40 of 60 with checkpoints of 20 and 40, so that it can
be encoded as well as taken up again; its cache with maps within and beside it; earlier exports that a killed command
must not take away.
With UMAP, also a run `packed` in the form of the packaged demo, which brings its latents along.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.stress.children import command, fork, wait_for
from tests.stress.commands import EXPORTS

STOPPED_AT = 40
STEPS = 60
VARIANTS = ("vae", "autogen-m1")


def make(root: Path, sources: Path, scratch: Path, umap: bool) -> None:
    """Make the workspace in an empty folder.

    Args:
        root: the folder.
        sources: where the texts go that the corpora are prepared from.
        scratch: one beside it, for output.
        umap: whether the cache has UMAP maps too; compiling UMAP takes some fifteen seconds.

    Raises:
        RuntimeError: it could not be made.
    """
    from tests.conftest import write_sentences

    for folder in (root, sources):
        folder.mkdir(parents=True)
    write_sentences(sources / "tiny.txt", 300)
    write_sentences(sources / "other.txt", 280, seed=5)
    common = ("--workspace", str(root))
    _done(["corpus", str(sources / "tiny.txt"), "--name", "tiny", "--vocabulary", "200", *common], root, scratch / "1")
    pid = fork(lambda: _train(root))
    if wait_for(pid, 60.0) != 0:
        raise RuntimeError("The run of the stress trials could not be trained.")
    _done(["encode", "tiny", *common], root, scratch / "2")
    pca = ["project", "tiny", "--method", "pca", "--variants", "vae", *common]
    _done(pca, root, scratch / "3")
    _done(["encode", "tiny", *common], root, scratch / "4")  # which takes the maps into the cache
    _done([*pca, "--name", "axes"], root, scratch / "5")
    if umap:
        _done(["project", "tiny", "--method", "umap", *common], root, scratch / "6")
        pid = fork(lambda: _package(root))
        if wait_for(pid, 60.0) != 0:
            raise RuntimeError("The run of the stress trials could not be packaged.")
    for name in EXPORTS:
        (root / "out").mkdir(exist_ok=True)
        (root / "out" / name).write_text("an earlier export\n")


def copy(source: Path, target: Path) -> None:
    """A copy of the workspace, times kept as they are."""
    shutil.copytree(source, target)


def _train(root: Path) -> None:
    import torch

    from engine.corpus.store import Corpus
    from engine.errors import Stopped
    from engine.events import TrainStep
    from engine.training.loop import train
    from engine.workspace import Workspace
    from tests.conftest import begin_run

    workspace = Workspace(root)
    corpus = Corpus.open(workspace.corpus("tiny"))
    run = begin_run(corpus, workspace.new_run("tiny"), VARIANTS, steps=STEPS, evaluate_every=20)
    reached = [0]
    try:
        for event in train(corpus, run, torch.device("cpu"), lambda: reached[0] >= STOPPED_AT):
            if isinstance(event, TrainStep):
                reached[0] = event.step
    except Stopped:
        return


def _package(root: Path) -> None:
    """The run once more, with its latents and maps beside it as the packaged demo has them."""
    from engine.encoding.packaged import package_latents
    from engine.storage.latent_cache import LatentCache

    target = root / "runs" / "packed"
    shutil.copytree(root / "runs" / "tiny", target)
    with LatentCache.open(root / "cached_latents" / "tiny.h5") as cache:
        package_latents(cache, target)


def _done(arguments: list[str], root: Path, scratch: Path) -> None:
    ended = command(arguments, scratch, root)
    if ended.code != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with {ended.code}: {ended.err}")
