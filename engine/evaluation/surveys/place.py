"""The folder of a survey: `surveys/NAME/survey.json` with the key, and `responses/ID.json`, one for each respondent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.request import SurveyRequest
from engine.evaluation.surveys.response import Response, check_response, read_response, write_response, write_responses
from engine.evaluation.surveys.survey import Survey, read_survey, write_survey
from engine.storage.locks import wait_until_free
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """Where a survey lies."""

    folder: Path

    @property
    def survey_file(self) -> Path:
        """The maker's file, with the key."""
        return self.folder / "survey.json"

    @property
    def responses(self) -> Path:
        """The folder of the responses that were taken in."""
        return self.folder / "responses"

    def response_file(self, id: str) -> Path:
        """The file of a response."""
        return self.responses / f"{id}.json"

    def response_files(self) -> list[Path]:
        """Of the responses that were taken in, in the order of their names."""
        return sorted(self.responses.glob("[!.]*.json"))


def place_of(workspace: Workspace, name: str) -> Place:
    """Where a survey of that name lies or would lie.

    Raises:
        UsageError: no file can have that name.
    """
    return Place(workspace.survey(name))


def survey_names(workspace: Workspace) -> list[str]:
    """The surveys of a workspace."""
    return sorted(path.parent.name for path in (workspace.root / "surveys").glob("[!.]*/survey.json"))


def open_survey(workspace: Workspace, name: str) -> tuple[Place, Survey]:
    """A survey by name.

    Raises:
        LoomError: there is none, or its file is damaged.
        UsageError: no file can have that name.
    """
    place = place_of(workspace, name)
    if not place.survey_file.is_file():
        known = ", ".join(survey_names(workspace)) or "none yet"
        raise LoomError(
            f"There is no survey {name!r} in {workspace.root / 'surveys'}.",
            f"Surveys there are: {known}. To make one: python main.py survey make demo --name {name}",
        )
    return place, read_survey(place.survey_file)


def check_request(place: Place, request: SurveyRequest) -> None:
    """Tell before models are loaded that another survey than the one that is asked for lies here.

    Raises:
        LoomError: its file is damaged.
        UsageError: as `check_free`.
    """
    if not place.survey_file.exists():
        check_free(place, "")
        return
    there = read_survey(place.survey_file)
    for name in ("groups", "asked", "catch", "respondents", "repeats", "seed"):
        if getattr(there, name) != getattr(request, name):
            raise _other(place)
    if there.kind_of != request.kind:
        raise _other(place)


def check_free(place: Place, survey_fingerprint: str) -> None:
    """Whether a survey may be written here: there is none, or it is the very same one.

    Args:
        place: where.
        survey_fingerprint: of the survey that is to be written.

    Raises:
        LoomError: the file that is there is damaged.
        UsageError: another survey lies there, responses without one, or a file.
    """
    if not place.survey_file.exists():
        if place.folder.exists() and not place.folder.is_dir():
            raise UsageError(f"{place.folder} is a file.", "Move it away, or give another name with --name NAME.")
        if place.response_files():
            raise UsageError(
                f"{place.responses} holds responses, but their survey is gone.",
                "Restore survey.json from a copy, or make this one under another name.",
            )
        return
    if read_survey(place.survey_file).fingerprint != survey_fingerprint:
        raise _other(place)


def _other(place: Place) -> UsageError:
    return UsageError(
        f"There is another survey named {place.folder.name!r}; nothing in it was touched.",
        "Give another name with --name NAME.",
    )


def keep_survey(place: Place, survey: Survey) -> bool:
    """Publish a survey; returns False where the very same one is there already, which is left as it is.

    Raises:
        LoomError: it cannot be written.
        UsageError: as `check_free`.
    """
    with wait_until_free(place.folder):
        check_free(place, survey.fingerprint)
        if place.survey_file.exists():
            return False
        write_survey(place.survey_file, survey)
        return True


def next_form(place: Place) -> int:
    """The smallest number of a form that no response has which was taken in."""
    used = set()
    for file in place.response_files():
        with suppress(LoomError):
            used.add(read_response(file).form)
    return next(number for number in count(1) if number not in used)


def taken_in(place: Place, survey: Survey) -> Iterator[tuple[Path, Response | LoomError]]:
    """The responses in the folder of a survey, each with what is wrong where it cannot count."""
    yield from read_checked(survey, place.response_files())


def read_checked(survey: Survey, files: Sequence[Path]) -> Iterator[tuple[Path, Response | LoomError]]:
    """Responses from files, each checked against its form, or what is wrong with it."""
    for file in files:
        try:
            response = read_response(file)
            check_response(response, form_of(survey, response.form), str(file))
            yield file, response
        except LoomError as error:
            yield file, error


def keep_response(place: Place, response: Response) -> None:
    """Publish a response in the folder of its survey.

    Raises:
        LoomError: it cannot be written.
    """
    write_response(place.response_file(response.response), response)


def keep_responses(place: Place, responses: Iterable[Response]) -> None:
    """Publish responses in the folder of their survey, all of them or none.

    Raises:
        LoomError: one cannot be written.
    """
    write_responses({place.response_file(each.response): each for each in responses})
