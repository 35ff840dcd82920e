"""Cutting batches of sentences with every core, in their order and within bounded memory.

The first sentences are cut in this process, so that a small corpus never waits for others to start. From then on a few
batches are on their way to worker processes at any time; the results come back in the order of the batches, and so a
corpus is the same, byte for byte, whatever the number of workers.

The workers are started anew (`spawn`): a copy of this process (`fork`) could hang in the threads of its libraries.
They end with this process, however it ends.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import chain
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeVar

from engine.corpus.cutting import Cut, Cutter
from engine.errors import LoomError

_ALONE = 100_000  # sentences cut before workers are started: two to three seconds of work
_AHEAD = 2  # batches on their way for each worker
_WORKERS_AT_MOST = 60  # Windows can wait for no more

T = TypeVar("T")
Item = tuple[list[str], T]
NewCutter = Callable[[int], Cutter]


def cut_in_order(
    batches: Iterator[Item[T]], new_cutter: NewCutter, workers: int
) -> Generator[tuple[Item[T], Cut], None, None]:
    """Cut every batch; yields each with what it came to, in the order of the batches.

    Args:
        batches: sentences, each batch with anything that shall come back beside it.
        new_cutter: makes a cutter of a name, one here and one in each worker.
        workers: processes to share the work among; with 1 all is done here.

    Raises:
        LoomError: a worker ended unexpectedly.
    """
    cutter = new_cutter(0)
    cut_here = 0
    for batch in batches:
        yield batch, cutter(batch[0])
        cut_here += len(batch[0])
        if workers > 1 and cut_here >= _ALONE:
            break
    following = next(batches, None)
    if following is None:
        return
    batches = chain([following], batches)
    with ExitStack() as stack:
        workers = min(workers, _WORKERS_AT_MOST)
        try:
            pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker, (new_cutter,))
        except (OSError, ImportError, NotImplementedError):  # a system without shared semaphores
            yield from ((batch, cutter(batch[0])) for batch in batches)
            return
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        try:
            yield from _shared(batches, cutter, pool, workers)
        except BrokenProcessPool as error:
            raise LoomError(
                "A process that helped to prepare the text ended unexpectedly: it was killed, or memory ran out.",
                "Give the same command again, with --workers 1 if memory is short; nothing earlier was lost.",
            ) from error


def _shared(
    batches: Iterator[Item[T]], cutter: Cutter, pool: ProcessPoolExecutor, workers: int
) -> Iterator[tuple[Item[T], Cut]]:
    ready = [pool.submit(_is_ready) for _ in range(workers)]
    pending: deque[tuple[Item[T], Future[Cut]]] = deque()
    for batch in batches:
        if not _any_done(ready):
            yield batch, cutter(batch[0])  # no worker is up yet
            continue
        pending.append((batch, pool.submit(_cut, batch[0])))
        while len(pending) > _AHEAD * workers:
            earliest, cut = pending.popleft()
            yield earliest, cut.result()
    for earliest, cut in pending:
        yield earliest, cut.result()


_worker: Cutter


def _begin_worker(new_cutter: NewCutter) -> None:
    """Make a worker of a new process."""
    global _worker
    # Ctrl-C reaches every process of a terminal; the one that leads decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = new_cutter(os.getpid())


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _is_ready() -> None:
    return None


def _any_done(futures: list[Future[None]]) -> bool:
    return any(future.done() for future in futures)


def _cut(batch: list[str]) -> Cut:
    return _worker(batch)
