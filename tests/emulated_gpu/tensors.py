"""Tensors that say they are on the card, and what becomes of operations on them.

Each has its values in a tensor on the CPU, which is what is computed with. An operation that a card would refuse, as on
tensors of two devices, is refused; one that the program would wait for is counted with the line that asked for it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from tests.emulated_gpu.graphs import CUDAGraph

CPU, CARD = torch.device("cpu"), torch.device("cuda", 0)
WAITED_FOR = (
    *("aten._local_scalar_dense.", "aten.nonzero.", "aten.unique_consecutive.", "aten.masked_select."),
    *("aten.equal.", "aten.item."),
)
waits: Counter[str] = Counter()
"""How often a line of the program waited for the card."""


class OnCard(Tensor):
    """A tensor on the card.

    Attributes:
        inner: its values, on the CPU.
    """

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> OnCard:
        made = Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=CARD,
        )
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return computed(func, args, kwargs or {})

    def __repr__(self) -> str:
        return f"{self.inner!r} on the card"

    def tolist(self) -> Any:
        """Its numbers, which the program waits for."""
        waited("tolist")
        return self.inner.tolist()

    def __getitem__(self, index: Any) -> Tensor:
        return Tensor.__getitem__(self, _sent(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        Tensor.__setitem__(self, _sent(index), value)


class Card(TorchDispatchMode):
    """Sees to operations whose result is to be on the card though none of their tensors is."""

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if on_card(given.get("device")) or any(isinstance(each, OnCard) for each in tree_flatten((args, given))[0]):
            return computed(func, args, given)
        return func(*args, **given)


def on_card(device: Any) -> bool:
    """Whether a device is the card."""
    return device is not None and torch.device(device).type == "cuda"


def waited(what: str) -> None:
    """Count that the program waits for the card."""
    frame = sys._getframe(1)
    while frame.f_back is not None and "/engine/" not in frame.f_code.co_filename:
        frame = frame.f_back
    waits[f"{what} {frame.f_code.co_filename.rpartition('/engine/')[2]}:{frame.f_lineno}"] += 1


def computed(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What an operation gives.

    Raises:
        RuntimeError: its tensors are on two devices, or a graph that is recorded could not hold it.
    """
    name, device = str(func), kwargs.get("device")
    tensors = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, Tensor)]
    here = [each for each in tensors if isinstance(each, OnCard)]
    elsewhere = [each for each in tensors if not isinstance(each, OnCard) and each.dim()]
    copies = "copy" in name
    if here and elsewhere and not copies:
        shapes = ", ".join(str(tuple(each.shape)) for each in elsewhere)
        raise RuntimeError(f"{name}: tensors of {shapes} are on the CPU, others on the card")
    stays = on_card(device) if device is not None else bool(here)
    reads = name.startswith(WAITED_FOR) or (copies and bool(here) and not stays)
    recorded = CUDAGraph.recorded
    if recorded is not None and (reads or (copies and elsewhere)):
        raise RuntimeError(f"operation not permitted when stream is capturing: {name}")
    if reads:
        waited(name)
    own = {key: CPU if key == "device" and stays else value for key, value in kwargs.items() if key != "pin_memory"}
    inner_args, inner_kwargs = tree_map(_inner, args), tree_map(_inner, own)
    if recorded is not None:
        recorded.keep_what_it_writes(func, inner_args, inner_kwargs)
    found = func(*inner_args, **inner_kwargs)
    if recorded is not None:
        recorded.operations.append((func, inner_args, inner_kwargs, found))
    written = _written(func, args, kwargs)
    if written is not None:
        return written
    return tree_map(_outer, found) if stays else found


def _written(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The tensor that an operation writes and gives back; None where it makes one."""
    given = func._schema.returns
    if len(given) != 1 or given[0].alias_info is None or not given[0].alias_info.is_write:
        return None
    for place, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            return args[place] if place < len(args) else kwargs[argument.name]
    return None


def _inner(value: Any) -> Any:
    return value.inner if isinstance(value, OnCard) else value


def _outer(value: Any) -> Any:
    return OnCard(value) if isinstance(value, Tensor) and not isinstance(value, OnCard) else value


def _sent(index: Any) -> Any:
    """An index with its lists on the card, where torch brings them by itself."""
    if isinstance(index, list):
        return OnCard(torch.tensor(index))
    return tuple(map(_sent, index)) if isinstance(index, tuple) else index
