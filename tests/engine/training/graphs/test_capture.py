"""When steps are captured and when not, with a graph of torch's replaced by one that remembers what it is to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch

from engine.training.graphs.capture import Captured
from engine.training.graphs.shapes import Shape

GIB = 2**30
CUDA = torch.device("cuda")


class Twin:
    """Counts its steps, and may find no memory."""

    def __init__(self) -> None:
        self.steps = 0
        self.model = torch.nn.Linear(2, 2)
        self.fails: list[RuntimeError] = []

    def step(self, inputs: object) -> None:
        if self.fails:
            raise self.fails.pop()
        self.steps += 1


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Twin:
    """A twin on a GPU of 8 GiB, of which 4 are free."""

    class Graph:
        def replay(self) -> None:
            self.replays = getattr(self, "replays", 0) + 1

        def pool(self) -> str:
            return "the pool"

    @contextmanager
    def graph(made: Graph, pool: object, stream: object) -> Iterator[None]:
        found.pools.append(pool)
        yield
        found.steps -= 1  # recorded, not taken

    found = Twin()
    found.pools = []  # type: ignore[attr-defined]
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "graph", graph)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "its stream")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (4 * GIB, 8 * GIB))
    for name in ("memory_reserved", "memory_allocated"):
        monkeypatch.setattr(torch.cuda, name, lambda device: GIB)
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
    assert twin.pools == [None, "the pool"]  # type: ignore[attr-defined]


def test_what_comes_seldom_is_never_recorded(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    for _ in range(3):
        captured.step(inputs(4), False)
    assert (twin.steps, captured.replays, captured.shapes) == (3, 0, [])


def test_a_refused_recording_leaves_steps_as_they_are(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    captured.step(inputs(4), True)
    twin.fails = [RuntimeError("operation not permitted when stream is capturing\nmore of it")]
    captured.step(inputs(4), True)
    captured.step(inputs(4), True)
    assert (twin.steps, captured.replays) == (3, 0)
    assert captured.refused == "operation not permitted when stream is capturing"


def test_nothing_is_recorded_where_memory_is_short(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (GIB // 2, 8 * GIB))
    captured = Captured(twin, CUDA)
    for _ in range(3):
        captured.step(inputs(4), True)
    assert (twin.steps, captured.replays, captured.refused) == (3, 0, "0.5 GiB of memory are free")


def test_graphs_give_way_to_a_step_that_finds_no_memory(twin: Twin) -> None:
    captured = Captured(twin, CUDA)
    for _ in range(2):
        captured.step(inputs(4), True)
    twin.fails = [torch.OutOfMemoryError("CUDA out of memory.")]
    captured.step(inputs(9), True)
    assert (twin.steps, captured.shapes) == (2, [])
    assert "memory" in captured.refused
    twin.fails = [torch.OutOfMemoryError("CUDA out of memory.")]
    with pytest.raises(torch.OutOfMemoryError):
        captured.step(inputs(9), True)


def test_on_a_cpu_nothing_is_recorded(twin: Twin) -> None:
    captured = Captured(twin, torch.device("cpu"))
    for _ in range(3):
        captured.step(inputs(4), True)
    assert (twin.steps, captured.replays) == (3, 0)
