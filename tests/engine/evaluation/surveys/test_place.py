"""The folder of a survey."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.place import (
    check_request,
    keep_response,
    keep_survey,
    next_form,
    open_survey,
    place_of,
    survey_names,
)
from engine.evaluation.surveys.request import SurveyRequest
from engine.workspace import Workspace
from tests.engine.evaluation.surveys.rooms import PAIRS, a_survey, respond


def test_a_survey_is_kept_once_and_never_replaced_by_another(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    place, survey = place_of(workspace, "mine"), a_survey()
    assert keep_survey(place, survey)
    before = place.survey_file.read_bytes()
    assert not keep_survey(place, survey)
    with pytest.raises(UsageError, match="another survey named 'mine'"):
        keep_survey(place, a_survey(seed=1))
    assert place.survey_file.read_bytes() == before
    assert open_survey(workspace, "mine") == (place, survey)
    assert survey_names(workspace) == ["mine"]


def test_another_request_is_told_before_models_are_loaded(tmp_path: Path) -> None:
    place = place_of(Workspace(tmp_path), "mine")
    same = SurveyRequest("reconstruction", PAIRS, 14, 2, 4, 2)
    check_request(place, same)
    keep_survey(place, a_survey())
    check_request(place, same)
    with pytest.raises(UsageError, match="another survey"):
        check_request(place, SurveyRequest("reconstruction", PAIRS, 14, 2, 4, 2, seed=3))


def test_responses_without_their_survey_are_not_written_over(tmp_path: Path) -> None:
    place, survey = place_of(Workspace(tmp_path), "mine"), a_survey()
    keep_response(place, respond(survey, 1, lambda item: "first"))
    with pytest.raises(UsageError, match="their survey is gone"):
        keep_survey(place, survey)


def test_a_file_in_the_place_of_the_survey_is_told_before_models_are_loaded(tmp_path: Path) -> None:
    place = place_of(Workspace(tmp_path), "mine")
    place.folder.parent.mkdir()
    place.folder.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="mine is a file"):
        check_request(place, SurveyRequest("reconstruction", PAIRS, 14, 2, 4, 2))
    assert place.folder.read_text(encoding="utf-8") == "mine"


def test_the_next_form_is_the_first_that_nobody_has(tmp_path: Path) -> None:
    place, survey = place_of(Workspace(tmp_path), "mine"), a_survey()
    assert next_form(place) == 1
    for number in (1, 2, 4):
        keep_response(place, respond(survey, number, lambda item: "first"))
    (place.responses / "broken.json").write_text("{", encoding="utf-8")
    assert next_form(place) == 3


def test_a_survey_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    keep_survey(place_of(workspace, "mine"), a_survey())
    with pytest.raises(LoomError, match="no survey 'other'") as failed:
        open_survey(workspace, "other")
    assert "mine" in failed.value.hint
    with pytest.raises(UsageError, match="cannot be the name"):
        open_survey(workspace, "../mine")
