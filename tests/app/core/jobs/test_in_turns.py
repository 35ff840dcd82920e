"""Pieces of work between which the event loop has its turn."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from PySide6.QtCore import QTimer

from app.core.jobs import in_turns
from app.core.jobs.in_turns import InTurns
from engine.errors import LoomError


def pieces(name: str, count: int, log: list[str], error: Exception | None = None) -> Generator[None, None, str]:
    for i in range(count):
        log.append(f"{name}{i}")
        yield
    if error is not None:
        raise error
    return name


def failed(_: LoomError) -> None:
    raise AssertionError("nothing should have failed")


@pytest.fixture
def one_a_turn(monkeypatch) -> None:
    monkeypatch.setattr(in_turns, "A_TURN", 0.0)


def test_one_comes_after_the_other_and_the_loop_has_its_turn_after_each_piece(qtbot, one_a_turn):
    turns, log = InTurns(), []
    beat = QTimer(interval=0)
    beat.timeout.connect(lambda: log.append("."))
    beat.start()
    for name in ("a", "b"):
        turns.add(pieces(name, 2, log), lambda result: log.append(f"<{result}>"), failed)
    assert log == []  # nothing before the loop
    qtbot.waitUntil(lambda: not turns.busy)
    beat.stop()
    assert [each for each in log if each != "."] == ["a0", "a1", "<a>", "b0", "b1", "<b>"]
    assert all("." in log[log.index(one) : log.index(other)] for one, other in (("a0", "a1"), ("b0", "b1")))


def test_many_small_pieces_go_through_in_one_turn(qtbot, monkeypatch):
    monkeypatch.setattr(in_turns, "A_TURN", 3600.0)
    turns, log = InTurns(), []
    turns.add(pieces("a", 50, log), log.append, failed)
    turns.take_turn()
    assert (len(log), log[-1], turns.busy) == (51, "a", False)


def test_what_fails_is_told_and_the_next_one_goes_on(qtbot, one_a_turn):
    turns, log, told = InTurns(), [], []
    turns.add(pieces("a", 1, log, LoomError("too large", "take less")), log.append, told.append)
    turns.add(pieces("b", 1, log), log.append, failed)
    qtbot.waitUntil(lambda: not turns.busy)
    assert log == ["a0", "b0", "b"]
    assert [error.message for error in told] == ["too large"]


def test_an_error_that_nobody_foresaw_ends_its_own_work_alone(qtbot, one_a_turn):
    turns, log = InTurns(), []
    turns.add(pieces("a", 0, log, ZeroDivisionError()), log.append, failed)
    turns.add(pieces("b", 1, log), log.append, failed)
    with pytest.raises(ZeroDivisionError):
        turns.take_turn()
    qtbot.waitUntil(lambda: not turns.busy)
    assert log == ["b0", "b"]


def test_what_is_cleared_ends_where_it_is(qtbot, one_a_turn):
    turns, log, ended = InTurns(), [], []

    def careful() -> Generator[None, None, None]:
        try:
            while True:
                yield
        finally:
            ended.append(True)

    turns.add(careful(), log.append, failed)
    turns.take_turn()
    turns.clear()
    assert (turns.busy, ended, log) == (False, [True], [])
    turns.take_turn()  # nothing is left to do
