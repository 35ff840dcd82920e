"""The steps of one twin: as they are at first, and then as graphs, one for every usual shape.

A shape is met once without a graph, which warms up what is made at its first use; it is captured when it comes again.
Graphs of a twin share one pool of memory: nothing in it outlives a step. On anything but CUDA nothing is captured.
"""

from __future__ import annotations

import torch

from engine.training.graphs.inputs import Inputs
from engine.training.graphs.shapes import Shape
from engine.training.graphs.twin import Twin

SPARE = 0.08
"""Of a GPU's memory, what has to be free for a graph to be captured."""


class Captured:
    """Takes the steps of a twin.

    Attributes:
        refused: why nothing is captured any more; empty while it is.
        replays: steps taken from a graph.
    """

    def __init__(self, twin: Twin, device: torch.device) -> None:
        self._twin = twin
        self._device = device
        self._graphs: dict[Shape, torch.cuda.CUDAGraph] = {}
        self._met: set[Shape] = set()
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
        """
        shape = inputs.shape
        if shape in self._met and usual and not self.refused and shape not in self._graphs:
            self._capture(inputs)
        graph = self._graphs.get(shape)
        if graph is None:
            try:
                self._twin.step(inputs)
            except torch.OutOfMemoryError:
                if not self._graphs:
                    raise
                self._release()
                self._twin.step(inputs)
            self._met.add(shape)
            return
        graph.replay()
        self.replays += 1

    def _release(self) -> None:
        """Give up the graphs, whose memory a step needs; that one has not come to its optimiser yet."""
        torch.cuda.synchronize(self._device)
        self._graphs.clear()
        torch.cuda.empty_cache()
        self.refused = "a step without one needed the memory of the graphs"

    def _capture(self, inputs: Inputs) -> None:
        free, whole = torch.cuda.mem_get_info(self._device)
        unused = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        if free + unused < SPARE * whole:
            self.refused = f"{(free + unused) / 2**30:.1f} GiB of memory are free"
            return
        pool = next(iter(self._graphs.values())).pool() if self._graphs else None
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, pool=pool, stream=torch.cuda.current_stream(self._device)):
                self._twin.step(inputs)
        except RuntimeError as error:  # out of memory too
            self.refused = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            for parameter in self._twin.model.parameters():
                parameter.grad = None
            return
        self._graphs[inputs.shape] = graph
