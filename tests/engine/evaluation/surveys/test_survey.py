"""A survey's file: what is written is read, and nothing else is taken for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.evaluation.surveys.survey import fingerprint_of, opaque_id, read_survey, write_survey
from tests.conftest import change_json
from tests.engine.evaluation.surveys.rooms import TRICKY, a_survey


def test_a_survey_is_read_as_it_was_written(tmp_path: Path) -> None:
    survey = a_survey(tricky=TRICKY)
    write_survey(tmp_path / "survey.json", survey)
    assert read_survey(tmp_path / "survey.json") == survey


def test_the_fingerprint_tells_what_is_asked_and_not_when() -> None:
    survey = a_survey()
    later = survey.model_copy(update={"created": "2027-01-01T00:00:00+00:00", "name": "other"})
    assert fingerprint_of(later) == survey.fingerprint
    assert fingerprint_of(survey.model_copy(update={"models": {**survey.models, "a": "new"}})) != survey.fingerprint
    assert a_survey(seed=1).fingerprint != survey.fingerprint


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "survey.json"
    write_survey(path, a_survey())
    whole = path.read_text(encoding="utf-8")
    for damaged, said in (
        (whole[: len(whole) // 2], "not valid JSON"),
        (whole[:300].rsplit(",", 1)[0] + ",", r"not valid JSON \(it is cut off in line \d+\)"),
        (whole.replace("sentence 3", "sentence 4", 1), "was changed"),
        (json.dumps({"kind": "latent-loom-run"}), "no survey"),
        (whole.replace('"version": 1', '"version": 2', 1), "reads version 1"),
    ):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(LoomError, match=said):
            read_survey(path)
    path.write_text(whole, encoding="utf-8")
    change_json(path, seed=5)  # unsealed by a person: its questions are no more those of its fingerprint
    with pytest.raises(LoomError, match="fingerprint"):
        read_survey(path)
    change_json(path, questions=[])
    with pytest.raises(LoomError, match=r"survey\.json: .*fewer than 4 questions"):
        read_survey(path)
    change_json(path, asked="many")
    with pytest.raises(LoomError, match="asked is not of the kind that stands there"):
        read_survey(path)


def test_ids_tell_nothing_and_are_all_different() -> None:
    ids = [opaque_id("secret", number) for number in range(1000)]
    assert len(set(ids)) == 1000
    assert ids != sorted(ids)
    assert ids[:5] != [opaque_id("other", number) for number in range(5)]
