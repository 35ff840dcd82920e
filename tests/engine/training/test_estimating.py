"""A training's length before it is begun."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.config import TrainConfig
from engine.corpus.store import Corpus
from engine.errors import Stopped
from engine.events import Done
from engine.runs.run import Run
from engine.training import estimating
from engine.training.estimating import estimate
from engine.training.pace import Pace

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("steps", "checkpoint_every", "evaluate_every"), [(100, 10, None), (101, 10, 25), (5, 10, 7), (1, 1, 1)]
)
def test_the_whole_is_counted_as_the_loop_counts(steps, checkpoint_every, evaluate_every):
    config = TrainConfig(steps=steps, checkpoint_every=checkpoint_every, evaluate_every=evaluate_every)
    seconds = 0.0
    for done in range(1, steps + 1):
        last = done == steps
        seconds += 0.5
        seconds += 7 * (done % (evaluate_every or checkpoint_every) == 0 or last)
        seconds += 11 * (done % checkpoint_every == 0 or last)
    assert Pace(0.5, 7, 11, 3).total(config) == pytest.approx(seconds)


def test_a_few_steps_are_timed_and_nothing_is_kept(
    tiny_corpus: Corpus, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr(estimating, "_now", lambda device: next(clock) / 10)  # a tenth of a second from look to look
    before = sorted(tiny_run.path.rglob("*"))
    *progress, done = estimate(tiny_corpus, tiny_run.settings, CPU, tmp_path)
    assert isinstance(done, Done)
    pace = Pace(**done.result["pace"])
    assert pace.steps == estimating.TIMED
    monkeypatch.undo()
    assert len(tiny_corpus.test) < estimating.PART
    assert (pace.step, pace.evaluation, pace.checkpoint) == pytest.approx((0.1, 0.2, 0.1))
    assert done.result["seconds"] == pytest.approx(40 * 0.1 + 2 * 0.2 + 2 * 0.1)
    assert max(each.done for each in progress) == estimating.WARM + estimating.TIMED
    assert sorted(tiny_run.path.rglob("*")) == before


def test_slow_steps_are_timed_three_times(tiny_corpus, tiny_run, tmp_path, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(estimating, "_now", lambda device: next(clock) * 4.0)
    *_, done = estimate(tiny_corpus, tiny_run.settings, CPU, tmp_path)
    assert done.result["pace"]["steps"] == 3


def test_it_can_be_stopped(tiny_corpus, tiny_run, tmp_path):
    with pytest.raises(Stopped):
        list(estimate(tiny_corpus, tiny_run.settings, CPU, tmp_path, lambda: True))


def test_by_graphs_steps_are_timed_once_they_come_from_recordings(
    tiny_corpus: Corpus, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimating, "takes_graphs", lambda device, processes, wanted: wanted)
    monkeypatch.setattr(estimating, "RECORDING", 7)  # nothing is recorded on a CPU
    *progress, done = estimate(tiny_corpus, tiny_run.settings, CPU, tmp_path)
    assert isinstance(done, Done)
    assert [each.done for each in progress if each.stage == "recording steps"] == list(range(1, 8))
    assert done.result["pace"]["steps"] == estimating.TIMED
