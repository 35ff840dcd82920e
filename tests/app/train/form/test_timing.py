"""How long the training of the form takes, with a command that a test leads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.train.form.controller import TrainFormController
from app.train.form.state import FormState
from app.train.form.timing import UNKNOWN, Timing, can_be_timed, time_words
from engine.training.plan import make_plan, read_document
from engine.workspace import Workspace
from tests.app.fakes import FakeJob

PACE = {"step": 0.5, "evaluation": 10.0, "checkpoint": 5.0, "steps": 8}


@pytest.fixture
def form(qapp, tiny_workspace, tmp_path) -> TrainFormController:
    shutil.copytree(tiny_workspace.root / "corpora", tmp_path / "corpora")
    made = TrainFormController(FormState(), Workspace(tmp_path))
    made.open()
    made.set_corpus("tiny")
    made.set_value("train.steps", "1000")
    made.set_value("train.checkpoint_every", "100")
    return made


@pytest.fixture
def timing(form, tmp_path) -> Timing:
    FakeJob.made.clear()
    return Timing(form.state, Workspace(tmp_path), FakeJob)


def measured(timing: Timing) -> None:
    timing.toggle()
    FakeJob.made[-1].finished.emit({"pace": PACE, "seconds": 1.0, "device": "CPU"})


def test_before_anything_is_measured_the_time_is_not_known(form, timing):
    assert time_words(form.state) == UNKNOWN
    timing.toggle()
    job = FakeJob.made[0]
    assert job.started
    assert job.arguments[:2] == ["train", "tiny"]
    assert "--estimate" in job.arguments
    config = Path(job.arguments[job.arguments.index("--config") + 1])
    assert make_plan(read_document(config), 200) == make_plan(form.state.form.document, 200)
    job.reported.emit({"event": "progress", "stage": "starting PyTorch", "done": 0})
    assert time_words(form.state) == "Starting PyTorch …"
    job.reported.emit({"event": "progress", "stage": "timing steps", "done": 3, "total": 22})
    assert time_words(form.state) == "Timing steps: 3 of 22 …"


def test_what_was_measured_is_told_with_how_and_follows_the_number_of_steps(form, timing):
    measured(timing)
    # 1,000 steps of half a second, four evaluations of 10 s and ten checkpoints of 5 s
    assert time_words(form.state).startswith(f"About {round((500 + 40 + 50) / 60)} min ")
    assert "measured on 8 steps" in time_words(form.state)
    form.set_value("train.steps", "100")
    assert time_words(form.state).startswith("About 65 s ")


@pytest.mark.parametrize(("key", "value"), [("train.batch", "7"), ("model.hidden", "99")])
def test_what_was_measured_of_other_settings_is_not_told(form, timing, key, value):
    measured(timing)
    form.set_value(key, value)
    assert time_words(form.state) == UNKNOWN
    form.set_value(key, "")
    assert time_words(form.state) != UNKNOWN
    form.remove_variant(0)
    assert time_words(form.state) == UNKNOWN


def test_what_is_changed_while_it_is_measured_is_not_taken_for_measured(form, timing):
    timing.toggle()
    form.set_value("model.hidden", "99")
    FakeJob.made[0].finished.emit({"pace": PACE})
    assert time_words(form.state) == UNKNOWN


def test_it_can_be_given_up_and_a_failure_is_told(form, timing):
    timing.toggle()
    timing.toggle()
    assert FakeJob.made[0].stopped
    assert time_words(form.state) == UNKNOWN
    timing.toggle()
    FakeJob.made[1].failed.emit("There is not enough memory.", "Use a smaller batch.")
    assert time_words(form.state) == "There is not enough memory. Use a smaller batch."
    assert can_be_timed(form.state.form)
    form.set_value("train.batch", "8")
    assert time_words(form.state) == UNKNOWN  # that was of other settings


def test_a_text_that_is_not_prepared_and_wrong_settings_cannot_be_timed(form, timing):
    form.set_corpus("demo")
    assert "once the text is prepared" in time_words(form.state)
    timing.toggle()
    form.set_corpus("tiny")
    form.set_value("train.steps", "many")
    timing.toggle()
    assert FakeJob.made == []
