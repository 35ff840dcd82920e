"""Steps that are recorded and replayed as CUDA graphs are: the same operations on the same memory, without Python.

What a recording writes is put back at its end, as a card computes nothing while it records. A replay does every
operation again on the tensors of the recording, so that whatever Python alone would have changed since stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten


class CUDAGraph:
    """In the place of torch's.

    Attributes:
        operations: each with its arguments and what it gave.
        replays: so far.
    """

    recorded: ClassVar[CUDAGraph | None] = None
    made: ClassVar[list[CUDAGraph]] = []

    def __init__(self) -> None:
        self.operations: list[tuple[Any, Sequence[Any], Mapping[str, Any], Any]] = []
        self.replays = 0
        self._before: list[tuple[Tensor, Tensor]] = []
        CUDAGraph.made.append(self)

    def keep_what_it_writes(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Keep what an operation is about to write over."""
        for place, argument in enumerate(func._schema.arguments):
            if argument.alias_info is not None and argument.alias_info.is_write:
                given = args[place] if place < len(args) else kwargs.get(argument.name)
                self._before += [(each, each.clone()) for each in tree_flatten(given)[0] if isinstance(each, Tensor)]

    def end(self) -> None:
        """Put back what was written."""
        for tensor, value in reversed(self._before):
            tensor.copy_(value)
        self._before.clear()

    @torch.no_grad()
    def replay(self) -> None:
        """Do every operation again."""
        self.replays += 1
        for func, args, kwargs, given in self.operations:
            again = func(*args, **kwargs)
            for before, now in zip(tree_flatten(given)[0], tree_flatten(again)[0], strict=True):
                if isinstance(before, Tensor) and before.data_ptr() != now.data_ptr():
                    before.copy_(now)


class graph:  # noqa: N801  torch's name
    """In the place of `torch.cuda.graph`: what is done within is recorded."""

    def __init__(self, made: CUDAGraph, pool: object = None, stream: object = None) -> None:
        self._made = made

    def __enter__(self) -> None:
        CUDAGraph.recorded = self._made

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        CUDAGraph.recorded = None
        self._made.end()
