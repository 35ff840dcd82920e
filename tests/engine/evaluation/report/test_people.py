"""What people said of the very models of a report stands in it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.evaluation.report.people import judged
from engine.evaluation.surveys.place import Place, keep_response, keep_survey, place_of
from engine.workspace import Workspace
from tests.engine.evaluation.surveys.rooms import a_survey, respond
from tests.engine.evaluation.values import evaluation

SURVEY = a_survey()
MADE = replace(evaluation(("A", "B", "C")), corpus=SURVEY.corpus, models=SURVEY.models)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def place(workspace: Workspace) -> Place:
    place = place_of(workspace, "mine")
    keep_survey(place, SURVEY)
    return place


def test_tables_of_an_answered_survey_have_names_of_their_own(workspace: Workspace, place: Place) -> None:
    assert list(judged(workspace, MADE)) == []  # nobody has answered yet
    keep_response(place, respond(SURVEY, 1, lambda item: "first"))
    (found,) = judged(workspace, MADE)
    assert (found.name, found.kind, found.remark) == ("mine", "reconstruction", "")
    assert found.tables
    assert all(table.name.startswith("mine-") for table in found.tables)


def test_a_survey_of_other_models_or_text_is_none_of_this_report(workspace: Workspace, place: Place) -> None:
    keep_response(place, respond(SURVEY, 1, lambda item: "first"))
    assert list(judged(workspace, replace(MADE, corpus="d" * 64))) == []
    assert list(judged(workspace, replace(MADE, models={**MADE.models, "a": "other"}))) == []


def test_a_damaged_survey_and_responses_are_told(workspace: Workspace, place: Place) -> None:
    keep_response(place, respond(SURVEY, 1, lambda item: "first"))
    (file,) = place.response_files()
    file.write_text(file.read_text(encoding="utf-8")[:80], encoding="utf-8")
    (found,) = judged(workspace, MADE)
    assert found.tables == ()
    assert found.remark == "Of the survey mine 1 responses cannot be counted."
    place.survey_file.write_text("{", encoding="utf-8")
    (found,) = judged(workspace, MADE)
    assert found.remark.startswith("The survey mine is left out.")
