"""How the variants of a training share a machine: each does the same piece of work on the same batch.

On a CPU each variant's step runs in a thread of its own with one core, which keeps the cores busy without splitting
small matrix products; on CUDA each variant has a stream of its own; elsewhere the variants take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

from engine.device import cores, know_the_processor
from engine.training.learner import Learner

T = TypeVar("T")


@contextmanager
def lock_step(
    device: torch.device, alone: bool = True
) -> Iterator[Callable[[list[Learner], Callable[[Learner], T]], list[T]]]:
    """Give a function that does one piece of work with every learner and returns the results when all are done.

    With one thread per operation, the numbers do not depend on how many cores share the learners.

    Args:
        device: where the learners are.
        alone: whether no other process has to meet this one in the middle of a piece of work. On a CPU the learners
            take turns if one has: all processes must meet over the same learner.
    """
    if device.type == "cuda":
        yield _Streams(device)
        return
    if device.type != "cpu" or not alone:
        yield lambda learners, work: [work(learner) for learner in learners]
        return
    know_the_processor()
    threads_before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(cores(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield lambda learners, work: list(pool.map(work, learners))
    finally:
        torch.set_num_threads(threads_before)


class _Streams:
    """Starts every learner's work on a CUDA stream of its own, so that small kernels overlap."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._streams: dict[str, torch.cuda.Stream] = {}

    def __call__(self, learners: list[Learner], work: Callable[[Learner], T]) -> list[T]:
        now = torch.cuda.current_stream(self._device)
        results = []
        for learner in learners:
            name = learner.variant.name
            if name not in self._streams:
                self._streams[name] = torch.cuda.Stream(self._device)
            stream = self._streams[name]
            stream.wait_stream(now)  # the batch is made on the stream of the loop
            with torch.cuda.stream(stream):
                results.append(work(learner))
        for stream in self._streams.values():
            now.wait_stream(stream)
        return results
