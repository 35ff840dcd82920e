"""A respondent's file: it survives being sent, and what happened to it on the way is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LoomError
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.response import (
    Response,
    answered,
    begun,
    check_response,
    digest_of,
    document_of,
    read_response,
    response_of,
    write_response,
)
from tests.engine.evaluation.surveys.rooms import a_survey, respond

SURVEY = a_survey()
WHOLE = respond(SURVEY, 3, lambda item: "first", who="Ann 王 😀")


def test_it_is_read_as_it_was_written_also_reformatted_by_a_mail_program(tmp_path: Path) -> None:
    write_response(tmp_path / "a.json", WHOLE)
    assert read_response(tmp_path / "a.json") == WHOLE
    text = "\ufeff\r\n  " + json.dumps(document_of(WHOLE), ensure_ascii=True).replace(", ", ",\r\n\t") + "\r\n\r\n"
    (tmp_path / "mail.txt").write_bytes(text.encode())
    assert read_response(tmp_path / "mail.txt") == WHOLE


@given(st.text(max_size=80))
def test_any_name_comes_back(name: str) -> None:
    response = begun(form_of(SURVEY, 1), name)
    assert response_of(json.dumps(document_of(response)), "it") == response


def test_an_answer_that_is_changed_replaces_the_first_and_adds_its_time() -> None:
    form = form_of(SURVEY, 1)
    response = begun(form)
    first, second = (item.question.id for item in form.items[:2])
    for id, answer, time in ((first, "left", 100), (second, "right", 200), (first, "undecided", 50)):
        response = answered(response, form, id, answer, time)  # type: ignore[arg-type]
    assert [(each.question, each.answer, each.milliseconds) for each in response.answers] == [
        (first, "undecided", 150),
        (second, "right", 200),
    ]
    assert not response.finished
    assert WHOLE.finished


def test_every_character_that_is_changed_is_found() -> None:
    document = document_of(WHOLE)
    for key, value in (("form", 4), ("respondent", "Bob"), ("finished", False), ("response", "0" * 16)):
        changed = {**document, key: value}
        with pytest.raises(LoomError, match="was changed"):
            response_of(json.dumps(changed), "it")
    answers = [dict(each) for each in document["answers"]]
    answers[0]["answer"] = "right" if answers[0]["answer"] == "left" else "left"
    for changed in ({**document, "answers": answers}, {key: document[key] for key in document if key != "digest"}):
        with pytest.raises(LoomError, match="was changed"):
            response_of(json.dumps(changed), "it")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_one_that_was_cut_off_is_told(share: float) -> None:
    text = json.dumps(document_of(WHOLE))
    with pytest.raises(LoomError, match="cut off"):
        response_of(text[: int(share * len(text))], "it")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "no text"),
        (b"[1, 2]", "no response to a survey"),
        (b"[" * 100_000, "cut off or no response: it is nested too deeply"),
        (b'{"kind": "latent-', "is cut off or no JSON"),
        (json.dumps({"kind": "latent-loom-response", "version": 9}).encode(), "reads version 1"),
        (b" " * (2 << 20), "too large"),
    ],
)
def test_what_is_no_response_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "sent.json"
    path.write_bytes(content)
    with pytest.raises(LoomError, match=said):
        read_response(path)
    with pytest.raises(LoomError, match="Reading"):
        read_response(tmp_path / "missing.json")


def forged(**changed: object) -> Response:
    """A response with a right digest and wrong content, as a program would make it that is not ours."""
    document = {**WHOLE.model_dump(mode="json"), **changed}
    return response_of(json.dumps({**document, "digest": digest_of(document)}), "it")


def test_content_that_cannot_be_is_refused_by_its_key() -> None:
    for changed, said in (
        ({"form": 0}, "it: form is too small a number"),
        ({"form": "x"}, "it: form is not of the kind"),
        ({"response": "../../x"}, "it: response is not written as"),
        ({"answers": [{"question": "a", "answer": "maybe", "milliseconds": 1}]}, "answers.0.answer is none of the"),
        ({"answers": [{"question": "a", "answer": "left", "milliseconds": -1}]}, "answers.0.milliseconds is too small"),
        ({"answers": [{"question": "a", "answer": "left"}]}, "answers.0.milliseconds is missing"),
        ({"respondent": "x" * 99}, "it: respondent is too long"),
        ({"more": 1}, "it: more is no field"),
    ):
        with pytest.raises(LoomError, match=said):
            forged(**changed)


def test_it_must_be_of_this_survey_and_form() -> None:
    form = form_of(SURVEY, 3)
    check_response(WHOLE, form, "it")
    given = [each.model_dump() for each in WHOLE.answers]
    strange = {**given[0], "question": "0" * 12}
    for response, said in (
        (WHOLE.model_copy(update={"survey": "f" * 64}), "another survey"),
        (forged(answers=[strange, *given[1:]]), "which form 3 does not ask"),
        (forged(answers=[*given[:-1], given[0]]), "2 times"),
        (forged(answers=given[:-1]), "calls itself finished with 13 of 14"),
        (forged(answers=[{**given[0], "answer": "yes"}, *given[1:]]), "only left, right, undecided"),
    ):
        with pytest.raises(LoomError, match=said):
            check_response(response, form, "it")
    with pytest.raises(LoomError, match="does not ask"):
        check_response(WHOLE, form_of(SURVEY, 4), "it")
