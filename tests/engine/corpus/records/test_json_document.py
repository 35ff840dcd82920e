"""JSON documents: lists of records, read as a stream."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.corpus.reading import Reading
from engine.corpus.sources import open_source
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import run, sentences, write_lines

SAID = [*sentences(3000), "Il était très content ce jour."]


def read(path: Path, document: Any, column: str | None = None, **how: Any) -> tuple[list[str], Reading]:
    text = json.dumps(document, **how)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    reading = Reading(asked=(column,) if column else ())
    return [text for batch in open_source(str(path), [column] if column else [])(reading) for text in batch], reading


@pytest.mark.parametrize("how", [{}, {"indent": 2}, {"ensure_ascii": False}])
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_list_of_records_and_a_list_of_texts_give_their_sentences(tmp_path: Path, name: str, how: dict[str, Any]):
    records = [{"id": i, "about": {"text": line}, "score": 0.1} for i, line in enumerate(SAID)]
    found, reading = read(tmp_path / name, records, **how)
    assert (found, reading.taken) == (SAID, "about.text")
    assert reading.done == reading.total == (tmp_path / name).stat().st_size
    assert read(tmp_path / name, SAID, **how)[0] == SAID


def test_the_only_list_of_an_object_is_read_and_told(tmp_path: Path):
    document = {"version": 1, "data": {"rows": [{"text": line, "words": line.split()} for line in SAID]}}
    found, reading = read(tmp_path / "a.json", document)
    assert found == SAID
    assert "The records are those of the list 'data.rows'." in reading.notes
    with pytest.raises(UsageError, match="several lists: train, test"):
        read(tmp_path / "a.json", {"train": SAID, "test": SAID})
    with pytest.raises(LoomError, match="without a list"):
        read(tmp_path / "a.json", {"text": SAID[0]}, indent=1)


def test_one_value_a_line_is_read_as_such(tmp_path: Path):
    write_lines(tmp_path / "a.json", (json.dumps({"text": line}) for line in SAID))
    assert [text for batch in open_source(str(tmp_path / "a.json"))(Reading()) for text in batch] == SAID


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (json.dumps(SAID)[:-40].encode(), "cut off"),
        (b'[{"text": "a"}, oops]', "is not JSON"),
        (b"The dog saw us.", "is not JSON"),
        (b'["The dog saw us.\xff"]', "is not JSON"),
    ],
)
def test_what_is_no_json_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes, said: str):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(LoomError, match=said) as refused:
        run(tmp_path / "a.json", tmp_path / "corpus")
    assert str(tmp_path / "a.json") in refused.value.message
    assert not (tmp_path / "corpus").exists()


def test_in_a_folder_json_is_about_the_texts(tmp_path: Path):
    (tmp_path / "about.json").write_text('{"name": "books", "authors": ["Ann Lee"]}')
    write_lines(tmp_path / "a.txt", SAID)
    reading = Reading()
    assert [text for batch in open_source(str(tmp_path))(reading) for text in batch] == SAID
    assert any("1 .json" in note for note in reading.notes)
