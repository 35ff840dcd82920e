"""One thread that answers requests: which come first, what goes wrong, and that it ends."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
import shiboken6

from app.core.jobs.ending import wait_for_ends
from app.core.jobs.live_worker import LiveWorker
from engine.errors import LoomError


@pytest.fixture
def worker():
    """Makes workers and stops them."""
    made = []

    def make(load, **options) -> LiveWorker:
        made.append(LiveWorker(load, **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_a_worker_loads_in_its_own_thread_and_answers_on_this_one(worker, qtbot):
    here = threading.get_ident()
    threads = {}

    def load(tell):
        tell("Loading")
        threads["load"] = threading.get_ident()
        return 40

    live = worker(load)
    told, answers = [], []
    live.told.connect(told.append)
    live.answered.connect(lambda channel, value: answers.append((channel, value, threading.get_ident())))
    live.request("select", lambda loaded: iter([loaded + 1, loaded + 2]))
    with qtbot.waitSignal(live.completed, timeout=5000):
        live.start()
    assert told == ["Loading"]
    assert answers == [("select", 41, here), ("select", 42, here)]
    assert threads["load"] != here


def test_the_newest_request_of_a_channel_wins_and_the_older_one_is_given_up(worker, qtbot):
    started, go_on = threading.Event(), threading.Event()
    steps = []

    def old(_loaded) -> Iterator[str]:
        started.set()
        go_on.wait(5)
        steps.append("first")
        yield "old 1"
        steps.append("second")
        yield "old 2"

    live = worker(lambda tell: None)
    answers = []
    live.answered.connect(lambda _channel, value: answers.append(value))
    live.start()
    live.request("reconstruct", old)
    assert started.wait(5)
    live.request("reconstruct", lambda _: iter(["skipped"]))
    live.request("reconstruct", lambda _: iter(["new"]))
    with qtbot.waitSignal(live.completed, timeout=5000):
        go_on.set()
    assert answers == ["new"]
    assert steps == ["first"]


def test_a_later_request_of_another_channel_need_not_wait_for_a_long_one(worker, qtbot):
    started, go_on = threading.Event(), threading.Event()

    def long(_loaded) -> Iterator[str]:
        started.set()
        go_on.wait(5)
        yield from ("long 1", "long 2", "long 3")

    live = worker(lambda tell: None)
    answers = []
    live.answered.connect(lambda _channel, value: answers.append(value))
    live.start()
    live.request("samples", long)
    assert started.wait(5)
    live.request("reconstruct", lambda _: iter(["short"]))
    go_on.set()
    qtbot.waitUntil(lambda: len(answers) == 4, timeout=5000)
    assert answers == ["long 1", "short", "long 2", "long 3"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LoomError("No models.", "Train."), "No models."),
        (RuntimeError("odd"), "Something unforeseen went wrong (RuntimeError: odd)."),
    ],
)
def test_what_goes_wrong_in_a_worker_becomes_words(worker, qtbot, error, message, capsys):
    def broken(_tell):
        raise error

    live = worker(broken)
    with qtbot.waitSignal(live.load_failed, timeout=5000) as failed:
        live.start()
    assert failed.args[0] == message

    def refuse(_loaded) -> Iterator[str]:
        raise error
        yield ""

    live = worker(lambda tell: None)
    live.start()
    with qtbot.waitSignal(live.refused, timeout=5000) as refused:
        live.request("select", refuse)
    assert refused.args[:2] == ["select", message]
    with qtbot.waitSignal(live.completed, timeout=5000):
        live.request("select", lambda _: iter(["fine again"]))


def test_what_a_request_does_before_its_first_result_holds_up_no_other_request_and_may_fail(worker, qtbot):
    made, begun, go_on = worker(lambda tell: "loaded"), threading.Event(), threading.Event()

    def slow(loaded):
        begun.set()
        assert go_on.wait(10)
        return iter(["late"])

    def fails(loaded):
        raise OSError("the disk is gone")

    answers: list[tuple[str, object]] = []
    made.answered.connect(lambda *given: answers.append(given))
    made.start()
    made.request("slow", slow)
    assert begun.wait(10)
    asked = threading.Thread(target=lambda: made.request("other", lambda loaded: iter([loaded])))
    asked.start()
    asked.join(10)
    assert not asked.is_alive()  # nobody waits for the disk to ask for something
    go_on.set()
    qtbot.waitUntil(lambda: sorted(answers) == [("other", "loaded"), ("slow", "late")])
    with qtbot.waitSignal(made.refused) as told:
        made.request("bad", fails)
    assert told.args[0] == "bad"
    assert "the disk is gone" in told.args[1] + told.args[2]
    with qtbot.waitSignal(made.completed):
        made.request("good", lambda loaded: iter([1]))


def test_a_stopped_worker_closes_what_it_loaded_and_delivers_nothing_more(worker, qtbot):
    closed, answers = [], []
    live = worker(lambda tell: "models", close=closed.append)
    live.answered.connect(lambda *_: answers.append(1))
    with qtbot.waitSignal(live.loaded, timeout=5000):
        live.start()
    live.request("select", lambda _: iter(["late"]))
    live.stop()
    assert wait_for_ends()
    assert closed == ["models"]
    assert answers == []


def test_a_worker_that_is_to_finish_does_what_it_was_asked_for_and_tells_nothing(worker, qtbot):
    began, go_on, done, told = threading.Event(), threading.Event(), [], []
    live = worker(lambda tell: None)
    live.answered.connect(lambda *words: told.append(words))
    live.start()

    def first(_):
        began.set()
        assert go_on.wait(10)
        done.append("first")
        yield 1
        done.append("the rest of it")

    live.request("first", first)
    assert began.wait(10)
    live.request("second", lambda _: iter([done.append("second")]))
    live.stop(finish=True)
    assert live.running
    go_on.set()
    assert wait_for_ends()
    qtbot.wait(1)
    assert sorted(done) == ["first", "second", "the rest of it"]
    assert told == []


def test_what_a_stopped_worker_had_loaded_is_gone_even_if_its_frame_is_kept(worker, qtbot):
    """As an error that an import has caught keeps it, with every frame it came through."""

    class Models:
        pass

    frames, seen = [], []

    def load(tell):
        frames.append(sys._getframe())
        made = Models()
        seen.append(weakref.ref(made))
        return made

    def load_below(tell):
        return load(tell)

    live = worker(load_below)
    with qtbot.waitSignal(live.loaded, timeout=5000):
        live.start()
    kept = frames.pop().f_back.f_back
    assert kept.f_code.co_name == "_run"
    live.stop()
    assert wait_for_ends()
    gc.collect()
    assert seen[0]() is None


def test_to_stop_waits_for_nothing_and_what_was_stopped_is_kept_until_it_has_ended(qtbot):
    going, go_on = threading.Event(), threading.Event()

    def load(_tell) -> str:
        going.set()
        go_on.wait(10)
        return "models"

    closed, loaded = [], []
    live = LiveWorker(load, close=closed.append)
    live.loaded.connect(loaded.append)
    live.start()
    assert going.wait(5)
    live.stop()
    live.stop()
    assert live.running
    assert not wait_for_ends(0.05)
    go_on.set()
    qtbot.waitUntil(lambda: not shiboken6.isValid(live), timeout=5000)  # found by itself, without anyone who waits
    assert (closed, loaded) == (["models"], [])
