"""Commands on an emulated GPU give what they give on the CPU, and trainings by recorded steps what plain ones give.

What this does not tell is what a real card's kernels round, how long they take, and how much memory they need.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.cli.app import app
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import CHECKOUT, Workspace
from tests.benchmarks.on_gpu import AT_ONE_LINE
from tests.emulated_gpu.device import COMPILER, compiled

pytestmark = [
    pytest.mark.skipif(COMPILER is None or sys.platform != "linux", reason="a GPU is emulated by g++, on Linux"),
    pytest.mark.skipif(torch.version.cuda is not None, reason="this torch knows of real GPUs"),
]

TEXT = ("--text", "the dog sees a small river .")
QUESTIONS = {
    "reconstruct": (*TEXT, "--beam", "3", "--groups", "3", "--diversity", "0.5"),
    "sample": ("-n", "3", "--top-k", "4", "--temperature", "1.2"),
    "interpolate": ("--from", "the dog sees a small river .", "--to", "a cat ran .", "--steps", "3", "--greedy"),
    "traverse": (*TEXT, "--values", "-1,0,1", "--sample", "--beam", "3"),
    "neighbours": (*TEXT, "-k", "3", "--distance", "posterior-kl"),
    "fill": ("--text", "the ___ sees a river .", "--samples", "3", "--candidates", "6"),
    "credit": TEXT,
    "tree": (*TEXT, "--beam", "2"),
}
SMALL = ("--samples", "3", "--draws", "12", "--pairs", "6", "--beam", "2")
MEASURES = {"diagnose": ("--weighted", "4", "--samples", "4"), "evaluate": ("--limit", "20", *SMALL)}
PLAIN = {
    "model.hidden": 8,
    "model.embedding": 6,
    "model.latent": 3,
    "train.batch": 16,
    "train.length_spread": 99,
    "train.log_every": 2,
    "train.warmup": 0,
    "train.precision": "single",
}
STEPS, STOP = 14, 11
"""Of a training, and the one at which one is stopped: the faster way is known by then."""
TIMES = ("seconds", "created")
ASIDE = ("decoding/", "runs/checkpoint.py", "diagnostics/posterior.py", "training/learner.py", "models/sentence_vae.py")
"""Where a training waits for the card: what is logged, measured, written again and saved."""


def trained(name: str, *more: str, **changed: object) -> list[str]:
    """The command that trains a run."""
    settings = [each for key, value in {**PLAIN, **changed}.items() for each in ("--set", f"{key}={value}")]
    steps = ("--steps", str(STEPS), "--checkpoint-every", "8")
    return ["train", "tiny", "--run", name, "--variants", "vae-annealed,autogen-m1", *settings, *steps, *more]


RUNS: dict[str, list[dict[str, Any]]] = {
    "eager": [{"arguments": trained("eager", "--no-graphs")}],
    "apart": [{"arguments": trained("apart"), "way": "apart"}],
    "together": [
        {"arguments": trained("together"), "way": "together", "stop": STOP},
        {"arguments": ["train", "tiny", "--run", "together", "--resume"], "way": "together"},
    ],
    "bf16": [{"arguments": trained("bf16", **{"train.precision": "auto"}), "way": "together"}],
}


@pytest.fixture(scope="module")
def places(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """A workspace each for the CPU and for the card, with a trained run."""
    made = {}
    for name in ("cpu", "cuda"):
        place = tmp_path_factory.mktemp(name)
        shutil.copytree(tiny_workspace.root, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.evaluation*"))
        made[name] = Workspace(place)
    return made


@pytest.fixture(scope="module")
def on_card(places: dict[str, Workspace], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of every command on the card, by its name; of a run by several, all that there was of each."""
    library = compiled(tmp_path_factory.mktemp("library"))
    asked: list[tuple[str, dict[str, Any]]] = [("encode", {"arguments": ["encode", "tiny"]})]
    asked += [(name, {"arguments": [name, "tiny", *options]}) for name, options in (QUESTIONS | MEASURES).items()]
    asked += [(name, command) for name, commands in RUNS.items() for command in commands]
    commands = [{**command, "arguments": with_device(command["arguments"], "cuda", places)} for _, command in asked]
    done = subprocess.run(
        [sys.executable, "-m", "tests.emulated_gpu", str(library)],
        cwd=CHECKOUT,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = {}
    for (name, _), answer in zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True):
        before = found.setdefault(name, {"code": 0, "err": "", "waits": {}, "graphs": []})
        stopped = f"Stopped after step {STOP} of {STEPS}" in answer["err"]
        found[name] = {
            "code": before["code"] or (0 if stopped else answer["code"]),
            "out": answer["out"],
            "err": before["err"] + answer["err"],
            "waits": before["waits"] | answer["waits"],
            "graphs": before["graphs"] + answer["graphs"],
            "alive": answer["alive"],
        }
    return found


def with_device(arguments: list[str], device: str, places: dict[str, Workspace]) -> list[str]:
    return [*arguments, "--json", "--device", device, "--workspace", str(places[device].root)]


def differences(mine: Any, other: Any, where: str = "") -> list[str]:
    """Where two documents differ by more than single precision explains."""
    if isinstance(mine, dict) and isinstance(other, dict) and mine.keys() == other.keys():
        return [
            each for key in mine if key not in TIMES for each in differences(mine[key], other[key], f"{where}.{key}")
        ]
    if isinstance(mine, list) and isinstance(other, list) and len(mine) == len(other):
        return [
            each
            for place, pair in enumerate(zip(mine, other, strict=True))
            for each in differences(*pair, f"{where}[{place}]")
        ]
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (mine, other))
    if numbers and math.isclose(mine, other, rel_tol=1e-4, abs_tol=2e-4):
        return []
    return [] if mine == other else [f"{where}: {mine!r} and {other!r}"]


@pytest.mark.parametrize("name", ["encode", *QUESTIONS, *MEASURES])
def test_a_command_gives_what_it_gives_on_the_cpu(
    name: str,
    on_card: dict[str, dict[str, Any]],
    places: dict[str, Workspace],
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = on_card[name]
    assert answer["code"] == 0, answer["err"]
    with pytest.raises(SystemExit) as caught:
        app(args=with_device([name, "tiny", *(QUESTIONS | MEASURES).get(name, ())], "cpu", places))
    assert not caught.value.code
    expected = json.loads(capsys.readouterr().out)
    found = json.loads(answer["out"].replace(str(places["cuda"].root), str(places["cpu"].root)))
    assert differences(found, expected) == []


def test_latents_are_those_of_the_cpu(on_card: dict[str, dict[str, Any]], places: dict[str, Workspace]) -> None:
    assert on_card["encode"]["code"] == 0
    assert all(line.partition(" ")[2].startswith("encoding/encode.py") for line in on_card["encode"]["waits"])
    with LatentCache.open(places["cuda"].cache("tiny")) as mine, LatentCache.open(places["cpu"].cache("tiny")) as other:
        for variant in other.variants:
            for read in ("mu", "logvar", "nll", "kl"):
                values = (getattr(cache, read)(variant) for cache in (mine, other))
                np.testing.assert_allclose(*values, rtol=1e-4, atol=1e-5)


def curves(place: Workspace, name: str) -> dict[str, np.ndarray]:
    """Of each variant the reconstruction, the KL and the norm of the gradients, by line."""
    run = Run.open(place.run(name))
    return {
        variant.name: np.array(
            [
                [line["step"], line["reconstruction"], line["kl"], line["gradient_norm"]]
                for line in read_lines(run.metrics_path(variant.name))
                if line["split"] == "train"
            ]
        )
        for variant in run.variants
    }


@pytest.mark.parametrize("name", ["apart", "together"])
def test_recorded_steps_give_the_losses_of_plain_ones(
    name: str, on_card: dict[str, dict[str, Any]], places: dict[str, Workspace]
) -> None:
    assert on_card["eager"]["code"] == on_card[name]["code"] == 0, on_card[name]["err"]
    operations, replays = zip(*on_card[name]["graphs"], strict=True)
    assert min(operations) > 1000
    assert sum(replays) > STEPS // 2
    plain, recorded = curves(places["cuda"], "eager"), curves(places["cuda"], name)
    for variant, values in plain.items():
        assert len(values) == STEPS // 2
        np.testing.assert_allclose(recorded[variant], values, rtol=2e-4, atol=2e-5)


def test_the_faster_way_is_found_out_and_a_stopped_training_goes_on(on_card: dict[str, dict[str, Any]]) -> None:
    told = on_card["together"]["err"]
    assert "ms beside each other: they go on together." in told
    assert f"Stopped after step {STOP} of {STEPS}" in told
    assert f"Going on from step {STOP}." in told
    assert "they go on beside each other." in on_card["apart"]["err"]


def test_in_half_precision_losses_differ_by_its_rounding(
    on_card: dict[str, dict[str, Any]], places: dict[str, Workspace]
) -> None:
    assert on_card["bf16"]["code"] == 0, on_card["bf16"]["err"]
    plain, halved = curves(places["cuda"], "eager"), curves(places["cuda"], "bf16")
    for variant, values in plain.items():
        np.testing.assert_allclose(halved[variant][:, 1], values[:, 1], rtol=AT_ONE_LINE)
        assert not np.array_equal(halved[variant][:, 1], values[:, 1])


@pytest.mark.parametrize("name", ["apart", "together", "bf16"])
def test_between_two_lines_of_the_log_nothing_waits_for_the_card(name: str, on_card: dict[str, dict[str, Any]]) -> None:
    waits = [line.partition(" ")[2] for line in on_card[name]["waits"]]
    assert [line for line in waits if not line.startswith(ASIDE)] == []


@pytest.mark.parametrize("name", ["apart", "bf16"])
def test_a_training_comes_to_hold_no_more_tensors(name: str, on_card: dict[str, dict[str, Any]]) -> None:
    alive = on_card[name]["alive"]
    assert len(alive) == STEPS
    assert len(set(alive[-6:])) == 1


def test_what_a_card_refuses_is_refused(tmp_path: Path) -> None:
    """The emulation can fail: tensors of two devices, and numbers that are asked for while steps are recorded."""
    code = """
import sys
from pathlib import Path
from tests.emulated_gpu.device import believe
believe(Path(sys.argv[1]))
import torch
from tests.emulated_gpu import torch_on_it
torch_on_it.replace()
from tests.emulated_gpu.tensors import Card, waits
from tests.emulated_gpu.graphs import CUDAGraph
def refused(work):
    try:
        work()
    except RuntimeError as error:
        return str(error)
with Card():
    there, here = torch.ones(3, device="cuda"), torch.ones(3)
    assert "on the CPU, others on the card" in refused(lambda: there + here)
    assert float((there + here.to("cuda")).sum()) == 6.0
    assert sum(waits.values()) == 1
    assert "tensor subclasses" in refused(lambda: there.numpy())
    total, graph = torch.zeros((), device="cuda"), torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        total += (2 * there).sum()
    assert float(total) == 0.0
    there.fill_(5.0)
    graph.replay()
    assert float(total) == 30.0
    def asks():
        with torch.cuda.graph(torch.cuda.CUDAGraph()):
            float(there.sum())
    assert "not permitted when stream is capturing" in refused(asks)
    assert CUDAGraph.recorded is None
"""
    library = compiled(tmp_path)
    done = subprocess.run([sys.executable, "-c", code, str(library)], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
