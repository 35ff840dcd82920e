"""The controllers of the Train page, with a process that a test leads and no window."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.settings import AppSettings
from app.train import words
from app.train.controller import TrainController
from app.train.state import TrainingState
from engine.storage.files import write_json
from engine.training.plan import make_plan, read_document
from tests.app.fakes import DirectWorker
from tests.app.train.processes import FakeProcess, cut_short, write_process


def test_a_run_is_followed_and_its_steps_can_be_read(controller):
    controller.follow_run("tiny")
    state = controller.state
    assert (state.stage.kind, state.watched.step, state.face) == ("ready", 40, "follow")
    controller.hover(27.0)
    assert state.hover == 30
    controller.hover(None)
    assert state.hover is None
    controller.keep(20)
    assert controller.chosen_step == 20
    controller.keep(40)
    assert controller.chosen_step is None  # the newest is opened as such


def test_a_folder_anywhere_is_followed_but_explored_and_resumed_only_within_the_workspace(controller, tmp_path):
    place = tmp_path / "copied" / "tiny"
    shutil.copytree(tmp_path / "runs" / "tiny", place)
    controller.follow(place)
    assert controller.state.stage.kind == "ready"
    assert "Copy the folder" in controller.can_explore()
    assert not controller.training.can_resume()


def test_what_cannot_be_followed_is_said(controller, tmp_path):
    controller.follow_run("nothing")
    assert controller.state.stage.kind == "none"
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    controller.follow(tmp_path / "notes")
    assert controller.state.stage.kind == "failed"
    assert "holds no run" in controller.state.stage.text


@pytest.mark.parametrize(
    ("ask", "pid", "state", "kind", "called"),
    [
        ("pause", 4711, "stopped", "paused", "Paused"),
        ("stop", 4711, "stopped", "none", "Stopped"),
        ("pause", 4712, "stopped", "none", "Stopped"),  # taken up and stopped elsewhere since
        ("pause", 4711, "done", "none", "Finished"),
    ],
)
def test_the_next_window_knows_what_was_paused_and_follows_it(
    controller, workspace, tmp_path, ask, pid, state, kind, called
):
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    write_process(workspace, 4711, "running")
    controller._poll()
    getattr(controller.training, ask)()
    FakeProcess.made[-1].ended.emit("stopped", "", "")
    controller.read_from("train")
    write_process(workspace, pid, state)
    later = TrainController(TrainingState(), workspace, AppSettings(tmp_path / "w.ini"), DirectWorker, FakeProcess)
    later.want(controller.wish())
    assert (later.path, later.state.read_from) == (workspace.run("tiny"), "train")
    assert later.state.own.kind == kind
    later.follow(tmp_path / "elsewhere")
    later.follow(workspace.run("tiny"))
    assert (later.state.own.kind, later.is_own) == (kind, kind == "paused"), "what the page says hangs on both"
    assert words.headline(later.state.watched, later.state.own)[1] == called
    assert later.training.can_resume()
    assert later.wish() == controller.wish()
    write_process(workspace, os.getpid(), "running")  # somebody takes it up
    later._poll()
    assert later.state.own.kind == "none"
    later.follow(tmp_path / "elsewhere")
    assert later.state.own.kind == "none"
    later.close()


def test_a_folder_that_is_gone_is_said_and_a_training_under_way_is_not_left_for_it(
    controller, form, workspace, tmp_path
):
    gone = replace(controller.wish(), folder=str(tmp_path / "gone"))
    controller.want(gone)
    assert controller.state.stage.kind == "failed"
    form.set_corpus("tiny")
    form.set_run("fresh")
    controller.training.start(form.state.form)
    controller.want(gone)
    assert controller.path == workspace.new_run("fresh")


def test_a_training_is_started_paused_resumed_and_stopped(controller, form, workspace, tmp_path):
    form.set_corpus("tiny")
    form.set_run("mine")
    form.set_value("train.steps", "60")
    controller.training.start(form.state.form)
    process, state = FakeProcess.made[0], controller.state
    assert process.arguments[:4] == ["train", "tiny", "--run", "mine"]
    assert process.arguments[-2:] == ["--workspace", str(workspace.root)]
    config = Path(process.arguments[process.arguments.index("--config") + 1])
    assert make_plan(read_document(config), 200).train.steps == 60
    assert (state.own.kind, state.stage.kind, state.face) == ("starting", "loading", "follow")
    assert AppSettings(tmp_path / "w.ini").training == (workspace.new_run("mine"), 4711, 12.5)

    for stage, said in (("starting PyTorch", "Starting PyTorch"), ("reading the corpus", "Reading the corpus")):
        process.reported.emit({"event": "progress", "stage": stage, "done": 0})
        assert state.own.text == said
    told = []
    controller.training.told.connect(told.append)
    process.reported.emit({"event": "note", "text": "vae has its learning rate halved.", "level": "info"})
    assert told == [f"{controller.training.name}: vae has its learning rate halved."]
    process.reported.emit({"event": "progress", "stage": "first steps", "done": 3, "total": 60})
    assert (state.own.kind, state.own.text) == ("starting", "First steps: 3")
    process.reported.emit({"event": "progress", "stage": "reading", "done": 1, "total": 4})
    assert state.own.text == "Preparing the text: reading (25%)"
    process.reported.emit({"event": "trainstep", "step": 10})
    assert state.own.kind == "running"
    controller.training.pause()
    assert (state.own.kind, process.calls) == ("pausing", ["ask"])
    process.ended.emit("stopped", "Stopped after step 10 of 60.", "")
    assert state.own.kind == "paused"
    assert AppSettings(tmp_path / "w.ini").training[1] == 0
    assert controller.failures == []


def test_a_run_that_was_stopped_is_taken_up_again(controller, workspace):
    cut_short(workspace)
    controller.follow_run("tiny")
    assert controller.training.can_resume()
    controller.training.resume()
    assert FakeProcess.made[0].arguments[:5] == ["train", "tiny", "--run", "tiny", "--resume"]
    assert not controller.training.can_resume()
    controller.training.stop()
    controller.training.stop()
    assert FakeProcess.made[0].calls == ["interrupt", "kill"]
    FakeProcess.made[0].ended.emit("stopped", "", "")
    assert controller.state.own.kind == "stopped"


def test_the_seconds_of_a_start_are_counted_until_something_is_logged(controller, workspace, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("app.train.own_training.time.monotonic", lambda: now[0])
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    state = controller.state
    assert state.waited == 0
    now[0] += 12
    controller.training._beat.timeout.emit()
    assert state.waited == 12
    assert controller.training._beat.isActive()
    FakeProcess.made[0].reported.emit({"event": "trainstep", "step": 50})
    now[0] += 30
    controller.training._beat.timeout.emit()
    assert state.waited == 12
    assert not controller.training._beat.isActive()


def test_a_pause_that_takes_too_long_can_be_ended(controller, workspace):
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    controller.training.pause()
    controller.training.stop()
    assert FakeProcess.made[0].calls == ["ask", "interrupt"]
    assert controller.state.own.kind == "stopping"


def test_a_training_that_fails_says_why(controller, workspace):
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    FakeProcess.made[0].ended.emit("failed", "The disk is full.", "Free some space.")
    assert controller.state.own.kind == "failed"
    assert controller.failures == [("The disk is full.", "Free some space.")]
    assert controller.training.can_resume()


def test_a_training_of_another_process_is_not_ours_to_end(controller, workspace):
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.pause()
    controller.training.stop()
    assert FakeProcess.made == []
    assert controller.state.own.kind == "none"


def test_a_finished_run_cannot_be_resumed(controller):
    controller.follow_run("tiny")
    assert not controller.training.can_resume()


def test_a_run_whose_variants_were_all_stopped_cannot_be_resumed(controller, workspace):
    cut_short(workspace)
    vae, autogen = (workspace.run("tiny") / "variants" / name for name in ("vae", "autogen-m1"))
    write_json(vae / "stopped.json", {"step": 30, "reason": "it exploded"})
    controller.follow_run("tiny")
    assert controller.training.can_resume()
    write_json(autogen / "stopped.json", {"step": 40, "reason": "it exploded"})
    controller.follow_run("tiny")
    assert not controller.training.can_resume()
    controller.training.resume()
    assert FakeProcess.made == []


def test_a_training_outlives_the_window_and_the_next_one_takes_it_up(controller, workspace, tmp_path):
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    controller.close()
    assert FakeProcess.made[0].calls == ["let go"]
    later = TrainController(TrainingState(), workspace, AppSettings(tmp_path / "w.ini"), DirectWorker, FakeProcess)
    later.training.adopt()
    assert FakeProcess.made[1].calls == [("adopt", 4711, 12.5)]
    assert (later.state.own.kind, later.training.name) == ("running", "tiny")
    assert later.is_own  # the page shows it, whatever was followed before
    assert later.path == workspace.run("tiny")
    later.close()


@pytest.mark.parametrize(("ask", "asked", "then"), [("pause", "pausing", "paused"), ("stop", "stopping", "stopped")])
def test_what_was_asked_of_a_training_holds_when_another_run_is_opened(controller, workspace, ask, asked, then):
    """Opening a run takes up trainings of earlier windows; this window's own is none of them."""
    cut_short(workspace)
    controller.follow_run("tiny")
    controller.training.resume()
    getattr(controller.training, ask)()
    controller.training.adopt()
    assert len(FakeProcess.made) == 1
    assert controller.state.own.kind == asked
    FakeProcess.made[0].ended.emit("stopped", "Stopped after step 10 of 60.", "")
    assert controller.state.own.kind == then


def test_a_training_that_ended_meanwhile_is_forgotten(controller, workspace, tmp_path):
    settings = AppSettings(tmp_path / "w.ini")
    settings.training = (workspace.run("tiny"), 99, 1.0)
    controller.training.adopt()
    assert controller.state.own.kind == "none"
    assert AppSettings(tmp_path / "w.ini").training[1] == 0


def test_a_step_of_another_run_is_not_chosen(controller):
    """A slider may still speak of the run before in the turn in which another is opened."""
    controller.follow_run("tiny")
    controller.keep(20)
    controller.show_probe(20)
    assert (controller.state.kept_step, controller.state.probe_step) == (20, 20)
    controller.keep(25)
    controller.show_probe(25)
    assert (controller.state.kept_step, controller.state.probe_step) == (20, 20)
    controller.follow_run("nothing")
    controller.state.watched = None
    controller.keep(40)
    controller.show_probe(40)
    assert (controller.state.kept_step, controller.state.probe_step) == (20, 20)
    controller.keep(None)
    assert controller.state.kept_step is None


def test_what_is_chosen_of_a_run_stays_when_it_is_read_anew_and_goes_with_another(controller, tmp_path):
    controller.follow_run("tiny")
    controller.keep(20)
    controller.show_probe(20)
    controller.retry()
    assert (controller.state.kept_step, controller.state.probe_step) == (20, 20)
    controller.follow(tmp_path / "elsewhere")
    assert (controller.state.kept_step, controller.state.probe_step) == (None, None)
