"""What the page's worker does beside the window's thread: reading surveys, and writing responses, pages and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.survey.state import Known
from engine.errors import LoomError
from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.merging import kept, take_in
from engine.evaluation.surveys.page import write_pages
from engine.evaluation.surveys.place import keep_response, next_form, open_survey, place_of, survey_names
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.results_tables import tables_of
from engine.evaluation.surveys.survey import Survey
from engine.evaluation.tables import Table, write_table
from engine.workspace import Workspace


def names(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    """The surveys of a workspace."""
    yield tuple(survey_names(workspace))


def look(workspace: Workspace, name: str, most_failed: int | None) -> Iterator[Known]:
    """What is known of a survey.

    Raises:
        LoomError: there is none, or it is damaged.
    """
    place, survey = open_survey(workspace, name)
    found = kept(place, survey)
    analysis = analyse(survey, found.responses, most_failed)
    refused = tuple(error.message for _, error in found.refused)
    yield Known(survey, analysis, tables_of(analysis), found.responses, refused, next_form(place))


def keep(workspace: Workspace, name: str, response: Response) -> Iterator[str]:
    """Keep a response that is being given; it holds all of its answers. Yields its id."""
    keep_response(place_of(workspace, name), response)
    yield response.response


def merge(workspace: Workspace, name: str, survey: Survey, files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Take files into a survey; yields what is told of it, and what went wrong with single files."""
    inside = [each for path in files for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    taken = take_in(place_of(workspace, name), survey, inside)
    said = f"{len(taken.responses)} of {len(inside)} files taken in"
    if taken.again:
        said += f"; {len(taken.again)} {'was' if len(taken.again) == 1 else 'were'} there already"
    if taken.newer:
        said += f"; {len(taken.newer)} replaced an earlier state of the same sitting"
    yield f"{said}.", "\n".join(f"{error.message} {error.hint}".strip() for _, error in taken.refused)


def pages(survey: Survey, first: int, folder: Path) -> Iterator[str]:
    """Write the pages of as many forms as respondents are expected, from one on; yields what is told."""
    numbers = range(first, first + survey.respondents)
    write_pages(folder, survey, numbers)
    yield f"{len(numbers)} pages, forms {numbers[0]} to {numbers[-1]}, one for each respondent: {folder}"


def export(name: str, tables: Sequence[Table], folder: Path, format: str) -> Iterator[str]:
    """Write all tables of a survey into a folder; yields what is told.

    Raises:
        LoomError: a file cannot be written, or is there already, which nobody was asked about.
    """
    files = [folder / f"{name}-{table.name.removeprefix('survey-')}.{format}" for table in tables]
    if there := [file.name for file in files if file.exists()]:
        raise LoomError(f"{folder} has {', '.join(there)} already.", "Choose another folder, or move them away.")
    remarks = dict.fromkeys(
        remark for table, file in zip(tables, files, strict=True) for remark in write_table(table, file, format)
    )
    yield " ".join([f"Wrote {len(files)} tables to {folder}.", *remarks])
