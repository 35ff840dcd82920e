"""A workspace with a survey and a controller whose worker and command a test leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.values import Column
from app.survey.controller import SurveyController
from app.survey.state import SurveyState
from engine.evaluation.surveys.place import Place, keep_response, keep_survey, place_of
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob
from tests.engine.evaluation.surveys.rooms import a_survey, attentive, respond

COLUMNS = tuple(Column(name, name.upper(), "#808080") for name in ("vae", "vae-annealed", "autogen-m1", "autogen-m2"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The survey `mine`, which two have answered, one of them in part."""
    place, survey = place_of(Workspace(tmp_path), "mine"), a_survey()
    keep_survey(place, survey)
    keep_response(place, respond(survey, 1, attentive(lambda item: "first"), who="Ann <b>"))
    keep_response(place, respond(survey, 2, attentive(lambda item: "second"), answers=5, who="Bob"))
    return place


@pytest.fixture
def controller(qapp, place: Place, tmp_path: Path) -> Iterator[SurveyController]:
    FakeJob.made.clear()
    made = SurveyController(SurveyState(), Workspace(tmp_path), DirectWorker, FakeJob)  # type: ignore[arg-type]
    made.words, made.problems = [], []  # type: ignore[attr-defined]
    made.told.connect(made.words.append)  # type: ignore[attr-defined]
    made.failed.connect(lambda *said: made.problems.append(said))  # type: ignore[attr-defined]
    made.look()
    yield made
    made.close()
