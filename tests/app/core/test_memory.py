"""What is free goes back to the system when the program rests, where the system's library can be asked to."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from app.core import memory
from app.core.jobs.aside import Aside, aside
from app.core.memory import LOOK_MS, GivingBack, give_back
from engine.workspace import CHECKOUT

HERE = memory._trim() is not None
RESTS, WORKS = 0.0001 * LOOK_MS / 1000, 0.9 * LOOK_MS / 1000
"""Seconds of processor time between two looks."""

HOLDS_AND_FREES = """
import psutil
from app.core.memory import give_back

def held():
    return psutil.Process().memory_info().rss

empty = held()
blocks = [bytes(2000) for _ in range(100_000)]
full = held()
blocks = blocks[::50]
freed = held()
give_back()
print(full - empty, freed - empty, held() - empty)
"""


def done_at_once(action) -> Aside:
    thread = aside(action)
    thread.join(20)
    return thread


@pytest.fixture
def clock():
    """Processor time, in the hands of the test."""
    return SimpleNamespace(seconds=100.0)


@pytest.fixture
def given() -> list[str]:
    return []


@pytest.fixture
def giving(qapp, clock, given):
    rounds: list[int] = []
    made = GivingBack(
        None, lambda: given.append("back"), lambda: clock.seconds, done_at_once, lambda: rounds.append(len(given))
    )
    made.rounds = rounds  # type: ignore[attr-defined]
    made.stop()
    return made


def look(giving: GivingBack, clock: SimpleNamespace, *spent: float) -> None:
    for seconds in spent:
        clock.seconds += seconds
        giving.look()


def test_it_is_given_back_once_the_program_has_worked_and_rests(giving, clock, given):
    look(giving, clock, WORKS, WORKS)
    assert given == []
    look(giving, clock, RESTS)
    assert given == ["back"]
    assert giving.rounds == [0], "what nobody can reach is found before"


def test_a_program_that_rests_on_is_left_alone(giving, clock, given):
    look(giving, clock, WORKS, *[RESTS] * 50)
    assert given == ["back"]
    look(giving, clock, WORKS, RESTS)
    assert given == ["back"] * 2


def test_nothing_is_given_back_where_nothing_was_done(giving, clock, given):
    look(giving, clock, *[RESTS] * 50)
    assert given == []


def test_a_program_that_never_rests_gives_back_now_and_then(giving, clock, given):
    look(giving, clock, *[WORKS] * 100)
    assert 4 <= len(given) <= 100 * WORKS / memory._LONG
    assert giving.rounds == [], "a round would take the window a moment"


def test_it_looks_by_itself_until_it_is_stopped(qtbot, clock, given, monkeypatch):
    monkeypatch.setattr(memory, "LOOK_MS", 5)
    monkeypatch.setattr(memory, "_trim", lambda: lambda pad: 1)
    giving = GivingBack(None, lambda: given.append("back"), lambda: clock.seconds, done_at_once)
    clock.seconds += memory._LONG
    qtbot.waitUntil(lambda: given == ["back"])
    giving.stop()
    assert not giving._timer.isActive()


def test_a_library_that_cannot_be_asked_is_not(qapp, monkeypatch):
    monkeypatch.setattr(memory, "_trim", lambda: None)
    give_back()
    assert not GivingBack()._timer.isActive()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_have_no_such_function(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    assert memory._trim.__wrapped__() is None


@pytest.mark.skipif(not HERE, reason="this system's library cannot be asked")
def test_here_the_system_has_it_back():
    """Every fiftieth of many blocks is kept, so that the library itself gives back next to nothing."""
    made = subprocess.run(
        [sys.executable, "-c", HOLDS_AND_FREES], check=True, capture_output=True, text=True, cwd=CHECKOUT, timeout=120
    )
    full, freed, given = map(int, made.stdout.split())
    assert full > 150e6
    assert freed > 0.8 * full
    assert given < 0.4 * full


def test_the_window_gives_back_until_it_is_closed(explorer):
    assert explorer._giving_back._timer.isActive() == HERE
    explorer.close()
    assert not explorer._giving_back._timer.isActive()
