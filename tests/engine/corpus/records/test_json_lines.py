"""Records of JSON: whichever of them lacks the text, however deep it lies."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.corpus.reading import Reading
from engine.corpus.records.json_lines import json_texts
from engine.corpus.sources import open_source
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import sentences

SAID = sentences(150)


def read(path: Path, records: list[Any], column: str | None = None) -> tuple[list[str], Reading]:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    reading = Reading(asked=(column,) if column else ())
    return [text for batch in json_texts(path, reading) for text in batch], reading


def test_the_first_records_may_lack_the_text(tmp_path: Path):
    records = [{"id": 1, "note": "By Ann Lee"}, {"id": 2}, *({"id": i, "text": line} for i, line in enumerate(SAID))]
    found, reading = read(tmp_path / "a.jsonl", records)
    assert found == SAID
    assert reading.dropped == {"not_text": 2}


@pytest.mark.parametrize("column", [None, "review.body"])
def test_a_text_within_a_value_has_a_name_with_dots(tmp_path: Path, column: str | None):
    found, reading = read(
        tmp_path / "a.jsonl", [{"id": "x", "review": {"stars": 4, "body": line}} for line in SAID], column
    )
    assert (found, reading.taken) == (SAID, "review.body")
    assert reading.columns == ["id", "review.stars", "review.body"]


def test_a_name_that_has_a_dot_itself_comes_first(tmp_path: Path):
    records = [{"a": {"b": "Not this one here."}, "a.b": line} for line in SAID]
    assert read(tmp_path / "a.jsonl", records, "a.b")[0] == SAID


def test_of_a_list_of_texts_each_is_one(tmp_path: Path):
    found, _ = read(tmp_path / "a.jsonl", [{"sentences": SAID[:70]}, {"sentences": SAID[70:]}, {"sentences": []}])
    assert found == SAID


def test_records_among_plain_texts(tmp_path: Path):
    assert read(tmp_path / "a.jsonl", [SAID[0], {"text": SAID[1]}, SAID[2]])[0] == SAID[:3]
    late = [*SAID[:120], {"said": SAID[120]}]
    assert read(tmp_path / "b.jsonl", late)[0] == SAID[:121]


def test_of_two_texts_it_is_asked_which(tmp_path: Path):
    records = [{"sentence1": one, "sentence2": other} for one, other in pairwise(SAID)]
    with pytest.raises(UsageError, match=r"sentence1 \(“.*; sentence2 \(“") as refused:
        read(tmp_path / "a.jsonl", records)
    assert "--column NAME" in refused.value.hint
    assert read(tmp_path / "a.jsonl", records, "sentence2")[0] == SAID[1:]


def test_records_without_any_text_say_what_they_have(tmp_path: Path):
    with pytest.raises(LoomError, match=r"holds text; the columns are id, size\.cm"):
        read(tmp_path / "a.jsonl", [{"id": 1, "size": {"cm": 2}}] * 3)


def test_a_whole_list_may_stand_on_a_line(tmp_path: Path):
    assert read(tmp_path / "a.jsonl", [[{"text": line} for line in SAID]])[0] == SAID
    (tmp_path / "b.jsonl").write_text(json.dumps(SAID, indent=1), "utf-8")
    with pytest.raises(LoomError, match="line 1, is not JSON") as refused:
        list(json_texts(tmp_path / "b.jsonl", Reading()))
    assert ".json" in refused.value.hint


@pytest.mark.parametrize("column", [None, "tokens"])
def test_a_list_of_words_is_a_sentence_and_a_list_of_sentences_several(tmp_path: Path, column: str | None):
    words = ["The", "European", "Commission", "said", "2", "on", "Thursday", "."]
    path = tmp_path / "a.jsonl"
    record = {"id": "a", "tokens": words, "tags": [0, 1, 1, 0, 0, 0, 0, 0]}
    path.write_text("\n".join([json.dumps(record)] * 9), "utf-8")
    reading = Reading(asked=(column,) if column else ())
    found = [text for batch in open_source(str(path), reading.asked)(reading) for text in batch]
    assert found == [" ".join(words)] * 9
    assert reading.given is True
    assert any("a list is read as a sentence" in note for note in reading.notes)
    path.write_text("\n".join([json.dumps({"id": "a", "tokens": ["It rained.", "We left."]})] * 9), "utf-8")
    reading = Reading(asked=(column,) if column else ())
    found = [text for batch in open_source(str(path), reading.asked)(reading) for text in batch]
    assert found == ["It rained.", "We left."] * 9
