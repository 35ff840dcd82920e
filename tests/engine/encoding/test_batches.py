"""Batches as a CPU and as a GPU take them: every sentence once, and the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.encoding import batches as module
from engine.encoding.batches import BATCH, WORDS_ON_GPU, batches
from engine.encoding.encode import encode
from engine.models import cross_entropy
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_every_sentence_is_in_one_batch_and_none_is_too_large(device: torch.device) -> None:
    lengths = np.random.default_rng(0).integers(5, 31, 8192).astype(np.int16)
    order = np.argsort(lengths, kind="stable")
    found = batches(order, lengths, device)
    assert sorted(np.concatenate(found).tolist()) == list(range(8192))
    if device == CPU:
        assert [len(part) for part in found] == [BATCH] * 32
        return
    assert len(found) == 3
    for part in found:
        assert len(part) * int(lengths[part].max()) <= WORDS_ON_GPU


def test_a_sentence_longer_than_a_batch_is_one_by_itself() -> None:
    lengths = np.array([3, WORDS_ON_GPU + 1, WORDS_ON_GPU])
    assert [part.tolist() for part in batches(np.array([0, 2, 1]), lengths, CUDA)] == [[1], [2], [0]]


def test_the_latents_are_the_same_as_a_gpu_takes_them(
    tiny_workspace: Workspace, tiny_run: Run, tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(tiny_corpus.test) > 20
    monkeypatch.setattr(module, "WORDS_ON_GPU", 60)
    monkeypatch.setattr(cross_entropy, "IN_PLACE", {"cpu"})
    monkeypatch.setattr("engine.encoding.batches.batches", lambda order, lengths, device: batches(order, lengths, CUDA))
    workspace = Workspace(tmp_path)
    (tmp_path / "corpora").symlink_to(tiny_workspace.root / "corpora")
    list(encode(tiny_run, workspace, device="cpu"))
    with LatentCache.open(workspace.cache("tiny")) as mine, LatentCache.open(tiny_workspace.cache("tiny")) as plain:
        for name in plain.variants:
            for values in ("mu", "logvar", "nll", "kl"):
                ours, theirs = (getattr(cache, values)(name)[:] for cache in (mine, plain))
                np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5, err_msg=values)
