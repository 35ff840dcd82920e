"""The tables of what people said of a run's models, by name: which survey it is, and what to do where there is none."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.merging import answered, kept
from engine.evaluation.surveys.place import Place, open_survey, survey_names
from engine.evaluation.surveys.results_tables import TABLES
from engine.evaluation.surveys.survey import Kind, Survey
from engine.evaluation.tables import Table
from engine.runs.compared import compared
from engine.runs.run import Run
from engine.workspace import Workspace

SURVEYED = tuple(dict.fromkeys(name for of_kind in TABLES.values() for name in of_kind))
"""The names of the tables."""
_ASKING: dict[Kind, str] = {
    "reconstruction": "which of two reconstructions is better",
    "generation": "whether sentences make sense",
}


def survey_table(
    run: Run, workspace: Workspace, table: str, survey: str | None = None, most_failed: int | None = None
) -> tuple[Table, tuple[str, ...]]:
    """A table of what people said of the models of a run as they are.

    Args:
        run: whose models were asked about.
        workspace: where the surveys lie.
        table: one of `SURVEYED`.
        survey: its name; None for the one that was answered, if there is one alone.
        most_failed: as of `analyse`.

    Returns:
        the table, and what to tell of answers that cannot be counted, and of surveys that cannot be read.

    Raises:
        LoomError: no survey of these models was made, it is damaged, or nobody has answered.
        UsageError: several were answered and none is named, or the named one has no such table.
    """
    damaged: list[LoomError] = []
    if survey is not None:
        place, found = _named(run, workspace, table, survey)
    else:
        place, found = _only(run, workspace, table, damaged)
    answers = answered(place, found)
    analysis = analyse(found, answers.responses, most_failed)
    not_counted = (*damaged, *(error for _, error in answers.refused))
    return TABLES[found.kind_of][table](analysis), tuple(f"not counted: {error}" for error in not_counted)


def _named(run: Run, workspace: Workspace, table: str, name: str) -> tuple[Place, Survey]:
    place, survey = open_survey(workspace, name)
    if table not in TABLES[survey.kind_of]:
        raise UsageError(
            f"The survey {name!r} asks {_ASKING[survey.kind_of]}, and has no table {table}.",
            f"Its tables are {', '.join(TABLES[survey.kind_of])}.",
        )
    if not survey.fits(run.settings.corpus.fingerprint, _models(run)):
        raise _of_others(run, survey, name)
    return place, survey


def _only(run: Run, workspace: Workspace, table: str, damaged: list[LoomError]) -> tuple[Place, Survey]:
    """The survey that has the table: the only one of these models that was answered, or that there is.

    Why others cannot be read is put into `damaged`, and raised where no other was answered.
    """
    models = _models(run)
    fitting: list[tuple[Place, Survey]] = []
    of_others: list[tuple[Place, Survey]] = []
    for opened in _every(workspace):
        if isinstance(opened, LoomError):
            damaged.append(opened)
        elif table in TABLES[opened[1].kind_of]:
            if opened[1].fits(run.settings.corpus.fingerprint, models):
                fitting.append(opened)
            elif opened[1].run == run.name:
                of_others.append(opened)
    with_answers = [each for each in fitting if kept(*each).responses]
    if len(with_answers) > 1:
        names = [place.folder.name for place, _ in with_answers]
        raise UsageError(
            f"{len(names)} surveys have a table {table} of the models of run {run.name!r}: {', '.join(names)}.",
            f"Name one: python main.py table {run.name} {table} --survey {names[0]}",
        )
    if with_answers:
        return with_answers[0]
    if damaged:
        raise damaged[0]
    if fitting:
        return fitting[0]
    if of_others:
        raise _of_others(run, of_others[0][1], of_others[0][0].folder.name)
    kinds = [kind for kind, of_kind in TABLES.items() if table in of_kind]
    asking = " or ".join(_ASKING[each] for each in kinds)
    raise LoomError(
        f"No survey was made of the models of run {run.name!r} that asks {asking}.",
        f"Make one: python main.py survey make {run.name} --kind {kinds[0]}\n  "
        "Then give people its pages (survey page), and take in what they send (survey merge).",
    )


def _every(workspace: Workspace) -> Iterator[tuple[Place, Survey] | LoomError]:
    for name in survey_names(workspace):
        try:
            yield open_survey(workspace, name)
        except LoomError as error:
            yield error


def _models(run: Run) -> dict[str, str]:
    """The fingerprints of the models of a run that are compared, by variant."""
    return {name: run.model_fingerprint(name, step) for name, step in compared(run).steps.items()}


def _of_others(run: Run, survey: Survey, name: str) -> LoomError:
    return LoomError(
        f"The survey {name!r} is of other models than run {run.name!r} has now.",
        f"Ask about these: python main.py survey make {run.name} --kind {survey.kind_of} --name NAME\n  "
        f"What was said of those: python main.py survey analyse {name}",
    )
