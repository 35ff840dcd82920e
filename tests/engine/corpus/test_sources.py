"""Every kind of source gives the same sentences."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from engine.corpus.reading import Reading
from engine.corpus.sources import open_source
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.errors import LoomError, UsageError
from engine.events import Note
from tests.engine.corpus.preparing import all_texts, prepared, run, sentences, write_lines

LINES = [*sentences(120), 'She said, "No; not I" and left.', "Il était très content\tce jour, the café."]
EXPECTED = {" ".join(tokenize(line)) for line in LINES}


def _text(path: Path) -> None:
    write_lines(path, LINES)


def _windows_text(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + "".join(line + "\r\n" for line in LINES).encode())


def _utf_16(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + "".join(line + "\r\n" for line in LINES).encode("utf-16-le"))


def _utf_16_of_a_mac(path: Path) -> None:
    path.write_bytes(b"\xfe\xff" + "\n".join(LINES).encode("utf-16-be"))


def _old_mac_text(path: Path) -> None:
    path.write_bytes("\r".join(LINES).encode())


def _gzip(path: Path) -> None:
    # Two members, as `cat a.gz b.gz` makes.
    halves = ("\n".join(LINES[:50]) + "\n", "\n".join(LINES[50:]))
    path.write_bytes(b"".join(gzip.compress(half.encode()) for half in halves))


def _zstd(path: Path) -> None:
    halves = ("\n".join(LINES[:50]) + "\n", "\n".join(LINES[50:]))
    path.write_bytes(b"".join(zstandard.compress(half.encode()) for half in halves))


def _json_lines(path: Path) -> None:
    records = [{"id": str(i), "text": line, "tags": []} for i, line in enumerate(LINES)]
    write_lines(path, map(json.dumps, records))


def _json_strings(path: Path) -> None:
    write_lines(path, map(json.dumps, LINES))


def _packed_json_lines(path: Path) -> None:
    path.write_bytes(gzip.compress("\n\n".join(json.dumps({"Sentence": line}) for line in LINES).encode()))


def _csv(path: Path) -> None:
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "label", "remark"])
        writer.writerows([i, "good", line] for i, line in enumerate(LINES))


def _german_csv(path: Path) -> None:
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(["TEXT", "year"])
        writer.writerows([line, 1999] for line in LINES)


def _tsv(path: Path) -> None:
    write_lines(
        path, ["number\tsentence", *(f"{i}\t{line}".replace("content\t", "content ") for i, line in enumerate(LINES))]
    )


def _parquet(path: Path) -> None:
    table = pa.table({"id": range(len(LINES)), "title": LINES, "text": pa.array(LINES).dictionary_encode()})
    pq.write_table(table, path, row_group_size=50)


@pytest.mark.parametrize(
    ("name", "write", "column"),
    [
        ("a.txt", _text, None),
        ("a.TXT", _windows_text, None),
        ("mac.txt", _old_mac_text, None),
        ("notepad.txt", _utf_16, None),
        ("big-endian.txt", _utf_16_of_a_mac, None),
        ("a.txt.gz", _gzip, None),
        ("corpus.en.gz", _gzip, None),
        ("a.zst", _zstd, None),
        ("a.jsonl", _json_lines, "text"),
        ("a.ndjson", _json_strings, None),
        ("a.jsonl.gz", _packed_json_lines, "Sentence"),
        ("a.csv", _csv, "remark"),
        ("german.csv", _german_csv, "TEXT"),
        ("a.tsv", _tsv, "sentence"),
        ("a.parquet", _parquet, "text"),
    ],
)
def test_every_type_of_file_gives_the_same_sentences(
    tmp_path: Path, name: str, write: Callable[[Path], None], column: str | None
) -> None:
    write(tmp_path / name)
    result, events = run(tmp_path / name, tmp_path / "corpus")
    assert result["sentences"] == len(LINES)
    assert all_texts(Corpus.open(tmp_path / "corpus")) == EXPECTED
    columns = [event.text for event in events if isinstance(event, Note) and "taken" in event.text]
    assert columns == ([f"The text is taken from the column {column!r}."] if column else [])


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet", "hf:owner/books"])
def test_the_column_that_is_asked_for_is_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = [f"Another text {n} of some words." for n in range(len(LINES))]
    records = [{"text": a, "my remark": b.replace("\t", " ")} for a, b in zip(other, LINES, strict=True)]
    monkeypatch.setitem(sys.modules, "datasets", _Hub(records))
    path = tmp_path / name
    if name == "a.jsonl":
        write_lines(path, map(json.dumps, records))
    elif name == "a.csv":
        with open(path, "w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, records[0])
            writer.writeheader()
            writer.writerows(records)
    elif name == "a.tsv":
        write_lines(path, ["text\tmy remark", *("\t".join(record.values()) for record in records)])
    elif name == "a.parquet":
        pq.write_table(pa.Table.from_pylist([{**record, "n": 1} for record in records]), path)
    source = name if name.startswith("hf:") else path
    corpus = prepared(source, tmp_path / "c", column="my remark")
    assert all_texts(corpus) == EXPECTED
    assert corpus.settings["column"] == "my remark"
    assert not all_texts(prepared(source, tmp_path / "default")) & EXPECTED
    with pytest.raises(LoomError, match=r"no column 'remark' in .*; the columns are text, my remark") as refused:
        run(source, tmp_path / "other", column="remark")
    assert "--column NAME" in refused.value.hint
    if name == "a.parquet":
        with pytest.raises(LoomError, match=r"column 'n' of .* holds no text"):
            run(source, tmp_path / "other", column="n")


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.gz", "demo"])
def test_a_column_of_plain_text_is_wrong_usage(tmp_path: Path, name: str) -> None:
    source = name if name == "demo" else write_lines(tmp_path / name, LINES)
    with pytest.raises(UsageError, match="has no columns"):
        run(source, tmp_path / "c", column="text")


def test_a_folder_stands_for_the_files_in_it_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    write_lines(folder / "c.txt", LINES[80:])
    write_lines(folder / "b" / "inner.jsonl", [json.dumps({"text": line}) for line in LINES[40:80]])
    write_lines(folder / "a.txt", LINES[:40])
    (folder / "empty.txt").touch()
    (folder / "lost.txt").symlink_to(folder / "nowhere.txt")
    (folder / "notes.md").write_text("# Not this")
    write_lines(folder / ".git" / "hidden.txt", ["This hidden line is not read."])
    reading = Reading()
    read = [line for batch in open_source(str(folder))(reading) for line in batch if line]
    assert read == LINES
    assert (
        reading.done
        == reading.total
        == sum(
            path.stat().st_size
            for path in folder.rglob("*[cra].*[tl]")
            if path.is_file() and path.parent.name != ".git"
        )
    )
    assert any("1 .md" in note for note in reading.notes)
    assert any("empty.txt is empty" in note for note in reading.notes)


def test_values_that_are_no_text_are_counted(tmp_path: Path) -> None:
    records = [{"text": line} for line in LINES] + [{"text": 7}, {"text": None}, {"other": "No text in this one."}, 3]
    result, _ = run(write_lines(tmp_path / "a.jsonl", map(json.dumps, records)), tmp_path / "c")
    assert result["dropped"] == {"not_text": 4}


def test_half_characters_and_zeros_in_json_do_no_harm(tmp_path: Path) -> None:
    line = r'{"text": "A strange \ud83d mark and a\u0000zero here."}'
    corpus = prepared(write_lines(tmp_path / "a.jsonl", [line]), tmp_path / "c", test_fraction=0)
    assert all_texts(corpus) == {"a strange ? mark and a zero here ."}


def test_spreadsheet_quotes_in_a_tsv_file_are_removed(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.tsv", ["text\tn", '"The dog said ""no"" to us."\t1', '"All of this is quoted."\t2']
    )
    assert all_texts(prepared(path, tmp_path / "c", test_fraction=0)) == {
        'the dog said " no " to us .',
        "all of this is quoted .",
    }
    path = write_lines(tmp_path / "b.tsv", ["text\tn", 'The dog said "no" to us.\t1', '"All of this is said."\t2'])
    assert all_texts(prepared(path, tmp_path / "d", test_fraction=0)) == {
        'the dog said " no " to us .',
        '" all of this is said . "',
    }


def test_csv_values_may_span_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,n\n"The dog saw\nthe old house.",1\n\nThe cat saw it too.,2\n')
    expected = {"the dog saw the old house .", "the cat saw it too ."}
    assert all_texts(prepared(path, tmp_path / "c", test_fraction=0)) == expected


class _Hub(types.ModuleType):
    """Stands in for the library `datasets`, which is not among the requirements."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        super().__init__("datasets")
        self.records = records
        self.asked: tuple[Any, ...] = ()

    def load_dataset(self, *names: str | None, split: str, streaming: bool) -> Iterator[dict[str, Any]]:
        self.asked = (*names, split, streaming)
        if names[0] == "nobody/nothing":
            raise FileNotFoundError("Dataset 'nobody/nothing' doesn't exist on the Hub.")
        return iter(self.records)


def test_a_dataset_of_the_hub_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = _Hub([{"id": "x1", "line": line} for line in LINES])
    monkeypatch.setitem(sys.modules, "datasets", hub)
    corpus = prepared("hf:owner/books:plain", tmp_path / "c")
    assert hub.asked == ("owner/books", "plain", "train", True)
    assert all_texts(corpus) == EXPECTED


def test_what_goes_wrong_with_the_hub_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", _Hub([]))
    with pytest.raises(LoomError, match="nobody/nothing cannot be read"):
        run("hf:nobody/nothing", tmp_path / "c")
    with pytest.raises(LoomError, match="holds no text"):
        run("hf:owner/books", tmp_path / "c")
    with pytest.raises(UsageError, match="No dataset is named"):
        run("hf:", tmp_path / "c")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(LoomError, match="needs the library `datasets`") as refused:
        run("hf:owner/books", tmp_path / "c")
    assert "pip install datasets" in refused.value.hint


def test_the_demo_is_read_from_what_is_shipped(tmp_path: Path) -> None:
    result, _ = run("demo", tmp_path / "demo", limit=3000, max_words=16)
    assert result["sentences"] == 3000
    assert not result["dropped"]
    texts = list(Corpus.open(tmp_path / "demo").test_texts())
    assert all(text.lstrip('"')[0].isupper() and text.rstrip('"')[-1] in ".!?" for text in texts)
