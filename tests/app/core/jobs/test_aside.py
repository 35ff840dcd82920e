"""What is done beside the window's thread: in another one, waited for by nobody, its failures told by the hook."""

from __future__ import annotations

import threading
import time
import weakref
from functools import partial

import pytest

from app.core.jobs.aside import aside


def test_it_is_done_in_another_thread_and_ends() -> None:
    window, threads, go = threading.get_ident(), list[int](), threading.Event()

    def action() -> None:
        go.wait(20)
        threads.append(threading.get_ident())

    begun = aside(action)
    assert begun.is_alive()
    go.set()
    begun.join(20)
    assert not begun.is_alive()
    assert threads
    assert threads[0] != window


def test_what_goes_wrong_goes_to_the_hook_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda about: told.append(about.exc_value))

    def action() -> None:
        raise ValueError("planted")

    begun = aside(action)
    begun.join(20)
    assert not begun.is_alive()
    assert [str(each) for each in told] == ["planted"]


def test_who_keeps_it_keeps_nothing_of_the_work() -> None:
    class Pixels:
        """What a picture would hold."""

    pixels = Pixels()
    gone = weakref.ref(pixels)
    begun = aside(partial(id, pixels))
    del pixels
    begun.join(20)
    deadline = time.monotonic() + 20
    while gone() is not None and time.monotonic() < deadline:
        time.sleep(0.01)  # the thread lets go after it has told of its end
    assert gone() is None
