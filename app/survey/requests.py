"""What the page's worker does beside the window's thread: reading surveys, and writing responses, pages and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from app.survey.state import Known
from engine.errors import LoomError
from engine.evaluation.surveys.analysis import analyse
from engine.evaluation.surveys.merging import kept, take_in
from engine.evaluation.surveys.page import page_name, write_pages
from engine.evaluation.surveys.place import keep_response, next_form, open_survey, place_of, survey_names
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.results_tables import files_of, tables_of
from engine.evaluation.tables import Table, write_tables
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


def keep(workspace: Workspace, name: str, response: Response) -> Iterator[tuple[str, Response]]:
    """Keep a response that is being given; it holds all of its answers. Yields the survey's name and the response."""
    keep_response(place_of(workspace, name), response)
    yield name, response


def merge(workspace: Workspace, name: str, files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Take files into a survey; yields what is told of it, and what went wrong with single files.

    Raises:
        LoomError: there is no such survey, or it is damaged.
    """
    place, survey = open_survey(workspace, name)
    inside = [each for path in files for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    taken = take_in(place, survey, inside)
    said = f"{len(taken.responses)} of {len(inside)} files taken into {name}"
    if taken.again:
        said += f"; {len(taken.again)} {'was' if len(taken.again) == 1 else 'were'} there already"
    if taken.newer:
        said += f"; {len(taken.newer)} replaced an earlier state of the same sitting"
    yield f"{said}.", "\n".join(f"{error.message} {error.hint}".strip() for _, error in taken.refused)


def pages(workspace: Workspace, name: str, folder: Path) -> Iterator[str]:
    """Write the pages of as many forms as respondents are expected, from the next one on; yields what is told.

    Raises:
        LoomError: as `export`, or the survey is damaged.
    """
    place, survey = open_survey(workspace, name)
    first = next_form(place)
    numbers = range(first, first + survey.respondents)
    _check_new(folder / page_name(number) for number in numbers)
    write_pages(folder, survey, numbers)
    yield f"{len(numbers)} pages of {name}, forms {numbers[0]} to {numbers[-1]}, one for each respondent: {folder}"


def export(name: str, tables: Sequence[Table], folder: Path, format: str) -> Iterator[str]:
    """Write all tables of a survey into a folder, or none; yields what is told.

    Raises:
        LoomError: a file cannot be written, or is there already, which nobody was asked about.
    """
    files = files_of(name, tables, folder, format)
    _check_new(file for file, _ in files)
    yield " ".join([f"Wrote {len(files)} tables of {name} to {folder}.", *write_tables(files, format)])


def _check_new(files: Iterable[Path]) -> None:
    if there := [file for file in files if file.exists()]:
        named = ", ".join(file.name for file in there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        raise LoomError(f"{there[0].parent} has {named} already.", "Choose another folder, or move them away.")
