"""The survey that is shown, files that are taken in, and a new one made by a command that the test leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.survey import requests
from engine.evaluation.surveys.place import keep_survey, place_of
from engine.evaluation.surveys.response import write_response
from tests.app.fakes import FakeJob
from tests.app.survey.conftest import COLUMNS
from tests.engine.evaluation.surveys.rooms import a_survey, attentive, respond


def test_the_first_survey_is_shown_with_what_was_answered(controller):
    state = controller.state
    assert (state.names, state.name, state.stage.kind) == (("mine",), "mine", "ready")
    assert state.known.analysis.answers + sum(who.trials for who in state.known.analysis.respondents) == 19
    assert [each.respondent for each in state.known.broken_off] == ["Bob"]
    assert state.known.next_form == 3


def test_files_are_taken_in_and_what_is_wrong_is_told(controller, tmp_path):
    survey = controller.state.known.survey
    folder = tmp_path / "sent"
    write_response(folder / "3.json", respond(survey, 3, attentive(lambda item: "first")))
    (folder / "cut.json").write_text('{"kind"', encoding="utf-8")
    controller.merge([folder], "mine")
    assert len(controller.state.known.responses) == 3
    assert controller.words == ["1 of 2 files taken into mine."]
    assert "cut off" in controller.problems[0][1]
    controller.merge([folder / "3.json"], "mine")
    assert controller.words[-1] == "0 of 1 files taken into mine; 1 was there already."


def test_files_that_are_brought_one_after_the_other_are_each_taken_in(controller, monkeypatch, tmp_path):
    channels = []
    monkeypatch.setattr(controller, "_ask", lambda channel, work: channels.append(channel))
    for _ in range(2):
        controller.merge([tmp_path], "mine")
    assert len(set(channels)) == 2, "a newer request of a channel replaces the one before"


def test_files_for_a_survey_that_is_damaged_or_for_none_are_refused_in_words(controller, place, tmp_path):
    controller.merge([tmp_path], "")
    assert controller.words == ["Choose the survey first that these files answer."]
    place.survey_file.write_text("{", encoding="utf-8")
    controller.merge([tmp_path], "mine")
    assert len(controller.problems) == 1


def test_who_fails_catch_trials_can_be_left_out(controller, place):
    survey = controller.state.known.survey
    controller.merge([], "mine")
    write_response(place.response_file("f" * 16), respond(survey, 4, lambda item: "second"))
    controller.look()
    assert len(controller.state.known.analysis.respondents) == 3
    controller.leave_out(0)
    assert len(controller.state.known.analysis.left_out) == 1
    assert len(controller.state.known.responses) == 3


def test_a_survey_that_is_damaged_is_told_and_one_that_is_gone_forgotten(controller, place, tmp_path):
    whole = place.survey_file.read_text(encoding="utf-8")
    place.survey_file.write_text(whole[:100], encoding="utf-8")
    controller.look()
    assert controller.state.stage.kind == "failed"
    assert controller.state.known is None
    place.survey_file.unlink()
    controller.look()
    assert (controller.state.name, controller.state.stage.kind) == ("", "none")
    place.survey_file.write_text(whole, encoding="utf-8")
    controller.look()
    assert controller.state.known is not None


def test_pages_and_tables_are_written(controller, tmp_path):
    controller.write_pages(tmp_path / "pages", "mine")
    assert [file.name for file in sorted((tmp_path / "pages").iterdir())] == [f"form-00{n}.html" for n in (3, 4, 5, 6)]
    controller.export(tmp_path / "tables", "csv", "mine", controller.state.known)
    assert len(list((tmp_path / "tables").iterdir())) == 4
    controller.export(tmp_path / "tables", "csv", "mine", controller.state.known)
    assert "already" in controller.problems[-1][0]


def test_pages_that_are_there_are_not_replaced(controller, tmp_path):
    (tmp_path / "form-004.html").write_text("mine", encoding="utf-8")
    controller.write_pages(tmp_path, "mine")
    assert controller.problems[-1][0] == f"{tmp_path} has form-004.html already."
    assert not list(tmp_path.glob("form-003.html"))
    assert (tmp_path / "form-004.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("what", ["a full disk", "a folder that takes no files", "a file for a folder"])
def test_where_one_table_cannot_be_written_none_is(controller, tmp_path, monkeypatch, what):
    folder = tmp_path / "tables"
    if what == "a full disk":
        folder.mkdir()
        (folder / "mine-agreement.csv").symlink_to("/dev/full")
        monkeypatch.setattr(requests, "_check_new", lambda files: list(files))  # it came after it was looked at
    elif what == "a folder that takes no files":
        folder = Path("/proc/tables")
    else:
        folder.write_text("mine", encoding="utf-8")
    controller.export(folder, "csv", "mine", controller.state.known)
    assert len(controller.problems) == 1
    assert "tables" in controller.problems[0][0]
    assert controller.words == []
    assert not list(tmp_path.rglob("*.csv")) or [path.name for path in folder.iterdir()] == ["mine-agreement.csv"]


def test_a_new_survey_is_made_by_the_command_and_shown(controller, tmp_path):
    controller.begin("demo", COLUMNS)
    draft = controller.state.draft
    assert draft.problem == ""
    assert draft.chosen == (("vae-annealed", "vae"), ("autogen-m1", "vae-annealed"), ("autogen-m2", "autogen-m1"))
    controller.set_group(("autogen-m2", "vae"), True)
    controller.set_group(("autogen-m1", "vae-annealed"), False)
    controller.set_number("seed", 4)
    controller.set_name(" new ")
    controller.make()
    (job,) = FakeJob.made
    assert job.started
    arguments = " ".join(job.arguments)
    assert "survey make demo --kind reconstruction --name new" in arguments
    assert "--pairs vae-annealed:vae,autogen-m2:autogen-m1,autogen-m2:vae" in arguments
    assert "--seed 4" in arguments
    assert f"--workspace {tmp_path}" in arguments
    job.reported.emit({"event": "progress", "stage": "reconstructing", "done": 3, "total": 12, "unit": "questions"})
    assert controller.state.job.fraction == 0.25
    keep_survey(place_of(controller._workspace, "new"), a_survey(seed=4))
    job.finished.emit({})
    assert (controller.state.name, controller.state.job.kind) == ("new", "none")


def test_what_cannot_be_made_is_told_before(controller):
    controller.begin("demo", COLUMNS)
    for change, said in (
        (lambda: controller.set_name("mine"), "already"),
        (lambda: controller.set_name("a/b"), "cannot be the name"),
        (lambda: (controller.set_name("new"), controller.set_number("repeats", 50)), "50 repeats"),
    ):
        change()
        assert said in controller.state.draft.problem
    controller.set_name("new")
    controller.set_number("repeats", 2)
    for group in controller.state.draft.chosen:
        controller.set_group(group, False)
    assert "nothing to compare" in controller.state.draft.problem
    controller.make()
    assert FakeJob.made == []
    controller.set_kind("generation")
    assert controller.state.draft.chosen == tuple((column.name,) for column in COLUMNS)
    controller.begin("", ())
    assert "No run is open" in controller.state.draft.problem


def test_a_command_that_fails_or_is_given_up(controller):
    controller.begin("demo", COLUMNS)
    controller.make()
    FakeJob.made[-1].failed.emit("No latents yet.", "Encode first.")
    assert (controller.state.job.kind, controller.state.job.text) == ("failed", "No latents yet.")
    controller.make()
    controller.give_up()
    assert FakeJob.made[-1].stopped
    assert controller.state.job.kind == "none"
