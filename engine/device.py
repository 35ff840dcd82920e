"""Where the models run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from engine.errors import UsageError

Result = TypeVar("Result")

if TYPE_CHECKING:
    import torch


def choose_device(name: str = "auto") -> torch.device:
    """The device for `--device NAME`: `auto` prefers CUDA, then Apple, then the CPU.

    Raises:
        UsageError: the name is unknown, or this machine has no such device.
    """
    import torch

    know_the_processor()
    # Single precision is single precision: by itself cuDNN takes recurrent layers in TF32, which has three digits.
    torch.backends.cudnn.allow_tf32 = False
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    kind = name.split(":")[0]
    if kind not in available:
        raise UsageError(f"Unknown device {name!r}.", "Devices are auto, cuda, cuda:N, mps and cpu.")
    if not available[kind]:
        raise UsageError(
            f"This machine has no device {name!r} that torch {torch.__version__} can use.", "Use --device auto."
        )
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"Unknown device {name!r}.", "Devices are auto, cuda, cuda:N, mps and cpu.") from error


def numbered(device: torch.device) -> torch.device:
    """The same device as its tensors name it: of several GPUs the one that is meant."""
    import torch

    if device.type != "cuda" or device.index is not None:
        return device
    return torch.device("cuda", torch.cuda.current_device())


def know_the_processor() -> None:
    """Let MKL find out which vector instructions there are, before several threads ask at once.

    It does so at the first call of one of its vector functions (exp, log, sqrt) and does not guard it: of two threads
    that make this first call together, about one in a hundred then computes with other instructions and rounds
    differently. One call made alone keeps equal work equal, bit for bit.
    """
    import torch

    torch.ones(1).exp()


def sent(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor of the CPU on a device; NVIDIA's GPUs read it by themselves from memory that stays in place."""
    return values.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else values.to(device)


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each_on_a_core(work: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do pieces of work on the CPU at the same time, a core for each, and return their results in order.

    Small matrix products gain nothing from being split over cores; pieces that do not know of each other do.
    """
    if len(work) == 1:
        return [work[0]()]
    import torch

    threads_before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(cores(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(lambda piece: piece(), work))
    finally:
        torch.set_num_threads(threads_before)


def device_name(device: torch.device) -> str:
    """The device in words: the accelerator's name, or how many cores the CPU has for this process."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if device.type == "mps" else f"CPU, {cores()} cores"


def memory_used(device: torch.device) -> int:
    """Bytes in use: of the accelerator's memory at its highest so far, else of this process."""
    import psutil
    import torch

    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return int(psutil.Process().memory_info().rss)
