"""When steps are captured and when not, with a graph of torch's replaced by one that remembers what it is to do."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine.config import ModelConfig
from engine.training.graphs.capture import Captured, refuse_alike, step_or_give_up
from engine.training.graphs.shapes import Shape
from engine.training.graphs.ways import Notes, Ways

GIB = 2**30
CUDA = torch.device("cuda")


class Twin:
    """Counts its steps, and may find no memory."""

    def __init__(self) -> None:
        self.steps = 0
        self.gradients = 0
        self.fails: list[Exception] = []

    def step(self, inputs: object) -> None:
        if self.fails:
            raise self.fails.pop()
        self.steps += 1

    def forget_gradients(self) -> None:
        self.gradients = 0


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Twin:
    """A twin on a GPU of 8 GiB, of which 4 are free."""

    class Graph:
        def replay(self) -> None:
            self.replays = getattr(self, "replays", 0) + 1

    @contextmanager
    def graph(made: Graph, pool: object, stream: object) -> Iterator[None]:
        found.pools.append(pool)
        yield
        found.steps -= 1  # recorded, not taken

    def end(device: int, pool: object) -> None:
        found.ended.append((device, pool))
        raise RuntimeError("nothing is recorded")  # as torch says which has seen to it itself

    found = Twin()
    found.pools, found.ended, handles = [], [], iter(("a pool", "another"))  # type: ignore[attr-defined]
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: next(handles))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 3)
    monkeypatch.setattr(torch._C, "_cuda_endAllocateToPool", end, raising=False)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "graph", graph)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "its stream")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (4 * GIB, 8 * GIB))
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    return found


def inputs(width: int) -> SimpleNamespace:
    return SimpleNamespace(shape=Shape(2, width, 2 * (width + 1)))


def test_the_first_step_of_a_shape_is_taken_as_it_is_and_the_second_recorded_and_replayed(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    for width in (3, 3, 5, 3, 5, 5):
        captured.step(inputs(width), True)
    assert twin.steps == 2
    assert captured.replays == 4
    assert [shape.width for shape in captured.shapes] == [3, 5]
    assert twin.pools == ["a pool"] * 2  # type: ignore[attr-defined]
    assert twin.ended == []  # type: ignore[attr-defined]


def test_what_comes_seldom_is_never_recorded(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    for _ in range(3):
        captured.step(inputs(4), False)
    assert (twin.steps, captured.replays, captured.shapes) == (3, 0, [])


def test_a_refused_recording_leaves_steps_as_they_are(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    captured.step(inputs(4), True)
    twin.gradients = 3
    twin.fails = [RuntimeError("operation not permitted when stream is capturing\nmore of it")]
    captured.step(inputs(4), True)
    captured.step(inputs(4), True)
    assert (twin.steps, captured.replays) == (3, 0)
    assert captured.refused == "operation not permitted when stream is capturing"
    assert twin.gradients == 0
    assert twin.ended == [(3, "a pool")]  # type: ignore[attr-defined]  # torch 2.11 would go on taking memory from it


def test_a_graph_that_could_not_be_recorded_is_kept_as_long_as_the_others(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    for _ in range(2):
        captured.step(inputs(4), True)
    captured.step(inputs(5), True)
    twin.fails = [RuntimeError("not so")]
    captured.step(inputs(5), True)
    (failed,) = captured._failed
    assert [shape.width for shape in captured.shapes] == [4]
    alive = weakref.ref(failed)
    del failed
    captured.give_up("no memory")
    assert alive() is None


def test_nothing_is_recorded_where_memory_is_short(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (GIB // 2, 8 * GIB))
    captured = Captured(twin, CUDA)
    for _ in range(3):
        captured.step(inputs(4), True)
    assert (twin.steps, captured.replays, captured.refused) == (3, 0, "0.5 GiB of memory are free")
    captured.try_again()
    assert captured.refused == ""
    captured.give_up("a step needed them")
    captured.try_again()
    assert captured.refused == "a step needed them"


def test_the_reason_of_a_refusal_is_what_went_wrong_first(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def graph(made: object, pool: object, stream: object) -> Iterator[None]:
        try:
            yield
        finally:
            raise RuntimeError("the capture failed due to an error before")

    monkeypatch.setattr(torch.cuda, "graph", graph)
    captured = Captured(twin, CUDA)
    captured.step(inputs(4), True)
    twin.fails = [AssertionError("a size was asked of the device")]
    captured.step(inputs(4), True)
    assert captured.refused == "a size was asked of the device"
    assert twin.steps == 2


def test_the_graphs_of_all_twins_give_way_to_a_step_that_finds_no_memory(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses() -> None:
        raise RuntimeError("captures underway")

    poor = Twin()
    first, second = every = [Captured(twin, CUDA), Captured(poor, CUDA)]
    for _ in range(2):
        step_or_give_up(first, every, inputs(4), True)
    monkeypatch.setattr(torch.cuda, "empty_cache", refuses)  # as after a capture that failed
    poor.fails = [torch.OutOfMemoryError("CUDA out of memory.")]
    step_or_give_up(second, every, inputs(9), True)
    assert (poor.steps, first.shapes) == (1, [])
    assert "memory" in first.refused
    assert "memory" in second.refused
    poor.fails = [torch.OutOfMemoryError("CUDA out of memory.")]
    with pytest.raises(torch.OutOfMemoryError):
        step_or_give_up(second, every, inputs(9), True)


def test_what_a_failed_step_has_held_is_gone_before_it_is_taken_again(twin: Twin) -> None:
    class Held:
        pass

    class Hungry(Twin):
        held: weakref.ref[Held] | None = None

        def step(self, inputs: object) -> None:
            if self.held is None:
                activations = Held()
                self.held = weakref.ref(activations)
                raise torch.OutOfMemoryError("CUDA out of memory.")
            assert self.held() is None
            self.steps += 1

    hungry = Hungry()
    first, second = every = [Captured(twin, CUDA), Captured(hungry, CUDA)]
    for _ in range(2):
        step_or_give_up(first, every, inputs(4), True)
    step_or_give_up(second, every, inputs(4), True)
    assert hungry.steps == 1


def test_after_a_refusal_the_next_twin_of_the_same_step_records_nothing(twin: Twin) -> None:
    other = Twin()
    ways = Ways(ModelConfig(vocabulary=9), CUDA, "apart", Notes())
    ways._apart = {"first": Captured(twin, CUDA), "second": Captured(other, CUDA)}
    learners: Any = [SimpleNamespace(variant=SimpleNamespace(name=name)) for name in ways._apart]
    for _ in range(2):
        twin.fails = [RuntimeError("not while capturing")] if twin.steps else []
        for learner in learners:
            ways._step_apart(learner, ways.every, inputs(4), True)  # type: ignore[arg-type]
    assert twin.pools == ["a pool"]  # type: ignore[attr-defined]  # the second has kept none for nothing
    assert (twin.steps, other.steps) == (2, 2)
    assert [each.refused for each in ways.every] == ["not while capturing"] * 2


def test_where_one_twin_is_refused_none_captures_any_more(twin: Twin) -> None:
    every = [Captured(twin, CUDA), Captured(twin, CUDA)]
    assert refuse_alike(every) == ""
    every[1].refused = "it is so"
    assert refuse_alike(every) == "it is so"
    assert [each.refused for each in every] == ["it is so"] * 2


def test_on_a_cpu_nothing_is_recorded(twin: Twin) -> None:
    captured = Captured(twin, torch.device("cpu"))
    for _ in range(3):
        captured.step(inputs(4), True)
    assert (twin.steps, captured.replays) == (3, 0)
