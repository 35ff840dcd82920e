"""The controllers of the Train page, with a process that a test leads and no window."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, Signal

from app.core.settings import AppSettings
from app.train import words
from app.train.controller import TrainController
from app.train.form.controller import TrainFormController
from app.train.form.state import FormState
from app.train.state import TrainingState
from engine.runs.run import Run
from engine.storage.files import write_json
from engine.training.plan import document_of, make_plan, read_document
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker
from tests.conftest import change_json


class FakeProcess(QObject):
    """A TrainingProcess that does what the test says."""

    reported, ended = Signal(object), Signal(str, str, str)
    made: ClassVar[list[FakeProcess]] = []

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log, self.arguments, self.calls = log, [], []
        self.identity = (4711, 12.5)
        FakeProcess.made.append(self)

    def start(self, arguments: list[str]) -> None:
        self.arguments = arguments

    def adopt(self, pid: int, created: float) -> bool:
        self.calls.append(("adopt", pid, created))
        return pid == 4711

    def ask_to_stop(self) -> None:
        self.calls.append("ask")

    def interrupt(self) -> None:
        self.calls.append("interrupt")

    def kill(self) -> None:
        self.calls.append("kill")

    def let_go(self) -> None:
        self.calls.append("let go")


@pytest.fixture
def workspace(tiny_workspace, tmp_path) -> Workspace:
    for name in ("runs", "corpora"):
        shutil.copytree(tiny_workspace.root / name, tmp_path / name)
    return Workspace(tmp_path)


@pytest.fixture
def controller(qapp, workspace, tmp_path):
    FakeProcess.made.clear()
    made = TrainController(TrainingState(), workspace, AppSettings(tmp_path / "w.ini"), DirectWorker, FakeProcess)
    made.failures = []  # type: ignore[attr-defined]
    made.failed.connect(lambda *words: made.failures.append(words))  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def form(controller, workspace) -> TrainFormController:
    made = TrainFormController(FormState(), workspace)
    made.open()
    return made


def cut_short(workspace: Workspace, steps: int = 100) -> None:
    """Make the tiny run one that has steps before it."""
    settings = Run.open(workspace.run("tiny")).settings.train
    change_json(workspace.run("tiny") / "run.json", train={**settings.model_dump(mode="json"), "steps": steps})
    process = workspace.run("tiny") / "process.json"
    process.write_text(process.read_text().replace('"done"', '"stopped"'))


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


def write_process(workspace: Workspace, pid: int, state: str) -> None:
    process = workspace.run("tiny") / "process.json"
    process.write_text(json.dumps({**json.loads(process.read_text()), "pid": pid, "state": state}))


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


# the form


def test_the_form_begins_with_the_preset_and_what_is_prepared(form, controller):
    shown = form.state.form
    assert [each.name for each in shown.corpora] == ["demo", "tiny"]
    assert (shown.corpus, shown.problems) == ("demo", {})
    assert shown.plan.train.steps == 8_500
    form.set_corpus("tiny")
    assert (form.state.form.run, form.state.form.vocabulary) == ("tiny-2", shown.corpora[1].vocabulary)


def test_a_wrong_value_is_told_beside_its_field_and_keeps_the_last_good_plan(form, controller):
    form.set_value("train.steps", "many")
    shown = form.state.form
    assert set(shown.problems) == {"train.steps"}
    assert shown.plan.train.steps == 8_500
    controller.training.start(shown)
    assert FakeProcess.made == []
    form.set_value("train.steps", "500")
    assert form.state.form.problems == {}
    assert form.state.form.plan.train.steps == 500
    form.set_value("train.steps", "")
    assert form.state.form.plan.train.steps == 8_500


@pytest.mark.parametrize("name", ["", "a b", "../x", "tiny"])
def test_a_run_name_that_cannot_be_taken_is_told(form, controller, name):
    form.set_run(name)
    assert "run" in form.state.form.problems


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_corpus_without_sentences_of_a_part_cannot_be_started(form, controller, workspace, part):
    file = workspace.root / "corpora" / "tiny" / "corpus.json"
    write_json(file, {**json.loads(file.read_text()), part: 0})
    form.open()
    assert form.state.form.problems == {}
    form.set_corpus("tiny")
    named = {"train": "training", "test": "test"}[part]
    assert form.state.form.problems["corpus"].startswith(f"has no {named} sentences")
    controller.training.start(form.state.form)
    assert FakeProcess.made == []
    form.set_corpus("demo")
    assert form.state.form.problems == {}


def test_variants_are_added_changed_and_removed(form, controller):
    def variants():
        return {v.name: v for v in form.state.form.plan.variants}

    form.add_variant()
    assert list(variants()) == ["vae", "vae-annealed", "autogen-m1", "autogen-m2", "autogen-m3"]
    assert variants()["autogen-m3"].m == 3
    form.set_variant(4, "name", "autogen-m7")
    assert variants()["autogen-m7"].m == 7
    form.set_variant(0, "m", "0.5")
    form.set_variant(0, "colour", "#123456")
    assert (variants()["vae"].m, variants()["vae"].colour) == (0.5, "#123456")
    form.set_variant(2, "kl_schedule.kind", "cyclical")
    assert any(key.startswith("variants.autogen-m1") for key in form.state.form.problems)
    form.set_variant(2, "kl_schedule.warmup", "40")
    assert variants()["autogen-m1"].kl_schedule.warmup == 40
    form.remove_variant(3)
    assert "autogen-m2" not in variants()
    for _ in range(9):
        form.add_variant()
    assert len(variants()) == 8
    for _ in range(9):
        form.remove_variant(0)
    assert len(variants()) == 1


def test_a_shorter_run_warms_up_in_proportion(form, controller):
    form.set_value("train.steps", "1740")
    annealed = form.state.form.plan.variants[1]
    assert annealed.kl_schedule.warmup == 512


def test_settings_are_saved_and_opened_as_the_command_line_does(form, controller, tmp_path):
    form.set_preset("small")
    form.set_value("model.recognition", "30, 20")
    form.set_value("model.bidirectional", "true")
    form.set_variant(3, "m", "4")
    plan = form.state.form.plan
    form.save(tmp_path / "settings.toml")
    form.set_preset("demo")
    form.remove_variant(0)
    form.read(tmp_path / "settings.toml")
    assert form.state.form.plan == plan
    assert plan.model.recognition == (30, 20)
    assert document_of(plan) == dict(form.state.form.document)


def test_a_file_with_a_fault_is_shown_with_it(form, controller, tmp_path):
    told = []
    form.failed.connect(lambda *words: told.append(words))
    (tmp_path / "a.toml").write_text("[train]\nstep = 5\n")
    form.read(tmp_path / "a.toml")
    assert form.state.form.problems == {"train.step": "there is no such setting; perhaps 'steps' is meant"}
    (tmp_path / "b.toml").write_text("[train\n")
    form.read(tmp_path / "b.toml")
    assert len(told) == 2


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
