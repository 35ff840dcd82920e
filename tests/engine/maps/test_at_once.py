"""Tasks in threads as one generator: what they report comes through, and nothing goes on once it is closed."""

from __future__ import annotations

import threading

import pytest

from engine.events import Note
from engine.maps.at_once import Report, at_once


def counting(to: int, report: Report) -> int:
    for number in range(to):
        report(Note(f"{to}: {number}"))
    return to


def test_all_events_and_results_come_through() -> None:
    found: dict[str, int] = {}
    tasks = {str(to): lambda report, to=to: counting(to, report) for to in (0, 3, 5)}
    told = [event.text for event in at_once(tasks, 2, found.__setitem__) if isinstance(event, Note)]
    assert sorted(told) == sorted(f"{to}: {number}" for to in (3, 5) for number in range(to))
    assert found == {"0": 0, "3": 3, "5": 5}


def test_closing_it_ends_the_tasks_and_hands_over_what_is_done() -> None:
    before, found = threading.active_count(), dict[str, int]()
    tasks = {"short": lambda report: 1, "endless": lambda report: counting(10**9, report), "late": lambda report: 3}
    events = at_once(tasks, 1, found.__setitem__)
    next(events)
    events.close()
    assert found == {"short": 1}
    assert threading.active_count() == before


def test_a_task_that_fails_ends_the_others_and_is_told() -> None:
    def fail(report: Report) -> int:
        report(Note("begun"))
        raise ValueError("no good")

    found: dict[str, int] = {}
    with pytest.raises(ValueError, match="no good"):
        list(at_once({"bad": fail, "endless": lambda report: counting(10**9, report)}, 2, found.__setitem__))
    assert not found
