"""The tables of a survey by the run that was asked about: which survey it is, and what to do where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.of_run import SURVEYED, survey_table
from engine.evaluation.surveys.place import keep_response, keep_survey, place_of
from engine.evaluation.surveys.request import Kind
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.results_tables import TABLES, tables_of
from engine.evaluation.surveys.survey import Survey
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.engine.evaluation.surveys.rooms import a_survey, about_run, attentive, respond


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def made(workspace: Workspace, run: Run, name: str, kind: Kind = "reconstruction", seed: int = 0) -> Survey:
    """A survey of the run's models; about single ones, of its VAE."""
    groups = (("autogen-m1", "vae"),) if kind == "reconstruction" else (("autogen-m1",), ("vae",))
    survey = about_run(a_survey(kind, groups, seed=seed), run)
    keep_survey(place_of(workspace, name), survey)
    return survey


def give(workspace: Workspace, name: str, survey: Survey, people: int = 2) -> list[Response]:
    given = "first" if survey.kind_of == "reconstruction" else "yes"
    responses = [respond(survey, number, attentive(lambda item: given)) for number in range(1, people + 1)]
    for response in responses:
        keep_response(place_of(workspace, name), response)
    return responses


@pytest.mark.parametrize("kind", TABLES)
def test_every_table_of_a_survey_is_that_of_its_analysis(workspace: Workspace, tiny_run: Run, kind: Kind) -> None:
    survey = made(workspace, tiny_run, "mine", kind)
    responses = give(workspace, "mine", survey)
    wanted = tables_of(analyse(survey, sorted(responses, key=lambda each: each.response)))
    assert tuple(table.name for table in wanted) == tuple(TABLES[kind])
    for table in wanted:
        assert survey_table(tiny_run, workspace, table.name) == (table, ())
        assert survey_table(tiny_run, workspace, table.name, "mine") == (table, ())


def test_who_failed_catch_trials_is_left_out(workspace: Workspace, tiny_run: Run) -> None:
    survey = made(workspace, tiny_run, "mine")
    give(workspace, "mine", survey)
    keep_response(place_of(workspace, "mine"), respond(survey, 3, lambda item: "undecided"))
    everybody, _ = survey_table(tiny_run, workspace, "survey-preference")
    careful, _ = survey_table(tiny_run, workspace, "survey-preference", most_failed=0)
    undecided = everybody.columns.index("Can't decide")
    assert everybody.rows[0][undecided] > careful.rows[0][undecided] == 0


def test_where_there_is_no_survey_the_command_that_makes_one_is_named(workspace: Workspace, tiny_run: Run) -> None:
    for name in SURVEYED:
        with pytest.raises(LoomError, match="No survey was made of the models of run 'tiny'") as told:
            survey_table(tiny_run, workspace, name)
        kind = next(kind for kind, tables in TABLES.items() if name in tables)
        assert f"python main.py survey make tiny --kind {kind}\n" in told.value.hint
    made(workspace, tiny_run, "mine")
    with pytest.raises(LoomError, match="that asks whether sentences make sense"):
        survey_table(tiny_run, workspace, "survey-sense")
    with pytest.raises(UsageError, match="asks which of two reconstructions is better, and has no table survey-sense"):
        survey_table(tiny_run, workspace, "survey-sense", "mine")
    with pytest.raises(LoomError, match="There is no survey 'other'"):
        survey_table(tiny_run, workspace, "survey-sense", "other")


def test_where_nobody_has_answered_or_nothing_counts_it_is_told(workspace: Workspace, tiny_run: Run) -> None:
    survey = made(workspace, tiny_run, "mine")
    for name in (None, "mine"):
        with pytest.raises(LoomError, match="Nobody has answered the survey 'mine' yet") as told:
            survey_table(tiny_run, workspace, "survey-ranking", name)
        assert "python main.py survey page mine" in told.value.hint
    folder = place_of(workspace, "mine").responses
    folder.mkdir()
    (folder / "cut.json").write_text('{"kind', encoding="utf-8")
    with pytest.raises(LoomError, match="1 response there cannot be counted"):
        survey_table(tiny_run, workspace, "survey-ranking")
    give(workspace, "mine", survey)
    _, told_of = survey_table(tiny_run, workspace, "survey-ranking")
    assert len(told_of) == 1
    assert "cut off" in told_of[0]


def test_of_several_surveys_the_one_that_was_answered_is_meant(workspace: Workspace, tiny_run: Run) -> None:
    made(workspace, tiny_run, "empty")
    answered = made(workspace, tiny_run, "second", seed=1)
    give(workspace, "second", answered)
    sense = made(workspace, tiny_run, "sense", "generation")
    table, _ = survey_table(tiny_run, workspace, "survey-agreement")
    assert any("seed 1" in note for note in table.notes)
    give(workspace, "sense", sense)
    with pytest.raises(UsageError, match=r"2 surveys .*: second, sense") as told:
        survey_table(tiny_run, workspace, "survey-agreement")
    assert told.value.hint == "Name one: python main.py table tiny survey-agreement --survey second"
    assert len(survey_table(tiny_run, workspace, "survey-agreement", "sense")[0].rows) == 3
    assert survey_table(tiny_run, workspace, "survey-ranking")[0].rows == ()


def test_what_was_said_of_other_models_is_not_taken_for_these(workspace: Workspace, tiny_run: Run) -> None:
    survey = about_run(a_survey(groups=(("autogen-m1", "vae"),)), tiny_run, vae="0" * 64)
    keep_survey(place_of(workspace, "old"), survey)
    give(workspace, "old", survey)
    for name in (None, "old"):
        with pytest.raises(LoomError, match="'old' is of other models than run 'tiny' has now") as told:
            survey_table(tiny_run, workspace, "survey-preference", name)
        assert "python main.py survey analyse old" in told.value.hint


def test_a_damaged_survey_is_told_and_stops_only_where_no_other_was_answered(
    workspace: Workspace, tiny_run: Run
) -> None:
    give(workspace, "damaged", made(workspace, tiny_run, "damaged"))
    file = place_of(workspace, "damaged").survey_file
    file.write_text(file.read_text(encoding="utf-8")[:200], encoding="utf-8")
    whole = made(workspace, tiny_run, "whole")
    with pytest.raises(LoomError, match="cut off"):
        survey_table(tiny_run, workspace, "survey-preference")
    give(workspace, "whole", whole)
    table, (told,) = survey_table(tiny_run, workspace, "survey-preference")
    assert table.rows
    assert "damaged" in told
    assert "cut off" in told
    assert survey_table(tiny_run, workspace, "survey-preference", "whole") == (table, ())
