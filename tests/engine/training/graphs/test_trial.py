"""Both ways of taking steps, in turns, until the faster one is known; a clock tells what it is told to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.runs.run import Run
from engine.training.graphs import stepping, trial
from engine.training.graphs.capture import Captured, Stepped
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.shapes import Shape
from engine.training.graphs.stepping import GraphSteps
from engine.training.graphs.trial import PAIRS, UNTIMED, Trial, Way
from engine.training.learner import Learner
from tests.conftest import begin_run

CPU = torch.device("cpu")
SHORT, LONG = Shape(2, 3, 8), Shape(2, 9, 20)
PASSED = {"apart": 2.0, "together": 1.5}


class Clock:
    """Marks are moments of a time that passes when it is told to."""

    now = 0.0

    def mark(self) -> float:
        return self.now

    def between(self, first: float, second: float) -> float:
        return second - first


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(trial, "Clock", lambda device: found)
    return found


def test_the_faster_way_is_told_by_pairs_of_the_same_shape(clock: Clock) -> None:
    tried, taken = Trial(CPU), Counter[tuple[Shape, Way]]()
    shapes = iter(np.random.default_rng(0).choice([0, 0, 1], 500).tolist())
    shape = SHORT

    def step(way: Way) -> None:
        taken[shape, way] += 1
        untimed = taken[shape, way] <= UNTIMED
        clock.now += 1000.0 if untimed else PASSED[way] * shape.width

    while tried.way is None:
        shape = [SHORT, LONG][next(shapes)]
        tried.take(shape, step)
    pairs = {each: taken[each, "together"] - UNTIMED for each in (SHORT, LONG)}
    assert sum(pairs.values()) == PAIRS
    assert all(pairs.values())
    assert tried.way == "together"
    width = sum(each.width * count for each, count in pairs.items()) / PAIRS
    assert tried.milliseconds == {"apart": pytest.approx(2.0 * width), "together": pytest.approx(1.5 * width)}


class Unrecorded(Captured):
    """Steps that could be recorded, but are not."""

    def __init__(self, twin: Stepped, device: torch.device) -> None:
        super().__init__(twin, device)
        self.refused = ""

    def step(self, inputs: Inputs, usual: bool) -> None:
        super().step(inputs, usual=False)


@pytest.fixture
def on_a_card(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Steps that would be tried in both ways on a card are tried here."""
    monkeypatch.setattr(stepping, "can_go_together", lambda model, variants, device: variants > 1)
    monkeypatch.setattr(stepping, "Captured", Unrecorded)
    return clock


def going(corpus: Corpus, run: Run) -> tuple[GraphSteps, list[Learner]]:
    learners = [Learner(run, variant, CPU) for variant in run.variants]
    return GraphSteps(corpus.train, corpus.train.lengths, run.settings.model, learners, CPU), learners


def take(steps: GraphSteps, learners: list[Learner], clock: Clock, count: int, slow: Way) -> list[Way]:
    """Steps that take a second, or two in the slow way; gives the way of each."""
    ways: list[Way] = []

    def in_lock_step(given: list[Learner], work: Any) -> list[None]:
        way: Way = "together" if len(given) < len(learners) else "apart"
        ways.append(way)
        clock.now += 2.0 if way == slow else 1.0
        return [work(learner) for learner in given]

    rows = np.argsort(steps._lengths, kind="stable")[: learners[0].config.batch]
    for step in range(count):
        steps.step(in_lock_step, learners, rows, step)
    return ways


@pytest.mark.parametrize("slow", ["apart", "together"])
def test_a_training_goes_on_in_the_faster_way_and_says_so(
    slow: Way, tiny_corpus: Corpus, tmp_path: Path, on_a_card: Clock
) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    tried = 2 * (UNTIMED + PAIRS)
    ways = take(steps, learners, on_a_card, tried + 5, slow)
    assert Counter(ways[:tried]) == {"apart": tried // 2, "together": tried // 2}
    assert set(ways[tried:]) == {"apart", "together"} - {slow}
    fast = "1.0 ms together and 2.0 ms beside each other: they go on together."
    slower = "2.0 ms together and 1.0 ms beside each other: they go on beside each other."
    assert list(steps.told()) == [f"A step of all variants takes {fast if slow == 'apart' else slower}"]


@pytest.mark.parametrize("refused", ["together", "apart"])
def test_where_steps_cannot_be_recorded_in_both_ways_they_go_on_apart(
    refused: Way, tiny_corpus: Corpus, tmp_path: Path, on_a_card: Clock
) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    take(steps, learners, on_a_card, 2, "apart")
    assert steps._together is not None
    (steps._together if refused == "together" else steps._apart["vae"]).refused = "0.5 GiB of memory are free"
    assert take(steps, learners, on_a_card, 5, "apart") == ["apart"] * 5
    assert list(steps.told()) == ["Steps of all variants together could not be tried: 0.5 GiB of memory are free."]
    assert [captured.refused for captured in steps._every()] == ["", ""]  # two variants apart, which try again


def test_a_variant_that_is_left_out_begins_the_trial_anew_and_one_alone_has_none(
    tiny_corpus: Corpus, tmp_path: Path, on_a_card: Clock
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run", ("vae", "vae-annealed", "autogen-m1"))
    steps, learners = going(tiny_corpus, run)
    assert take(steps, learners, on_a_card, 2, "apart") == ["apart", "together"]
    del learners[1]
    assert take(steps, learners, on_a_card, 3, "apart") == ["apart", "together", "apart"]
    del learners[1]
    take(steps, learners, on_a_card, 3, "apart")
    assert steps._together is None
    assert steps._trial is None
    assert steps._way == "apart"


def test_marks_are_read_off_the_devices_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    class Event:
        def __init__(self, enable_timing: bool) -> None:
            assert enable_timing
            self.waited = False

        def record(self, stream: str) -> None:
            self.at = len(stream)

        def synchronize(self) -> None:
            self.waited = True

        def elapsed_time(self, other: Event) -> float:
            assert other.waited
            return float(other.at - self.at)

    streams = iter(["a", "longer"])
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: next(streams))
    clock = trial.Clock(CPU)
    first, second = clock.mark(), clock.mark()
    assert clock.between(first, second) == 5.0
