"""The precision of a training's products: what is chosen is taken, and changes the numbers no further than it must."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import Precision
from engine.corpus.store import Corpus
from engine.errors import Stopped
from engine.events import Note
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.training.estimating import estimate
from engine.training.gradients import recurrent_in_bf16, scale_of, told_of_bf16
from engine.training.learner import Learner
from engine.training.loading import load_batch
from engine.workspace import CHECKOUT
from tests.conftest import begin_run
from tests.engine.training.test_loop import CPU, finish, stop_after

TERMS = "reconstruction", "kl", "gradient_norm"


def trained(corpus: Corpus, path: Path, precision: Precision) -> tuple[Run, NDArray[np.float64]]:
    """A run of some steps, and (lines, terms) what it logged of its second variant."""
    run = begin_run(corpus, path / precision, steps=40, log_every=5, checkpoint_every=20, precision=precision)
    finish(corpus, run)
    return run, logged(run)


def logged(run: Run) -> NDArray[np.float64]:
    lines = read_lines(run.metrics_path(run.variants[1].name), ("train",))
    return np.array([[line[term] for term in TERMS] for line in lines])


def test_bf16_on_a_processor_follows_the_curve_of_single_precision(tiny_corpus: Corpus, tmp_path: Path) -> None:
    (_, auto), (_, single) = (trained(tiny_corpus, tmp_path, precision) for precision in ("auto", "single"))
    run, bf16 = trained(tiny_corpus, tmp_path, "bf16")
    assert np.array_equal(auto, single)
    assert np.array_equal(bf16, single) is not recurrent_in_bf16()
    np.testing.assert_allclose(bf16[:, 0], single[:, 0], rtol=0.01)
    np.testing.assert_allclose(bf16[:, 1:], single[:, 1:], rtol=0.25, atol=0.02)
    newest = run.checkpoints(run.variants[1].name).newest()
    assert {tensor.dtype for tensor in newest.weights().values()} == {torch.float32}


def test_a_stopped_training_in_bf16_goes_on_to_the_very_same_numbers(tiny_corpus: Corpus, tmp_path: Path) -> None:
    _, whole = trained(tiny_corpus, tmp_path, "bf16")
    path = tmp_path / "broken"
    broken = begin_run(tiny_corpus, path, steps=40, log_every=5, checkpoint_every=20, precision="bf16")
    with pytest.raises(Stopped):
        finish(tiny_corpus, broken, stop_after(13))
    finish(tiny_corpus, Run.open(path))
    assert np.array_equal(logged(broken), whole)


@pytest.mark.parametrize(
    ("capabilities", "recurrent", "told"),
    [
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, True, "no bf16 products"),
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False, "no recurrent layers in bf16"),
        ({"avx512_bf16": True}, True, ""),
        ({}, True, ""),
    ],
)
def test_a_processor_without_such_products_is_told_of(
    tiny_corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capabilities: dict[str, Any],
    recurrent: bool,
    told: str,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    monkeypatch.setattr("engine.training.gradients.recurrent_in_bf16", lambda: recurrent and recurrent_in_bf16())
    if recurrent and not recurrent_in_bf16():
        pytest.skip("this processor has no recurrent layers in bf16")
    assert told in told_of_bf16(CPU, "bf16")
    assert not told_of_bf16(CPU, "single")
    run = begin_run(tiny_corpus, tmp_path / "run", steps=1, precision="bf16")
    notes = [event.text for event in finish(tiny_corpus, run) if isinstance(event, Note) and "bf16" in event.text]
    assert len(notes) == (told != "")
    assert all(told in note for note in notes)
    timed = estimate(tiny_corpus, run.settings, CPU, tmp_path / "scratch")
    notes = [event.text for event in timed if isinstance(event, Note)]
    assert notes == [told_of_bf16(CPU, "bf16")] * (told != "")


def test_asking_the_processor_draws_nothing() -> None:
    recurrent_in_bf16.cache_clear()
    before = torch.get_rng_state()
    recurrent_in_bf16()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="oneDNN is told to be on an older x86 here")
def test_a_processor_without_avx_512_trains_in_single_precision_instead(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run", steps=5, log_every=5, precision="bf16")
    program = f"""
from pathlib import Path
import torch
from engine.corpus.store import Corpus
from engine.runs.run import Run
from engine.training.gradients import recurrent_in_bf16
from engine.training.loop import train
list(train(Corpus.open(Path({str(tiny_corpus.path)!r})), Run.open(Path({str(run.path)!r})), torch.device("cpu")))
print(recurrent_in_bf16())
"""
    made = subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
    )
    assert (made.returncode, made.stdout.strip(), made.stderr) == (0, "False", "")
    single = begin_run(tiny_corpus, tmp_path / "single", steps=5, log_every=5, precision="single")
    finish(tiny_corpus, single)
    np.testing.assert_allclose(logged(run), logged(single), rtol=1e-5)


def test_gradients_taken_of_a_scaled_loss_are_the_very_same(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run", precision="single")
    config, latent = run.settings.train, run.settings.model.latent
    batch = load_batch(tiny_corpus.train, np.arange(20), config, 0, latent, CPU)
    found = []
    for scale in (1.0, 16.0):
        monkeypatch.setattr("engine.training.gradients.scale_of", lambda *given, scale=scale: scale)
        learner = Learner(run, run.variants[1], CPU)
        learner.backward(batch, 0)
        found.append([each.grad.clone() for each in learner.model.parameters() if each.grad is not None])
    assert len(found[0]) > 5
    assert all(torch.equal(plain, scaled) for plain, scaled in zip(*found, strict=True))
    assert all(bool(each.any()) for each in found[0])


@pytest.mark.parametrize(
    ("device", "precision", "sentences", "expected"),
    [
        ("cuda", "auto", 200, 128.0),
        ("cuda", "bf16", 64, 64.0),
        ("cuda", "auto", 1, 1.0),
        ("cuda", "auto", 65_536, 1024.0),
        ("cuda", "single", 200, 1.0),
        ("cpu", "bf16", 200, 1.0),
        ("cpu", "auto", 200, 1.0),
        ("mps", "bf16", 200, 1.0),
    ],
)
def test_a_loss_is_scaled_where_recurrent_layers_go_in_half_precision(
    device: str, precision: Precision, sentences: int, expected: float
) -> None:
    assert scale_of(torch.device(device), precision, sentences) == expected
