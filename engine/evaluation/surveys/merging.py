"""Merging the files that respondents have sent: each counts once, the newest of several from the same sitting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LoomError
from engine.evaluation.surveys.place import Place, keep_responses, read_checked, taken_in
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.survey import Survey


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of reading files.

    Attributes:
        responses: that count, in the order of their ids.
        again: files whose response was there already, the same or a newer one.
        newer: ids of responses of which an earlier state was there.
        refused: files that cannot count, and why.
    """

    responses: tuple[Response, ...]
    again: tuple[Path, ...] = ()
    newer: tuple[str, ...] = ()
    refused: tuple[tuple[Path, LoomError], ...] = ()

    @property
    def unfinished(self) -> int:
        """Responses that were broken off; their answers count."""
        return sum(not response.finished for response in self.responses)


def merged(read: Iterable[tuple[Path, Response | LoomError]]) -> Merged:
    """Put responses together.

    Of two with the same id, which are two states of one sitting, the one that was saved later counts; where that does
    not tell, the one with more answers.
    """
    found: dict[str, Response] = {}
    again: list[Path] = []
    newer: list[str] = []
    refused: list[tuple[Path, LoomError]] = []
    for file, response in read:
        if isinstance(response, LoomError):
            refused.append((file, response))
            continue
        before = found.get(response.response)
        if before is None:
            found[response.response] = response
        elif _age(response) > _age(before):
            found[response.response] = response
            newer.append(response.response)
        else:
            again.append(file)
    kept = tuple(found[id] for id in sorted(found))
    return Merged(kept, tuple(again), tuple(dict.fromkeys(newer)), tuple(refused))


def _age(response: Response) -> tuple[str, int]:
    return response.saved, len(response.answers)


def kept(place: Place, survey: Survey) -> Merged:
    """The responses that were taken in so far."""
    return merged(taken_in(place, survey))


def answered(place: Place, survey: Survey) -> Merged:
    """`kept`, of a survey that somebody has answered.

    Raises:
        LoomError: nobody has.
    """
    found = kept(place, survey)
    if not found.responses:
        name = place.folder.name
        lost = len(found.refused)
        cannot = f" {lost} response{'s' * (lost > 1)} there cannot be counted." if lost else ""
        raise LoomError(
            f"Nobody has answered the survey {name!r} yet.{cannot}",
            f"Give people pages: python main.py survey page {name}, then python main.py survey merge {name} FILES",
        )
    return found


def take_in(place: Place, survey: Survey, files: Sequence[Path]) -> Merged:
    """Take files into the folder of a survey: those that count are kept there, the others refused.

    Returns:
        of the files alone, what was taken in, was there already, or was refused. `responses` are those that were
        written now.

    Raises:
        LoomError: one cannot be written; then none is.
    """
    before = {response.response: response for response in kept(place, survey).responses}
    again: list[Path] = []
    newer: list[str] = []
    refused: list[tuple[Path, LoomError]] = []
    written: dict[str, Response] = {}
    for file, response in read_checked(survey, files):
        if isinstance(response, LoomError):
            refused.append((file, response))
            continue
        earlier = before.get(response.response)
        if earlier is not None and _age(response) <= _age(earlier):
            again.append(file)
            continue
        before[response.response] = written[response.response] = response
        if earlier is not None:
            newer.append(response.response)
    keep_responses(place, written.values())
    return Merged(tuple(written.values()), tuple(again), tuple(dict.fromkeys(newer)), tuple(refused))
