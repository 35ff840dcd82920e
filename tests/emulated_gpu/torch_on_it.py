"""What of torch is replaced for the emulated GPU: what its build for CPUs lacks, or cannot do with tensors of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from tests.emulated_gpu.graphs import CUDAGraph, graph
from tests.emulated_gpu.tensors import CPU, OnCard, on_card

GIB = 2**30


class Stream:
    """A queue of work, all of which is done at once here."""

    def __init__(self, device: object = None) -> None:
        pass

    def wait_stream(self, other: Stream) -> None:
        """Nothing is to be waited for."""


class Event:
    """A mark in a stream."""

    def __init__(self, enable_timing: bool = False) -> None:
        self._at = 0.0

    def record(self, stream: Stream | None = None) -> None:
        """Set the mark."""
        self._at = time.perf_counter()

    def synchronize(self) -> None:
        """Nothing is to be waited for."""

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds until another."""
        return 1e3 * (end._at - self._at)


def replace() -> None:
    """Replace it."""
    made: dict[str, Any] = {"Stream": Stream, "Event": Event, "CUDAGraph": CUDAGraph, "graph": graph}
    answers: dict[str, object] = {
        "_lazy_init": None,
        "is_available": True,
        "is_bf16_supported": True,
        "device_count": 1,
        "current_device": 0,
        "get_device_name": "an emulated GPU",
        "get_device_capability": (9, 0),
        "get_device_properties": SimpleNamespace(name="an emulated GPU", major=9, minor=0, total_memory=80 * GIB),
        "mem_get_info": (60 * GIB, 80 * GIB),
        "memory_reserved": 0,
        "memory_allocated": 0,
        "max_memory_reserved": 0,
        "empty_cache": None,
        "synchronize": None,
        "graph_pool_handle": (0, 1),
    }
    made |= {name: _answering(value) for name, value in answers.items()}
    made["current_stream"] = Stream
    made["stream"] = lambda stream: nullcontext()
    for name, value in made.items():
        setattr(torch.cuda, name, value)
    torch.inference_mode = torch.no_grad  # made without it, ours cannot be indexed
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    torch.Tensor.pin_memory = lambda tensor, device=None: tensor
    torch.tensor, torch.as_tensor = _sent(torch.tensor), _sent(torch.as_tensor)
    torch.Generator = _Generator
    torch.nn.modules.rnn._VF = _Functions(torch.nn.modules.rnn._VF)
    _save_copies()


_ON_CPU = torch.Generator


class _Generator:
    """Draws on the CPU, wherever it is asked to."""

    def __new__(cls, device: object = "cpu") -> Any:
        return _ON_CPU("cpu")


def _answering(value: object) -> Callable[..., object]:
    return lambda *args, **kwargs: value


def _sent(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function that makes tensors of numbers, also on the card."""

    def made(data: Any, *args: Any, device: Any = None, **kwargs: Any) -> Tensor:
        found = make(data, *args, **kwargs)
        return OnCard(found) if on_card(device) else found

    return made


def _save_copies() -> None:
    """Have weights saved as they lie on the CPU; safetensors copies those on a card by itself."""
    import safetensors.torch

    plain = safetensors.torch.save_file

    def save(tensors: dict[str, Tensor], *args: Any, **kwargs: Any) -> None:
        plain({name: value.detach().to(CPU).clone() for name, value in tensors.items()}, *args, **kwargs)

    safetensors.torch.save_file = save


class _Functions:
    """Torch's functions of recurrent layers, with an LSTM of operations that ours can have."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def lstm(
        self, vectors: Tensor, state: tuple[Tensor, Tensor], weights: Sequence[Tensor], *rest: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        """A layer after the other, word by word; under autocast in half precision, as cuDNN has it."""
        if not isinstance(vectors, OnCard):
            return self._plain.lstm(vectors, state, weights, *rest)
        kind = torch.float16 if torch.is_autocast_enabled("cuda") else vectors.dtype
        hidden, cells = [], []
        with torch.autocast("cuda", enabled=False):
            for layer in range(len(weights) // 4):
                into, within, b, b_h = (each.to(kind) for each in weights[4 * layer : 4 * layer + 4])
                h, c = state[0][layer].to(kind), state[1][layer].float()
                said = []
                for word in vectors.to(kind).unbind(dim=1):
                    gates = torch.addmm(b, word, into.t()) + torch.addmm(b_h, h, within.t())
                    i, f, g, o = gates.float().chunk(4, dim=1)
                    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                    h = (torch.sigmoid(o) * torch.tanh(c)).to(kind)
                    said.append(h)
                vectors = torch.stack(said, dim=1)
                hidden.append(h)
                cells.append(c.to(kind))
        return vectors, torch.stack(hidden), torch.stack(cells)
