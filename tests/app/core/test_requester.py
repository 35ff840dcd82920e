"""How requests wait for each other before they reach the models."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Signal

from app.core.requester import Requester


class SlowWorker(QObject):
    """A LiveWorker that answers when the test says so."""

    answered, completed, refused = Signal(str, object), Signal(str), Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def request(self, _channel: str, work: object) -> None:
        self.asked.append(str(work))

    def forget(self, _channel: str) -> None:
        """Nothing is kept."""


@pytest.fixture
def worker(qapp) -> SlowWorker:
    return SlowWorker()


@pytest.fixture
def models(worker) -> Requester:
    made = Requester()
    made.attach(worker)
    return made


def follow(models: Requester, work: str, told: list[str]) -> None:
    models.follow("slider", work, told.append, lambda problem: told.append(f"{work} ended {problem}".strip()))


@pytest.mark.parametrize("refused", [False, True])
def test_what_follows_waits_for_the_answer_and_only_the_newest_is_asked(models, worker, refused):
    told: list[str] = []
    for work in ("first", "second", "third"):
        follow(models, work, told)
    assert worker.asked == ["first"]
    worker.answered.emit("slider", "one")
    if refused:
        worker.refused.emit("slider", "no", "")
    else:
        worker.completed.emit("slider")
    assert told == ["one", "first ended no" if refused else "first ended"]
    assert worker.asked == ["first", "third"]
    worker.completed.emit("slider")
    assert told[-1] == "third ended"
    assert not models.awaits("slider")
    assert worker.asked == ["first", "third"]


def test_what_is_asked_or_forgotten_is_followed_by_nothing(models, worker):
    told: list[str] = []
    follow(models, "first", told)
    follow(models, "second", told)
    models.ask("slider", "now", told.append, told.append)
    worker.completed.emit("slider")
    assert worker.asked == ["first", "now"]
    for drop in (lambda: models.forget("slider"), models.forget_all):
        follow(models, "third", told)
        follow(models, "fourth", told)
        drop()
        worker.completed.emit("slider")
        assert "fourth" not in worker.asked
    assert not models.awaits("slider")


def test_before_there_is_a_worker_the_newest_takes_the_place_of_the_others(worker):
    models, told = Requester(), []
    follow(models, "first", told)
    follow(models, "second", told)
    models.attach(worker)
    worker.completed.emit("slider")
    assert worker.asked == ["second"]
    assert told == ["second ended"]


def test_what_a_worker_did_not_answer_is_asked_of_the_next_one(models, worker):
    """The wish stays where the worker goes, as when maps are computed anew; the newest of a slider only."""
    told: list[str] = []
    follow(models, "first", told)
    follow(models, "second", told)
    models.ask("search", "cats", told.append, told.append)
    models.ask("done", "already", told.append, told.append)
    worker.completed.emit("done")
    models.detach()
    after = SlowWorker()
    models.attach(after)
    assert after.asked == ["second", "cats"]
    after.completed.emit("slider")
    assert told[-1] == "second ended"
    assert models.awaits("search")
