"""The measurement on a GPU, gone through on a CPU in a tiny size; its figures are not looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.models import cross_entropy
from engine.workspace import CHECKOUT
from tests.benchmarks import on_gpu
from tests.benchmarks.on_gpu import AT_ONE_LINE, ON_AVERAGE, agree, measure
from tests.benchmarks.trained_on_gpu import Sizes, as_before

TINY = Sizes(
    plan={
        "model": {"embedding": 8, "hidden": 12, "latent": 4},
        "train": {"batch": 16, "length_spread": 1.3, "word_drop": 0.0},
        "variants": ["vae", "autogen-m1"],
    },
    sentences=700,
    vocabulary=60,
    curve=20,
    fixed=(8,),
    timed=4,
    decoded=8,
)


def test_everything_is_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("engine.training.loop.takes_graphs", lambda device, processes, wanted: wanted)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    assert missing == []
    assert {name for name, value in found.items() if value is None} == {"peak_gib"}  # of a GPU alone
    assert set(found["graph_ms"]) == {"8", "corpus"}  # type: ignore[arg-type]
    assert found["losses_agree"] is True
    said = capfd.readouterr().out
    assert "stopped and resumed" in said
    assert "corpus: " in said
    assert "ms together, " in said
    assert "one z in every variant, greedily and by beam 10: " in said
    assert "profile of 4 steps" in said
    assert "one length a batch: " in said


def test_a_part_that_fails_leaves_the_others_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_gpu.Bench, "curve", lambda bench, *given: {}["no curve"])
    monkeypatch.setattr(on_gpu.Bench, "_profile", lambda *given: None)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    # Without a training there is nothing to encode or to decode with.
    assert missing == ["curves", "encode", "greedy", "beam10", "one sentence at a time", "variants together"]
    assert found["losses_agree"] is None
    assert set(found["graph_ms"]) == {"8", "corpus"}  # type: ignore[arg-type]
    assert "KeyError: 'no curve'" in capfd.readouterr().out


def test_what_comes_too_late_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_gpu, "LATEST", -1.0)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    assert len(missing) == 14
    assert found["graph_ms"] == {}


def test_curves_agree_within_what_is_stated_and_not_beyond() -> None:
    plain = {"vae": [100.0, 90.0], "other": [50.0, 40.0]}

    def scaled(*factors: float) -> dict[str, list[float]]:
        values = iter(factors)
        return {name: [value * next(values) for value in curve] for name, curve in plain.items()}

    assert agree(plain, scaled(1 + 0.9 * AT_ONE_LINE, 1 - 0.9 * AT_ONE_LINE, 1.0, 1.0))
    assert not agree(plain, scaled(1 + 1.1 * AT_ONE_LINE, 1 - 1.1 * AT_ONE_LINE, 1.0, 1.0))
    assert not agree(plain, scaled(*[1 + 1.1 * ON_AVERAGE] * 4))
    assert not agree(plain, {**plain, "other": [50.0, float("nan")]})
    assert not agree(plain, {**plain, "other": [50.0]})


def test_the_way_of_before_is_put_back_afterwards() -> None:
    with as_before(single=True):
        assert set() == cross_entropy.IN_PLACE
        assert not torch.backends.cudnn.allow_tf32
    assert {"cuda"} == cross_entropy.IN_PLACE


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_ends_with_code_2_and_says_so() -> None:
    made = subprocess.run([sys.executable, "-m", on_gpu.__name__], cwd=CHECKOUT, capture_output=True, text=True)
    assert made.returncode == 2
    assert made.stderr.startswith("There is no GPU to measure on: This machine has no device 'cuda'")
    assert made.stdout == ""
