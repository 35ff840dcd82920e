"""The command as it is followed: how far it has come, and when more of it is kept."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from app.evaluate.measuring import Course, Measuring, kind_of, stage_in_words
from app.evaluate.state import EvaluateState, Known
from engine.evaluation.measures.measuring import kinds
from engine.evaluation.measures.request import Request
from engine.workspace import Workspace
from tests.app.fakes import FakeJob

LABELS = ("VAE", "AutoGen m=1")


def stages(sentences: int = 1000) -> list[tuple[str, int, int]]:
    """What the command tells of, in its order: encoding, a few of everything, then each kind to its end."""
    request = Request()
    of = {"sentence": sentences, "sample": request.draws, "pair": request.pairs}
    told = [(f"{label}: encoding", sentences, sentences) for label in LABELS]
    told.append(("training text: reading", 10, 10))
    for few in (True, False):
        for kind in list(kinds(request).values())[1:]:
            total = min(20, of[kind.unit]) if few else of[kind.unit]
            told += [(f"{label}: {kind.doing}", done, total) for label in LABELS for done in (total // 2, total)]
    return told


def test_it_knows_every_kind_that_the_command_tells_of_and_never_goes_back():
    course = Course(LABELS, 1000)
    assert course.fraction is None
    seen = []
    for stage, done, total in stages():
        course.take(stage, done, total)
        seen.append(course.fraction or 0.0)
    assert all(one <= other for one, other in pairwise(seen))
    assert seen[0] < 0.05
    assert seen[-1] == pytest.approx(1.0)


def test_what_was_kept_of_an_earlier_command_counts_as_done():
    course = Course(LABELS, 1000)
    course.take("AutoGen m=1: importance samples", 500, 1000)  # the first that is told
    assert 0.8 < course.fraction < 1.0


def test_without_knowing_how_many_nothing_is_claimed():
    course = Course(LABELS)
    course.take("VAE: encoding", 4096, 10066)
    assert course.fraction is None
    assert kind_of("VAE: beta: encoding") == "encoding"
    assert stage_in_words("training text: reading") == "Training text: reading"


def test_more_is_kept_whenever_another_kind_begins(qapp: QApplication, tmp_path):
    FakeJob.made.clear()
    measuring = Measuring(EvaluateState(), Workspace(tmp_path), FakeJob)
    advanced: list[str] = []
    measuring.advanced.connect(lambda: advanced.append(stage))
    measuring.start(Known("demo", 40, ("vae", "autogen-m1"), sentences=4000), LABELS, 1000)
    for stage, done, total in stages():
        FakeJob.made[0].reported.emit(
            {"event": "progress", "stage": stage, "done": done, "total": total, "unit": "sentence"}
        )
    first = [stage for stage, _, _ in stages() if stage.startswith("VAE: ")]
    assert advanced[0] == "training text: reading"
    assert set(advanced[1:]) <= set(first)
    assert len(advanced) == 1 + 2 * (len(kinds(Request())) - 1)
    measuring.stop()
    assert FakeJob.made[0].stopped


def test_the_time_that_is_left_does_not_count_what_was_kept_and_how_long_it_took_to_start(
    qapp: QApplication, tmp_path, monkeypatch
):
    FakeJob.made.clear()
    now = [0.0]
    monkeypatch.setattr("app.evaluate.measuring.time", SimpleNamespace(monotonic=lambda: now[0]))
    state = EvaluateState()
    measuring = Measuring(state, Workspace(tmp_path), FakeJob)
    measuring.start(Known("demo", 40, ("vae",)), ("VAE",), 1000)

    def told(done: int) -> str:
        stage = "VAE: importance samples"
        FakeJob.made[0].reported.emit({"event": "progress", "stage": stage, "done": done, "total": 1000, "unit": ""})
        return state.job.text

    now[0] = 60.0
    assert told(600) == "VAE: importance samples · 60 s"
    now[0] = 160.0
    assert told(800) == "VAE: importance samples · about 2 min left"  # 200 in 100 s, and as many are left
    measuring.stop()


def test_a_warning_of_the_command_is_told(qapp: QApplication, tmp_path):
    FakeJob.made.clear()
    measuring = Measuring(EvaluateState(), Workspace(tmp_path), FakeJob)
    told: list[str] = []
    measuring.told.connect(told.append)
    measuring.start(Known("demo", 40, ("vae",)), ("VAE",), 0)
    FakeJob.made[0].reported.emit({"event": "note", "text": "Put together anew.", "level": "warning"})
    FakeJob.made[0].reported.emit({"event": "note", "text": "Read from a file.", "level": "info"})
    assert told == ["Put together anew."]
    measuring.stop()
