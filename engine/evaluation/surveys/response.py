"""One respondent's answers: a small JSON file that is sent, and what is checked of it before it counts.

The web page writes the same file in JavaScript, so its digest is of a form that both can make: JSON with keys in order,
no white space, ASCII, whole numbers only. The document is specified in engine/storage/FORMAT.md.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from engine.config import Settings
from engine.errors import LoomError, from_os_error
from engine.evaluation.surveys.forms import MOST_FORM, Form
from engine.evaluation.surveys.wrong_fields import wrong_field
from engine.runs.run import now
from engine.storage.files import export_all, fill, json_text, write_json

KIND = "latent-loom-response"
VERSION = 1
DIGEST = "digest"
MOST_NAME = 80
"""Characters of the name that a respondent may give."""
_LARGEST = 1 << 20
"""Bytes of a response at most; real ones have some thousand."""
_MOST_MILLISECONDS = 2**53 - 1
"""The largest whole number that JavaScript holds."""

Answer = Literal["left", "right", "undecided", "yes", "no"]
ANSWERS: Mapping[str, tuple[Answer, ...]] = {
    "reconstruction": ("left", "right", "undecided"),
    "generation": ("yes", "no"),
}
"""What can be answered to each kind of question; the paper lets only its reconstructions be undecided."""


class Given(Settings):
    """An answer: to which question, what, and after how many milliseconds of looking at it."""

    question: str
    answer: Answer
    milliseconds: int = Field(ge=0, le=_MOST_MILLISECONDS)


class Response(Settings):
    """What a respondent's file holds.

    Attributes:
        survey: fingerprint of the survey.
        form: its number.
        response: chance, by which a file is recognised that comes twice.
        respondent: what the person wrote as a name; may be "".
        source: whether the app or the web page wrote it.
        started, saved: ISO 8601, UTC.
        finished: whether every question of the form was answered.
        answers: in the order in which they were given first.
    """

    kind: Literal["latent-loom-response"] = "latent-loom-response"
    version: int = VERSION
    survey: str
    form: int = Field(ge=1, le=MOST_FORM)
    response: str = Field(pattern="^[0-9a-f]{16}$")
    respondent: str = Field(default="", max_length=MOST_NAME)
    source: Literal["app", "page"] = "app"
    started: str
    saved: str
    finished: bool = False
    answers: tuple[Given, ...] = ()

    def answer_to(self, question: str) -> Given | None:
        """What was answered to a question."""
        return next((given for given in self.answers if given.question == question), None)


def begun(form: Form, respondent: str = "") -> Response:
    """A response without answers, begun now."""
    moment = now()
    return Response(
        survey=form.survey,
        form=form.number,
        response=secrets.token_hex(8),
        respondent=respondent[:MOST_NAME],
        started=moment,
        saved=moment,
    )


def answered(response: Response, form: Form, question: str, answer: Answer, milliseconds: int) -> Response:
    """The response with an answer more, or with another answer to a question; the times of one question add up."""
    before = response.answer_to(question)
    given = Given(
        question=question,
        answer=answer,
        milliseconds=milliseconds + (before.milliseconds if before is not None else 0),
    )
    if before is None:
        answers = (*response.answers, given)
    else:
        answers = tuple(given if each.question == question else each for each in response.answers)
    finished = len(answers) == len(form.items)
    return response.model_copy(update={"answers": answers, "finished": finished, "saved": now()})


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a response without its digest, as both its writers make it."""
    bare = {key: value for key, value in document.items() if key != DIGEST}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def document_of(response: Response) -> dict[str, Any]:
    """The response as it is written, with its digest."""
    document = response.model_dump(mode="json")
    return {**document, DIGEST: digest_of(document)}


def write_response(path: Path, response: Response) -> None:
    """Publish a response whole.

    Raises:
        LoomError: it cannot be written.
    """
    write_json(path, document_of(response))


def write_responses(files: Mapping[Path, Response]) -> None:
    """Publish several responses, all of them or none.

    Raises:
        LoomError: one cannot be written.
    """
    texts = {path: json_text(document_of(response)) for path, response in files.items()}
    export_all((path, partial(fill, text=text)) for path, text in texts.items())


def read_response(path: Path) -> Response:
    """Read a response as it was sent: a file of the page or of the app, or a text file into which it was copied.

    Raises:
        LoomError: it is missing, cut off, edited, or no response of a version that is known.
    """
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise LoomError(f"{path} is too large for a response ({size:,} bytes).", "Name the file that was sent.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    except UnicodeDecodeError as error:
        raise LoomError(f"{path} is no text, so no response.", "Name the file that was sent.") from error
    return response_of(text, str(path))


def response_of(text: str, name: str) -> Response:
    """A response from its text; `name` is what messages call it. Raises as `read_response`."""
    again = "Ask the respondent to send it again."
    if not text.strip():
        raise LoomError(f"{name} is empty.", again)
    try:
        document = json.loads(text)
        digest = digest_of(document) if isinstance(document, dict) else ""
    except ValueError as error:
        raise LoomError(f"{name} is cut off or no JSON, so no whole response.", again) from error
    except RecursionError as error:
        raise LoomError(f"{name} is cut off or no response: it is nested too deeply.", again) from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise LoomError(f"{name} is no response to a survey.", "Name the file that the page or the app has written.")
    if document.get("version") != VERSION:
        raise LoomError(
            f"{name} has version {document.get('version')!r}; this program reads version {VERSION}.",
            "Read it with the version of Latent Loom that made the survey.",
        )
    if document.get(DIGEST) != digest:
        raise LoomError(f"{name} was changed after it was written, so its answers cannot be relied on.", again)
    try:
        return Response.model_validate({key: value for key, value in document.items() if key != DIGEST})
    except ValidationError as error:
        raise LoomError(f"{name}: {wrong_field(error)}.", again) from error


def check_response(response: Response, form: Form, name: str) -> None:
    """Whether a response answers this form of this survey.

    Args:
        response: to be checked.
        form: of the number that the response names.
        name: what messages call it.

    Raises:
        LoomError: it is of another survey, or answers what the form does not ask, or one thing twice.
    """
    if response.survey != form.survey:
        raise LoomError(
            f"{name} answers another survey (its fingerprint begins {response.survey[:8]}, this one's "
            f"{form.survey[:8]}).",
            "Merge it into the survey that it was made for.",
        )
    again = "Ask the respondent to send it again."
    possible = ANSWERS[form.kind]
    counts = Counter(given.question for given in response.answers)
    for given in response.answers:
        if form.item(given.question) is None:
            raise LoomError(f"{name} answers {given.question!r}, which form {form.number} does not ask.", again)
        if given.answer not in possible:
            raise LoomError(f"{name} answers {given.answer!r} where only {', '.join(possible)} can be.", again)
        if counts[given.question] > 1:
            raise LoomError(f"{name} answers {given.question!r} {counts[given.question]} times.", again)
    if response.finished != (len(response.answers) == len(form.items)):
        state = "finished" if response.finished else "unfinished"
        raise LoomError(
            f"{name} calls itself {state} with {len(response.answers)} of {len(form.items)} answers.", again
        )
