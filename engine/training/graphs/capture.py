"""Steps of one twin, or of all together: as they are at first, and then as graphs, one for every usual shape.

A shape is met once without a graph, which warms up what is made at its first use; it is captured when it comes again.
Graphs of one share a pool of memory: nothing in it outlives a step. On anything but CUDA nothing is captured.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import torch

from engine.models.softmax_kernel import in_a_line
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.shapes import Shape

SPARE = 0.08
"""Of a GPU's memory, what has to be free for a graph to be captured."""
_GIVEN_UP = "a step without one needed the memory of the graphs"


class Stepped(Protocol):
    """What takes steps: a twin, or all together."""

    def step(self, inputs: Inputs) -> None:
        """One optimiser step, by tensors alone."""

    def forget_gradients(self) -> None:
        """Leave no gradients."""


class Captured:
    """Takes the steps of a twin, or of all together.

    Attributes:
        device: where.
        refused: why nothing is captured any more; empty while it is.
        replays: steps taken from a graph.
    """

    def __init__(self, twin: Stepped, device: torch.device) -> None:
        self._twin = twin
        self.device = device
        self._graphs: dict[Shape, torch.cuda.CUDAGraph] = {}
        self._met: set[Shape] = set()
        self._failed: list[torch.cuda.CUDAGraph] = []  # kept, as torch 2.13 takes memory from the others with one
        self._pool: Any = None  # of memory, the graphs' own
        self._short = False
        self.refused = "" if device.type == "cuda" else "only CUDA has graphs"
        self.replays = 0

    @property
    def shapes(self) -> list[Shape]:
        """Those that there is a graph for."""
        return sorted(self._graphs)

    def step(self, inputs: Inputs, usual: bool) -> None:
        """One step on the current stream.

        Args:
            inputs: filled.
            usual: whether batches of this shape come often.

        Raises:
            torch.OutOfMemoryError: a step without a graph found no memory; the optimiser has not moved then.
        """
        shape = inputs.shape
        if shape in self._met and usual and not self.refused and shape not in self._graphs:
            self._capture(inputs)
        graph = self._graphs.get(shape)
        if graph is None:
            self._twin.step(inputs)
            self._met.add(shape)
            return
        graph.replay()
        self.replays += 1

    def give_up(self, reason: str) -> None:
        """Let go of the graphs and capture no more."""
        self._graphs.clear()
        self._failed.clear()
        self._pool = None
        self.refused = reason

    def try_again(self) -> None:
        """Capture again where that was refused for want of memory, of which there is more now."""
        if self._short:
            self.refused, self._short = "", False

    def _capture(self, inputs: Inputs) -> None:
        try:
            torch.cuda.empty_cache()  # what other pools keep without using it cannot be had by a graph
            free, whole = torch.cuda.mem_get_info(self.device)
            if free < SPARE * whole:
                self.refused, self._short = f"{free / 2**30:.1f} GiB of memory are free", True
                return
            self._pool = self._pool or torch.cuda.graph_pool_handle()
            graph = torch.cuda.CUDAGraph()
            self._failed.append(graph)
            with torch.cuda.graph(graph, pool=self._pool, stream=torch.cuda.current_stream(self.device)):
                self._twin.step(inputs)
        except (RuntimeError, OSError, ValueError, TypeError, AssertionError, ImportError) as error:
            self.refused = first_of(error)
            self._twin.forget_gradients()
            self._leave_pool()
            return
        self._graphs[inputs.shape] = self._failed.pop()

    def _leave_pool(self) -> None:
        """Have memory come from where it came from before a capture that failed.

        torch 2.11 forgets this where the capture was broken off within, and then refuses every later one and frees
        nothing for steps that find no memory; later ones have done it, and say so by an error.
        """
        if self._pool is not None:
            with suppress(RuntimeError, AttributeError):
                index = torch.cuda.current_device() if self.device.index is None else self.device.index
                torch._C._cuda_endAllocateToPool(index, self._pool)


def step_or_give_up(mine: Captured, every: Sequence[Captured], inputs: Inputs, usual: bool) -> None:
    """A step of one twin; where it finds no memory, the graphs of all twins are given up for it.

    Raises:
        torch.OutOfMemoryError: there are no graphs to give up, or that was not enough.
    """
    if _taken(mine, every, inputs, usual):
        return
    # Here the error is gone, and with it what the step that failed has held.
    torch.cuda.synchronize(mine.device)
    for captured in every:
        captured.give_up(_GIVEN_UP)
    with suppress(RuntimeError):  # torch 2.11 refuses this after a capture that failed; the memory is free all the same
        torch.cuda.empty_cache()
    mine.step(inputs, usual)


def refuse_alike(every: Sequence[Captured]) -> str:
    """Have no twin capture where one was refused it; why, "" where none was."""
    reason = next((captured.refused for captured in every if captured.refused), "")
    for captured in every:
        captured.refused = captured.refused or reason
    return reason


def _taken(mine: Captured, every: Sequence[Captured], inputs: Inputs, usual: bool) -> bool:
    """Take a step; False where it found no memory and there are graphs to give up."""
    try:
        mine.step(inputs, usual)
    except torch.OutOfMemoryError:
        if not any(captured.shapes for captured in every):
            raise
        return False
    return True


def first_of(error: BaseException) -> str:
    """What went wrong first: that a capture failed is told again by its end, without the reason."""
    while error.__context__ is not None:
        error = error.__context__
    return in_a_line(error)
