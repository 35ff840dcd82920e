"""Both ways of taking steps, in turns, until the faster one is known; a clock tells what it is told to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.runs.run import Run
from engine.training.graphs import trial, ways
from engine.training.graphs.capture import Captured, Stepped
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.shapes import Shape
from engine.training.graphs.stepping import GraphSteps
from engine.training.graphs.together import Together
from engine.training.graphs.trial import PAIRS, UNTIMED, Trial, Way
from engine.training.graphs.twin import Twin
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
    """Steps that could be recorded, but are not; each takes half a second, or one in the slow way."""

    clock: Clock
    slow: Way
    ways: list[Way]

    def __init__(self, twin: Stepped, device: torch.device) -> None:
        super().__init__(twin, device)
        self.refused = ""

    def step(self, inputs: Inputs, usual: bool) -> None:
        way: Way = "together" if isinstance(self._twin, Together) else "apart"
        self.ways.append(way)
        self.clock.now += (1.0 if way == self.slow else 0.5) * (2 if way == "together" else 1)
        super().step(inputs, usual=False)


@pytest.fixture
def on_a_card(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that would be tried in both ways on a card are tried here."""
    monkeypatch.setattr(ways, "can_go_together", lambda model, variants, device: variants > 1)
    monkeypatch.setattr(ways, "Captured", Unrecorded)
    Unrecorded.clock, Unrecorded.slow, Unrecorded.ways = clock, "apart", []


def going(corpus: Corpus, run: Run) -> tuple[GraphSteps, list[Learner]]:
    learners = [Learner(run, variant, CPU) for variant in run.variants]
    return GraphSteps(corpus.train, corpus.train.lengths, run.settings.model, learners, CPU), learners


def take(steps: GraphSteps, learners: list[Learner], count: int, sentences: int = 0) -> list[Way]:
    """So many steps on the shortest sentences; gives the way of each variant's."""
    Unrecorded.ways.clear()
    rows = np.argsort(steps._lengths, kind="stable")[: sentences or learners[0].config.batch]
    for step in range(count):
        steps.step(lambda given, work: [work(learner) for learner in given], learners, rows, step)
    return list(Unrecorded.ways)


def moves(learners: list[Learner], steps: GraphSteps) -> list[int]:
    """Optimiser steps of each variant so far."""
    steps.settle()
    return [int(next(iter(learner.optimiser.state.values()))["step"]) for learner in learners]


def fails_once(unlucky: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a twin find no memory as its optimiser is about to move it, the first time."""
    descend, falls = Twin.descend, [True]

    def once(twin: Twin, terms: torch.Tensor) -> None:
        if twin is unlucky and falls and falls.pop():
            raise torch.OutOfMemoryError("no memory")
        descend(twin, terms)

    monkeypatch.setattr(Twin, "descend", once)


@pytest.mark.usefixtures("on_a_card")
@pytest.mark.parametrize("slow", ["apart", "together"])
def test_a_training_goes_on_in_the_faster_way_and_says_so(slow: Way, tiny_corpus: Corpus, tmp_path: Path) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    Unrecorded.slow = slow
    tried = UNTIMED + PAIRS
    assert Counter(take(steps, learners, 2 * tried)) == {"apart": 2 * tried, "together": tried}
    assert set(take(steps, learners, 5)) == {"apart", "together"} - {slow}
    fast = "1.0 ms together and 2.0 ms beside each other: they go on together."
    slower = "2.0 ms together and 1.0 ms beside each other: they go on beside each other."
    assert list(steps.told()) == [f"A step of all variants takes {fast if slow == 'apart' else slower}"]
    assert moves(learners, steps) == [2 * tried + 5] * 2


@pytest.mark.usefixtures("on_a_card")
@pytest.mark.parametrize("refused", ["together", "apart"])
def test_where_memory_is_short_for_recordings_in_both_ways_steps_go_on_apart(
    refused: Way, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    take(steps, learners, 2)
    first, *_, last = steps._ways.every
    short = last if refused == "together" else first
    short.refused, short._short = "0.5 GiB of memory are free", True
    take(steps, learners, 1)
    assert take(steps, learners, 2) == ["apart"] * 4
    assert list(steps.told()) == ["Steps of all variants together could not be tried: 0.5 GiB of memory are free."]
    assert [captured.refused for captured in steps._ways.every] == ["", ""]  # two apart, which try again


@pytest.mark.usefixtures("on_a_card")
def test_graphs_that_were_given_up_stay_so_and_the_trial_is_over(tiny_corpus: Corpus, tmp_path: Path) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    take(steps, learners, 2)
    for captured in steps._ways.every:
        captured.give_up("a step needed them")
    take(steps, learners, 1, sentences=5)  # of no usual shape
    assert take(steps, learners, 1) == ["apart"] * 2
    assert [captured.refused for captured in steps._ways.every] == ["a step needed them"] * 2


@pytest.mark.usefixtures("on_a_card")
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("no memory"), RuntimeError("no memory")])
def test_a_step_together_that_fails_in_a_trial_is_taken_apart(
    error: RuntimeError, tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))

    def fails(*given: object) -> None:
        raise error

    monkeypatch.setattr("engine.training.graphs.together.gradients_together", fails)
    assert take(steps, learners, 3) == ["apart", "apart", "together", "apart", "apart", "apart", "apart"]
    assert list(steps.told()) == ["Steps of all variants together could not be tried: no memory."]
    assert moves(learners, steps) == [3, 3]


@pytest.mark.usefixtures("on_a_card")
def test_a_variant_that_was_moved_already_is_not_moved_again(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    take(steps, learners, 1)
    fails_once(steps._twins[learners[1].variant.name], monkeypatch)
    assert take(steps, learners, 1) == ["together", "apart"]  # the second alone
    assert moves(learners, steps) == [2, 2]


def test_where_a_step_together_is_taken_again_it_moves_those_that_it_has_not(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run")
    learners = [Learner(run, variant, CPU) for variant in run.variants]
    steps = GraphSteps(tiny_corpus.train, tiny_corpus.train.lengths, run.settings.model, learners, CPU, way="together")
    Unrecorded.ways = []
    take(steps, learners, 1)
    sums = [learner.sums.clone() for learner in learners]
    fails_once(steps._twins[learners[1].variant.name], monkeypatch)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    monkeypatch.setattr(Captured, "shapes", [SHORT])  # there is a graph to give up
    take(steps, learners, 1)
    assert moves(learners, steps) == [2, 2]
    for learner, before in zip(learners, sums, strict=True):
        assert 1.5 < float(learner.sums[0] / before[0]) < 2.5


@pytest.mark.usefixtures("on_a_card")
def test_a_variant_that_is_left_out_begins_the_trial_anew_and_one_alone_has_none(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run", ("vae", "vae-annealed", "autogen-m1"))
    steps, learners = going(tiny_corpus, run)
    take(steps, learners, 2 * (UNTIMED + PAIRS))
    assert take(steps, learners, 2) == ["together"] * 2
    del learners[1]
    assert take(steps, learners, 3) == ["apart", "apart", "together", "apart", "apart"]
    del learners[1]
    assert take(steps, learners, 3) == ["apart"] * 3


class Recorded(Captured):
    """Remembers a shape when it comes again, as if it were recorded, and takes no step."""

    def step(self, inputs: Inputs, usual: bool) -> None:
        if inputs.shape in self._met:
            self._graphs[inputs.shape] = None  # type: ignore[assignment]
            self.replays += 1
        self._met.add(inputs.shape)


def test_steps_are_steady_once_they_are_replayed_and_nothing_is_recorded(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "Captured", Recorded)
    Unrecorded.ways = []
    steps, learners = going(tiny_corpus, begin_run(tiny_corpus, tmp_path / "run"))
    found = []
    for _ in range(4):
        take(steps, learners, 1)
        found.append(steps.steady)
    assert found == [False, False, True, True]


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
