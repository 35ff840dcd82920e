"""The measurement on a GPU, gone through on a CPU in a tiny size; its figures are not looked at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.models import cross_entropy
from engine.workspace import CHECKOUT
from tests.benchmarks import on_gpu, trained_on_gpu
from tests.benchmarks.on_gpu import AT_ONE_LINE, ON_AVERAGE, agree, lacking, measure
from tests.benchmarks.trained_on_gpu import Sizes, as_before

PLAN = {
    "model": {"embedding": 8, "hidden": 12, "latent": 4},
    "train": {"batch": 16, "length_spread": 1.3, "word_drop": 0.0},
    "variants": ["vae", "autogen-m1"],
}
TINY = Sizes(
    plan=PLAN,
    other=PLAN,
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
    asked: list[object] = []
    steps = trained_on_gpu.GraphSteps

    def watched(*given: Any, way: Any = "as given", **more: Any) -> object:
        asked.append(way)
        return steps(*given, **more) if way == "as given" else steps(*given, **more, way=way)

    monkeypatch.setattr(trained_on_gpu, "GraphSteps", watched)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    assert missing == []
    assert set(asked) == {"apart", "together", None, "as given"}  # None as a training of a person's has it
    assert {name for name, value in found.items() if value is None} == {"peak_gib"}  # of a GPU alone
    assert set(found["graph_ms"]) == {"8", "corpus"}
    assert found["losses_agree"] is True
    said = capfd.readouterr().out
    assert "stopped and resumed" in said
    assert "corpus: " in said
    assert "ms together, " in said
    assert "one z in every variant, greedily and by beam 10: " in said
    assert "profile of 4 steps" in said
    assert "one length a batch: " in said
    assert "layers that stay on the card: " in said


def test_a_part_that_fails_leaves_the_others_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_gpu.Bench, "curve", lambda bench, *given: {}["no curve"])
    monkeypatch.setattr(on_gpu.Bench, "_profile", lambda *given: None)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    # Without a training there is nothing to encode or to decode with.
    curves = ["a curve by graphs", "a curve of a resumed training", "a curve of the eager way"]
    assert missing == [*curves, "encode", "greedy", "beam10", "one sentence at a time"]
    assert found["losses_agree"] is None
    assert set(found["graph_ms"]) == {"8", "corpus"}
    assert "KeyError: 'no curve'" in capfd.readouterr().out


def test_a_length_that_fails_is_missing_in_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_gpu, "_curves", lambda *given: {})
    speed = on_gpu.Bench.speed

    def fails(bench: on_gpu.Bench, rows: Any, name: str, *given: Any, **more: Any) -> dict[str, float]:
        return {}["no memory"] if name in ("graphs-8", "profiled") else speed(bench, rows, name, *given, **more)

    monkeypatch.setattr(on_gpu.Bench, "speed", fails)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    assert {"8 words", "profile"} <= set(missing)
    assert found["graph_ms"]["8"] is None
    assert found["graph_ms"]["corpus"] > 0
    filled = found | dict.fromkeys([name for name, value in found.items() if value is None], 1.0)
    assert lacking(filled)
    assert not lacking(filled | {"graph_ms": {"8": 1.0, "corpus": 1.0}})
    assert lacking(filled | {"graph_ms": {"8": 1.0, "corpus": 1.0}, "encode_sentences_per_s": None})
    capfd.readouterr()


def test_what_would_come_too_late_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_gpu, "END", -1.0)
    found, missing = measure(TINY, tmp_path, torch.device("cpu"))
    assert len(missing) == 19
    assert found["graph_ms"] == {"8": None, "corpus": None}


def test_a_slower_machine_begins_nothing_that_it_would_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(on_gpu.time, "perf_counter", lambda: now)
    parts = on_gpu.Parts()
    done = []
    for seconds, taken in ((50, 60.0), (50, 60.0), (70, 84.0), (20, 0.0)):
        with parts.part(f"{seconds}", seconds) as timely:
            done.append(timely)
            now += taken if timely else 0.0
    # Parts take 1.2 times what they should: 204 s of 225 are gone at last, and 20 would end at 228.
    assert done == [True, True, True, False]
    assert parts.missing == ["20"]


def test_both_ways_are_timed_on_batches_of_the_same_lengths(tmp_path: Path) -> None:
    bench = on_gpu.Bench(TINY, tmp_path, torch.device("cpu"))
    rows, spread = bench.over_the_text()
    taken: dict[str, list[int]] = {"eager": [], "apart": []}

    def watched(how: str) -> Callable[[int], NDArray[np.int64]]:
        def of(step: int) -> NDArray[np.int64]:
            taken[how].append(step)
            return rows(step)

        return of

    bench.speed(watched("eager"), "eager", "eager", spread)
    bench.speed(watched("apart"), "apart", "apart", spread)
    timed = range(1000, 1000 + TINY.timed)
    assert taken["apart"][-TINY.timed :] == [*timed]
    assert taken["eager"][-1:] == [*timed[::4]]


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
