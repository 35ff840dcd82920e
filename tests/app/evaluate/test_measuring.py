"""The command as it is followed: how far it has come, and when more of it is kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from app.core.jobs.process_job import ProcessJob
from app.evaluate.measuring import Course, Measuring, kind_of, same_again, stage_in_words
from app.evaluate.state import EvaluateState, Known
from engine.evaluation.measures.definitions import WAYS
from engine.evaluation.measures.judge.recipe import STAGE
from engine.evaluation.measures.measuring import kinds
from engine.evaluation.measures.request import Request
from engine.workspace import Workspace
from tests.app.evaluate.results import evaluation
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


def test_other_settings_are_counted_as_they_are():
    course = Course(("VAE",), 100, Request(samples=1, draws=10, pairs=10, beam=1))
    for kind in ("encoding", *(f"giving back, {words}" for words in WAYS.values()), "sampling"):
        course.take(f"VAE: {kind}", 10 if kind == "sampling" else 100, 10 if kind == "sampling" else 100)
    assert 0.7 < course.fraction < 0.8  # ways of 10 pairs and one sample a sentence are left
    course.take("VAE: importance samples", 100, 100)
    assert course.fraction == pytest.approx(1.0)


def test_the_same_again_has_every_setting_of_the_evaluation():
    of = replace(evaluation(sentences=120), samples=5, draws=40, pairs=10, beam=2, seed=3)
    assert same_again(of, 120) == Request(limit=120, samples=5, draws=40, pairs=10, beam=2, seed=3)
    assert same_again(None, 1000) == Request(limit=1000)


WRITES_LATE = """
import pathlib, signal, sys, time
def late(*_):
    time.sleep(0.3)
    pathlib.Path(sys.argv[2]).write_text("all of it")
    sys.exit(0)
signal.signal(signal.SIGTERM, late)
print('{"event": "progress", "stage": "VAE: encoding", "done": 1, "total": 2}', file=sys.stderr, flush=True)
time.sleep(30)
"""


def test_the_end_of_a_command_that_was_stopped_is_told(qtbot, tmp_path):
    script, made = tmp_path / "main.py", tmp_path / "kept"
    script.write_text(WRITES_LATE, encoding="utf-8")
    state = EvaluateState()
    measuring = Measuring(state, Workspace(tmp_path), lambda _: ProcessJob(["evaluate", str(made)], main=script))
    left: list[bool] = []
    measuring.left.connect(lambda: left.append(made.exists()))
    measuring.start(Known("demo", 40, ("vae",)), ("VAE",), Request())
    qtbot.waitUntil(lambda: state.job.text.startswith("VAE: encoding"), timeout=20_000)
    measuring.stop()
    assert not measuring.running
    assert left == []
    qtbot.waitUntil(lambda: bool(left), timeout=20_000)
    assert left == [True]


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
    measuring.start(Known("demo", 40, ("vae", "autogen-m1"), sentences=4000), LABELS, Request(limit=1000))
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
    measuring.start(Known("demo", 40, ("vae",)), ("VAE",), Request(limit=1000))

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
    measuring.start(Known("demo", 40, ("vae",)), ("VAE",), Request(limit=0))
    FakeJob.made[0].reported.emit({"event": "note", "text": "Put together anew.", "level": "warning"})
    FakeJob.made[0].reported.emit({"event": "note", "text": "Read from a file.", "level": "info"})
    assert told == ["Put together anew."]
    measuring.stop()


def test_training_the_second_judge_is_a_course_of_its_own(qapp: QApplication, tmp_path):
    FakeJob.made.clear()
    state = EvaluateState()
    measuring = Measuring(state, Workspace(tmp_path), FakeJob)
    measuring.start(Known("demo", 40, ("vae", "autogen-m1"), sentences=4000), LABELS, Request(limit=1000, judge=True))
    (job,) = FakeJob.made
    assert job.arguments[-1] == "--judge"
    for done in (10, 60):
        job.reported.emit({"event": "progress", "stage": STAGE, "done": done, "total": 240, "unit": "token"})
        assert state.job.fraction == pytest.approx(done / 240)
    assert state.job.text.startswith("Recurrent language model: training")
    job.finished.emit({})
    measuring.start(Known("demo", 40, ("vae",), sentences=4000), LABELS, Request(limit=1000))
    assert "--judge" not in FakeJob.made[-1].arguments
    FakeJob.made[-1].reported.emit({"event": "progress", "stage": "VAE: encoding", "done": 1, "total": 1000})
    assert state.job.fraction < 0.1
