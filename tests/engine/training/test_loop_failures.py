"""Trainings that go wrong: a variant that explodes, a process that is killed again and again, a disk that fills up."""

from __future__ import annotations

import json
import math
import multiprocessing
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.config import Variant
from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped
from engine.events import Done, Note
from engine.runs.failures import failures
from engine.runs.metrics import StepLog, log_damage, read_lines
from engine.runs.run import Run
from engine.training.learner import Learner
from engine.training.loading import Batch
from engine.training.loop import train
from tests.conftest import begin_run, variants_by_name
from tests.engine.training.test_loop import stop_after

CPU = torch.device("cpu")
BROKEN = Variant(name="broken", m=3e38)
"""(1+m) log p overflows single precision at the first step."""


def logged(run: Run, variant: str) -> list[dict[str, Any]]:
    """Every logged line without what depends on the clock and the machine."""
    others = ("tokens_per_second", "seconds", "memory")
    lines = read_lines(run.metrics_path(variant))
    return [{key: value for key, value in line.items() if key not in others} for line in lines]


def test_a_variant_whose_loss_is_no_number_is_stopped_and_the_others_go_on(tiny_corpus: Corpus, tmp_path: Path) -> None:
    alone = begin_run(tiny_corpus, tmp_path / "alone", ("vae",), steps=20)
    list(train(tiny_corpus, alone, CPU))
    run = begin_run(tiny_corpus, tmp_path / "both", (*variants_by_name(["vae"]), BROKEN), steps=20)
    events = list(train(tiny_corpus, run, CPU))

    notes = [event.text for event in events if isinstance(event, Note) and event.level == "warning"][1:]
    assert len(notes) == 1  # beside that of the first weights
    assert "broken was stopped at step 10" in notes[0]
    assert "finite" in notes[0]
    done = events[-1]
    assert isinstance(done, Done)
    assert set(done.result["stopped"]) == {"broken"}
    assert set(done.result["variants"]) == {"vae"}
    assert failures(run)["broken"]["step"] == 10
    assert run.checkpoints("broken").steps() == []  # nothing bad was ever written
    assert run.model_fingerprint("vae") == alone.model_fingerprint("vae")


def test_a_variant_that_fails_later_keeps_its_last_good_checkpoint_and_is_not_taken_up_again(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backward = Learner.backward

    def damaged(learner: Learner, batch: Batch, step: int) -> None:
        if learner.variant.name == "autogen-m1" and step == 12:
            next(iter(learner.model.parameters())).data[0] = math.nan
        backward(learner, batch, step)

    monkeypatch.setattr(Learner, "backward", damaged)
    run = begin_run(tiny_corpus, tmp_path / "late", steps=30, checkpoint_every=5, log_every=10)
    with pytest.raises(Stopped):
        list(train(tiny_corpus, run, CPU, stop_after(20)))
    assert run.checkpoints("autogen-m1").newest().step == 10
    assert failures(run)["autogen-m1"]["step"] == 15  # noticed by its weights, before they could be written
    events = list(train(tiny_corpus, Run.open(run.path), CPU))
    assert run.checkpoints("autogen-m1").newest().step == 10
    assert run.checkpoints("vae").newest().step == 30
    weights = run.checkpoints("autogen-m1").newest().weights().values()
    assert all(torch.isfinite(each).all() for each in weights)
    assert isinstance(events[-1], Done)
    assert events[-1].result["variants"]["autogen-m1"]["kl"] > 0  # of step 10


def test_a_training_in_which_every_variant_fails_ends_with_the_reasons(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "all", (BROKEN,), steps=20)
    with pytest.raises(LoomError, match=r"No variant .* is left that learns \(broken: .*finite"):
        list(train(tiny_corpus, run, CPU))
    with pytest.raises(LoomError, match=r"Every variant .* was stopped"):
        list(train(tiny_corpus, Run.open(run.path), CPU))


@pytest.mark.parametrize(
    ("settings", "limit", "rate"),
    [
        ({}, "or train.clip may help", "0.0005"),
        ({"clip": 0}, "or a limit, train.clip=5, may help", "0.0005"),
        ({"optimiser": "sgd", "learning_rate": 1.0}, "or train.clip may help", "0.1"),
        ({"learning_rate": 1e-4}, "or train.clip may help", "1e-05"),
    ],
)
def test_what_may_help_after_an_explosion_fits_the_settings_it_was_trained_with(
    tiny_corpus: Corpus, tmp_path: Path, settings: dict[str, Any], limit: str, rate: str
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "all", (BROKEN,), steps=20, **settings)
    told: list[str] = []
    with pytest.raises(LoomError) as caught:
        told.extend(event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note))
    assert limit in told[-1]
    assert caught.value.hint.endswith(f"--set train.learning_rate={rate}")


def test_an_exploding_loss_stops_the_variant_before_it_is_no_number(tiny_corpus: Corpus, tmp_path: Path) -> None:
    wild = {"learning_rate": 100.0, "warmup": 20, "clip": 1e9, "log_every": 1}
    run = begin_run(tiny_corpus, tmp_path / "explodes", ("vae",), steps=40, **wild)
    with pytest.raises(LoomError, match="exploded"):
        list(train(tiny_corpus, run, CPU))


def _train(corpus: Path, run: Path) -> None:
    torch.set_num_threads(1)
    list(train(Corpus.open(corpus), Run.open(run), CPU))


def test_a_run_killed_at_fifty_random_moments_ends_with_the_numbers_of_an_undisturbed_one(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"steps": 160, "checkpoint_every": 4, "log_every": 2, "evaluate_every": 40, "batch": 4}
    whole = begin_run(tiny_corpus, tmp_path / "whole", **settings)
    list(train(tiny_corpus, whole, CPU))
    broken = begin_run(tiny_corpus, tmp_path / "broken", **settings)

    # A server that has loaded this file and all of torch hands out processes within milliseconds; without torch._dynamo
    # the optimiser of each would load it, for more than a second.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "torch._dynamo"])
    choose = random.Random(0)
    for _ in range(50):
        process = context.Process(target=_train, args=(tiny_corpus.path, broken.path))
        process.start()
        _wait_for_steps(process, broken, choose.randrange(6))
        time.sleep(choose.random() * 0.02)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "the run was over before it could be killed fifty times"
    list(train(tiny_corpus, Run.open(broken.path), CPU))

    for variant in whole.variants:
        assert logged(broken, variant.name) == logged(whole, variant.name)
        # Nothing is hidden from the reader either: every line of the file is one of those.
        text = broken.metrics_path(variant.name).read_text()
        assert len(text.splitlines()) == len(logged(whole, variant.name))
        assert read_lines(broken.probe_path(variant.name)) == read_lines(whole.probe_path(variant.name))
        first, second = whole.checkpoints(variant.name).newest(), broken.checkpoints(variant.name).newest()
        assert (first.step, first.fingerprint) == (second.step, second.fingerprint)


def _wait_for_steps(process: Any, run: Run, steps: int) -> None:
    """Wait until a training process has logged so many steps beyond the checkpoint that it takes up; not at all for 0.

    What an earlier process has logged beyond that checkpoint does not count.
    """
    goal = max(run.checkpoints("vae").resumable_steps(), default=0) + steps
    while steps and process.is_alive():
        file = run.path / "process.json"
        if file.exists() and json.loads(file.read_text())["pid"] == process.pid:
            lines = read_lines(run.metrics_path("vae"))
            if lines and lines[-1]["step"] >= goal:
                return
        time.sleep(0.001)


def test_a_log_is_cut_back_to_the_step_that_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    log = StepLog(path, 0)
    for step in (5, 10, 15):
        log.add({"step": step})
    with open(path, "a") as handle:
        handle.write('{"step": 20, "kl"')
    assert [line["step"] for line in read_lines(path)] == [5, 10, 15]
    StepLog(path, 10).add({"step": 12})
    assert [line["step"] for line in read_lines(path)] == [5, 10, 12]
    assert path.read_text().endswith("\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told_with_the_file_and_keeps_what_was_logged(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    log = StepLog(path, 0)
    log.add({"step": 1})
    path.unlink()
    path.symlink_to("/dev/full")
    with pytest.raises(LoomError, match=r"disk is full while writing .*metrics\.jsonl"):
        log.add({"step": 2, "long": "x" * 100_000})


def test_a_damaged_line_of_a_log_costs_that_line_alone_and_is_told(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "damaged", steps=20, log_every=2)
    list(train(tiny_corpus, run, CPU))
    path = run.metrics_path("vae")
    lines = path.read_text().splitlines(keepends=True)[1:]  # without that of the start
    path.write_text("".join(lines))
    whole = logged(run, "vae")
    path.write_text("".join([*lines[:3], lines[3][:20] + "\n", *lines[4:]]))
    assert logged(run, "vae") == whole[:3] + whole[4:]
    notes = [event.text for event in train(tiny_corpus, Run.open(run.path), CPU) if isinstance(event, Note)]
    left_out = "Left out of the log of vae, as it cannot be read: line 4."
    assert f"{left_out} The log of vae has not all it should have of step 8." in notes
    assert logged(run, "vae") == whole[:3] + whole[4:]


def test_a_changed_number_and_missing_lines_of_a_log_are_told(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "changed", steps=20, log_every=2)
    list(train(tiny_corpus, run, CPU))
    path, whole = run.metrics_path("vae"), logged(run, "vae")[1:]
    assert log_damage(run, "vae") == ""
    lines = path.read_text().splitlines(keepends=True)[1:]  # without that of the start
    path.write_text("".join([lines[0].replace('"kl": ', '"kl": 1'), *lines[1:-4]]))
    assert logged(run, "vae") == whole[1:-4]
    assert log_damage(run, "vae").startswith("Left out of the log of vae, as it cannot be read: line 1.")
    assert "has not all it should have of step 2, " in log_damage(run, "vae")
    path.unlink()
    assert "of step 2, 4, 6, 8, 10, 12, 14, 16 and 2 more." in log_damage(run, "vae")


def test_a_batch_larger_than_the_text_is_told(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "large", steps=1, batch=100_000)
    notes = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
    assert any("A batch of 100,000 is more than" in text for text in notes)


@pytest.mark.parametrize("deleted_at", [1, 3])
@pytest.mark.parametrize("settings", [{}, {"log_every": 100}, {"tensorboard": True}])
def test_a_run_that_is_deleted_under_its_training_ends_it_and_stays_deleted(
    tiny_corpus: Corpus, tmp_path: Path, settings: dict[str, Any], deleted_at: int
) -> None:
    run = begin_run(
        tiny_corpus, tmp_path / "novel", **{"log_every": 5, "checkpoint_every": 10, "steps": 30, **settings}
    )
    training = train(tiny_corpus, run, CPU)
    for _ in range(deleted_at):
        next(training)
    shutil.rmtree(run.path)
    with pytest.raises(LoomError, match=r"novel is not there any more") as caught:
        list(training)
    assert "--resume" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


def test_a_run_that_is_deleted_before_it_is_asked_to_stop_is_told_and_stays_deleted(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "novel", log_every=5)
    training = train(tiny_corpus, run, CPU, lambda: not run.path.exists())
    next(training)
    shutil.rmtree(run.path)
    with pytest.raises(LoomError, match=r"novel is not there any more"):
        list(training)
    assert not run.path.exists()


def test_a_run_that_lost_its_empty_folders_in_a_copy_is_trained(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "copied", ("vae",), steps=10)
    shutil.rmtree(run.path / "variants")
    assert isinstance(list(train(tiny_corpus, run, CPU))[-1], Done)
