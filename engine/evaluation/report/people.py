"""What people said in surveys of the models of a report: the paper's tables 2 and 4, where somebody was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.errors import LoomError
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.merging import kept
from engine.evaluation.surveys.place import open_survey, survey_names
from engine.evaluation.surveys.results_tables import tables_of
from engine.evaluation.surveys.survey import Kind
from engine.evaluation.tables import Table
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Judged:
    """A survey that was answered: its kind, its tables under names of their own, and what to tell of it."""

    name: str
    kind: Kind
    tables: tuple[Table, ...] = ()
    remark: str = ""


def judged(workspace: Workspace, evaluation: Evaluation) -> Iterator[Judged]:
    """The surveys of a workspace that are of these very models and have answers; of damaged ones only a remark."""
    for name in survey_names(workspace):
        try:
            place, survey = open_survey(workspace, name)
        except LoomError as error:
            yield Judged(name, "reconstruction", remark=f"The survey {name} is left out. {error.message}")
            continue
        if not survey.fits(evaluation.corpus, evaluation.models):
            continue
        found = kept(place, survey)
        refused = len(found.refused)
        remark = f"Of the survey {name} {refused} responses cannot be counted." if refused else ""
        if found.responses:
            tables = tables_of(analyse(survey, found.responses))
            yield Judged(
                name, survey.kind_of, tuple(replace(each, name=f"{name}-{each.name}") for each in tables), remark
            )
        elif remark:
            yield Judged(name, survey.kind_of, remark=remark)
