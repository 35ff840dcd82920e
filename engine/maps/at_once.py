"""Several maps made at a time, each in a thread of its own, as one generator of events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event as Flag
from typing import TypeVar

from engine.events import Event

Result = TypeVar("Result")
Report = Callable[[Event], None]
"""Takes an event; it raises `GivenUpError` in a task that is to end."""
_LOOK = 0.1  # seconds between two looks at what the tasks report


class GivenUpError(Exception):
    """The task is not wanted any more."""


def at_once(
    tasks: Mapping[str, Callable[[Report], Result]], threads: int, done: Callable[[str, Result], None]
) -> Generator[Event, None, None]:
    """Run tasks, so many at a time, and pass on what they report.

    When the generator is closed, or a task fails, the others end at their next report; those that are done all the same
    are handed over.

    Args:
        tasks: by name; each takes what it reports to.
        threads: tasks at a time.
        done: is handed each result as soon as it is there, in the caller's thread.

    Raises:
        Exception: the first that a task raised.
    """
    events: Queue[Event] = Queue(threads)  # a task waits until what it reported is passed on
    given_up = Flag()

    def report(event: Event) -> None:
        while not given_up.is_set():
            with suppress(Full):
                events.put(event, timeout=_LOOK)
                return
        raise GivenUpError

    with ThreadPoolExecutor(max(1, threads)) as pool:
        running: dict[Future[Result], str] = {pool.submit(task, report): name for name, task in tasks.items()}
        try:
            while running:
                with suppress(Empty):
                    yield events.get(timeout=_LOOK)
                    while True:
                        yield events.get_nowait()
                finished, _ = wait(running, 0, FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    done(running.pop(future), result)
        finally:
            given_up.set()
            for future in running:
                future.cancel()
            wait(running)
            for future, name in running.items():
                if not future.cancelled() and future.exception() is None:
                    done(name, future.result())
