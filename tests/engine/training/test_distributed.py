"""Several processes, started by torchrun as a person does: the numbers of one, and nothing lost when one dies."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from engine.cli.app import app, main
from engine.config import TrainConfig
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.training.distributed import PATIENCE
from engine.training.loading import load_batch, step_seed
from engine.workspace import CHECKOUT, Workspace
from tests.conftest import write_sentences

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="gloo and signals are tested on Linux")

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--")
LONG = 240
"""Seconds that no step of a test should take on the slowest machine."""

SETTINGS = """
preset = "demo"
[model]
embedding = 12
hidden = 16
latent = 4
[train]
steps = 160
learning_rate = 5e-3
warmup = 4
clip = 0.5
log_every = 7
checkpoint_every = 40
[[variants]]
name = "vae"
free_bits = {kind = "dimension", nats = 0.05}
[[variants]]
name = "autogen-m1"
free_bits = {kind = "total", nats = 0.3}
"""


def alone(*arguments: str | Path) -> None:
    """A command in one process, this one."""
    assert app(list(map(str, arguments)), standalone_mode=False) == 0


class Launched:
    """A command in two processes, with what it says so far."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self._folder = folder

    def said(self) -> str:
        return (self._folder / "stderr").read_text()

    def answer(self) -> str:
        return (self._folder / "stdout").read_text()

    def messages(self) -> list[dict[str, object]]:
        """The events told, without torchrun's own lines."""
        return [json.loads(line) for line in self.said().splitlines() if line.startswith("{") and line.endswith("}")]

    def failures(self) -> list[dict[str, object]]:
        return [each for each in self.messages() if each["event"] == "failed"]

    def until(self, what: Callable[[], bool]) -> None:
        """Wait for something while the command runs."""
        for _ in range(LONG * 50):
            if what():
                return
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)
        raise AssertionError(f"It did not come about: {self.said()}")

    def of_rank(self, rank: int) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(each for each in children if each.environ().get("RANK") == str(rank))

    def end(self) -> int:
        return self.process.wait(LONG)


@contextmanager
def two_processes(folder: Path, *arguments: str | Path, **environment: str) -> Iterator[Launched]:
    folder.mkdir()
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        process = subprocess.Popen(
            [*TORCHRUN, "main.py", *map(str, arguments)],
            cwd=CHECKOUT,
            env={**ENVIRONMENT, **environment},
            stdout=out,
            stderr=err,
        )
    launched = Launched(process, folder)
    try:
        yield launched
    finally:
        if process.poll() is None:
            for each in [*psutil.Process(process.pid).children(), psutil.Process(process.pid)]:
                each.kill()
            process.wait()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """With a corpus whose last batch of an epoch is one sentence, and the run `whole` that one process has trained."""
    workspace = Workspace(tmp_path_factory.mktemp("several"))
    source = write_sentences(workspace.root / "tiny.txt")
    list(prepare_corpus(CorpusRequest(source=str(source), name="tiny", vocabulary=200), workspace.corpus("tiny")))
    sentences = len(Corpus.open(workspace.corpus("tiny")).train)
    batch = next(size for size in range(8, sentences) if sentences % size == 1)
    (workspace.root / "plan.toml").write_text(SETTINGS.replace("[train]", f"[train]\nbatch = {batch}"))
    alone("train", *training(workspace, "whole"))
    return workspace


def training(workspace: Workspace, run: str, *more: str) -> tuple[str | Path, ...]:
    return ("tiny", "--run", run, "--config", workspace.root / "plan.toml", "--workspace", workspace.root, *more)


def assert_same(workspace: Workspace, name: str) -> None:
    """The run has the numbers of the one that a single process has trained without a break."""
    whole, run = Run.open(workspace.run("whole")), Run.open(workspace.run(name))
    clock = {"tokens_per_second", "seconds", "memory"}
    for variant in ("vae", "autogen-m1"):
        lines = [read_lines(each.metrics_path(variant)) for each in (whole, run)]
        assert [(line["step"], line["split"]) for line in lines[0]] == [
            (line["step"], line["split"]) for line in lines[1]
        ]
        for expected, line in zip(*lines, strict=True):
            assert expected.keys() == line.keys()
            for key in expected.keys() - clock - {"split"}:
                assert line[key] == pytest.approx(expected[key], rel=1e-3, abs=1e-4), (key, line["step"])
        assert read_lines(run.probe_path(variant)) == read_lines(whole.probe_path(variant))
        newest = [each.checkpoints(variant).newest() for each in (whole, run)]
        assert newest[0].step == newest[1].step == 160
        for read in (lambda each: each.weights(), lambda each: each.optimiser()):
            expected, tensors = read(newest[0]), read(newest[1])
            assert expected.keys() == tensors.keys()
            for key, values in expected.items():
                torch.testing.assert_close(tensors[key], values, rtol=1e-3, atol=1e-4)


def test_shares_of_a_batch_are_the_batch(tmp_path: Path, tiny_corpus: Corpus) -> None:
    config, cpu, indices = TrainConfig(batch=7), torch.device("cpu"), np.arange(7)
    whole = load_batch(tiny_corpus.train, indices, config, 3, 4, cpu)
    shares = [load_batch(tiny_corpus.train, indices, config, 3, 4, cpu, rank, 3) for rank in range(3)]
    for rank, share in enumerate(shares):
        for name in ("words", "lengths", "dropped", "noise"):
            assert torch.equal(getattr(share, name), getattr(whole, name)[rank::3])
        assert (share.tokens, share.sentences) == (whole.tokens, 7)
    assert len({step_seed(1, 3, share.share) for share in shares}) == 3  # dropout differs between the shares
    assert len(load_batch(tiny_corpus.train, indices[:1], config, 3, 4, cpu, 1, 2).words) == 0


def test_two_processes_stopped_and_resumed_train_like_one(workspace: Workspace, tmp_path: Path) -> None:
    options = training(workspace, "stopped", "--json", "--events")
    with two_processes(tmp_path / "first", "train", *options) as launched:
        launched.until(lambda: any(each["event"] == "trainstep" for each in launched.messages()))
        launched.process.send_signal(signal.SIGTERM)
        assert launched.end() == 1
        assert [each["process"] for each in launched.failures()] == [0]
        assert "Stopped after step" in str(launched.failures()[0]["message"])
        assert launched.answer() == ""
    with two_processes(tmp_path / "second", "train", *options, "--resume") as launched:
        assert launched.end() == 0, launched.said()
        # Nothing but the events of one process, and one document.
        assert len(launched.messages()) == len(launched.said().splitlines())
        assert sum(each["event"] == "done" for each in launched.messages()) == 1
        assert json.loads(launched.answer())["run"] == "stopped"
    assert_same(workspace, "stopped")


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_process_ends_the_others_with_a_message_and_a_good_checkpoint(
    workspace: Workspace, tmp_path: Path, killed: int
) -> None:
    name = f"killed-{killed}"
    with two_processes(tmp_path / "first", "train", *training(workspace, name, "--events")) as launched:
        launched.until(lambda: any(each.get("stage") == "checkpoint" for each in launched.messages()))
        launched.of_rank(killed).kill()
        assert launched.end() == 1
        (failure,) = launched.failures()
    newest = min(Run.open(workspace.run(name)).checkpoints(variant).newest().step for variant in ("vae", "autogen-m1"))
    assert newest in (40, 80, 120)
    assert failure["process"] == 1 - killed
    assert "Another process of this command has ended" in str(failure["message"])
    assert f"checkpoint of step {newest} is good" in str(failure["hint"])
    alone("train", *training(workspace, name, "--resume"))
    assert_same(workspace, name)


def test_a_process_that_hangs_ends_the_others_after_a_while(workspace: Workspace, tmp_path: Path) -> None:
    options = training(workspace, "hanging", "--events")
    with two_processes(tmp_path / "first", "train", *options, **{PATIENCE: "8"}) as launched:
        launched.until(lambda: any(each["event"] == "trainstep" for each in launched.messages()))
        hanging = launched.of_rank(1)
        hanging.suspend()
        launched.until(lambda: bool(launched.failures()))
        hanging.resume()
        assert launched.end() == 1
        (failure,) = launched.failures()
    assert failure["process"] == 0
    assert "has not answered for 8 seconds" in str(failure["message"])
    assert "start all processes again" in str(failure["hint"])


def test_wrong_usage_is_told_once(workspace: Workspace, tmp_path: Path) -> None:
    with two_processes(tmp_path / "again", "train", *training(workspace, "whole")) as launched:
        assert launched.end() == 1
        assert launched.said().count("There is a run in") == 1
        assert "exitcode  : 2" in launched.said()
        assert "Another process" not in launched.said()


def take_for_one_of_two(monkeypatch: pytest.MonkeyPatch, rank: int) -> None:
    """What torchrun tells a process that it starts."""
    for key, value in {"TORCHELASTIC_RUN_ID": 1, "WORLD_SIZE": 2, "RANK": rank, "LOCAL_RANK": rank}.items():
        monkeypatch.setenv(key, str(value))


def test_an_option_that_does_not_exist_is_told_by_the_first_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = []
    monkeypatch.setattr("engine.cli.app.leave_it_to_the_first", lambda: left.append(os.environ["RANK"]))
    for rank, said in ((1, 0), (0, 1)):
        take_for_one_of_two(monkeypatch, rank)
        with pytest.raises(SystemExit) as ended:
            main(["train", "tiny", "--stepz", "3"])
        assert ended.value.code == 2
        assert capsys.readouterr().err.count("No such option: --stepz") == said
    assert left == ["1"]


def test_commands_that_cannot_share_their_work_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    take_for_one_of_two(monkeypatch, 0)
    assert app(["doctor"], standalone_mode=False) == 2
    told = capsys.readouterr()
    assert "doctor runs in one process" in told.err
    assert told.out == ""


@pytest.fixture
def wide(workspace: Workspace) -> Workspace:
    """The same workspace with many test sentences, so that encoding them takes a while, and their run `wide`."""
    if not workspace.corpus("wide").exists():
        words = [f"w{number}" for number in range(150)]
        choose = random.Random(1)
        lines = (" ".join(choose.choices(words, k=choose.randint(5, 20))) for _ in range(24_000))
        source = workspace.root / "wide.txt"
        source.write_text("\n".join(lines) + "\n")
        request = CorpusRequest(source=str(source), name="wide", vocabulary=200, test_fraction=0.8)
        list(prepare_corpus(request, workspace.corpus("wide")))
        options = ("--config", workspace.root / "plan.toml", "--workspace", workspace.root, "--steps", "2")
        alone("train", "wide", *options)
        alone("encode", "wide", "--workspace", workspace.root)
    return workspace


def test_two_processes_encode_like_one_and_leave_the_earlier_cache_when_one_is_killed(
    wide: Workspace, tmp_path: Path
) -> None:
    path = wide.cache("wide")
    options = ("encode", "wide", "--workspace", wide.root, "--json", "--events")
    with LatentCache.open(path) as cache:
        assert cache.n > 2 * 8192  # several blocks, the last of them not full
        expected = {name: values(cache, name) for name in cache.variants}
    before = path.read_bytes()

    with two_processes(tmp_path / "killed", *options) as launched:
        launched.until(lambda: any(each["event"] == "progress" for each in launched.messages()))
        launched.of_rank(0).kill()
        assert launched.end() == 1
        (failure,) = launched.failures()
    assert failure["process"] == 1
    assert "earlier cache is as it was" in str(failure["hint"])
    assert path.read_bytes() == before

    with two_processes(tmp_path / "whole", *options) as launched:
        assert launched.end() == 0, launched.said()
        assert len(launched.messages()) == len(launched.said().splitlines())
        done = [int(str(each["done"])) for each in launched.messages() if each.get("stage") == "encoding with VAE"]
        assert done == sorted(done)
        assert json.loads(launched.answer())["sentences"] == done[-1]
    left = [each.name for each in path.parent.iterdir() if each.suffix != ".lock"]
    assert left == ["wide.h5"]  # nor what the killed process had begun
    assert path.read_bytes() != before
    with LatentCache.open(path) as cache:
        for name, arrays in expected.items():
            for array, other in zip(arrays, values(cache, name), strict=True):
                np.testing.assert_allclose(other, array, rtol=1e-5, atol=1e-6)


def values(cache: LatentCache, name: str) -> list[np.ndarray]:
    return [cache.mu(name), cache.logvar(name), cache.nll(name), cache.kl(name)]
