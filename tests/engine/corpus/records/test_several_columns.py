"""Records whose text stands in several columns, such as stories of five sentences."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.corpus.earlier import command_of
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.errors import LoomError
from engine.events import Note
from tests.engine.corpus.preparing import run, sentences, train_texts

TEXTS = sentences(120)
ROWS = [{"id": i, "title": f"A good title {i}", "one": TEXTS[2 * i], "two": TEXTS[2 * i + 1]} for i in range(60)]


def _csv(path: Path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)


def _tsv(path: Path) -> None:
    lines = ["\t".join(ROWS[0]), *("\t".join(map(str, row.values())) for row in ROWS)]
    path.write_text("\n".join(lines), encoding="utf-8")


WRITERS: dict[str, Callable[[Path], object]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8"),
    ".json": lambda path: path.write_text(json.dumps(ROWS), encoding="utf-8"),
    ".parquet": lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path),
}


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_column_that_was_asked_for_is_read_and_no_other(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"stories{suffix}"
    WRITERS[suffix](path)
    _, events = run(path, tmp_path / "c", column=("one", "two"), test_fraction=0.0)
    corpus = Corpus.open(tmp_path / "c")
    assert train_texts(corpus) == {" ".join(tokenize(text)) for text in TEXTS}
    first = [" ".join(corpus.vocabulary.decode(corpus.train.ids(i))) for i in range(2)]
    assert first == [" ".join(tokenize(ROWS[0][name])) for name in ("one", "two")]
    assert any("the columns 'one', 'two'" in event.text for event in events if isinstance(event, Note))
    again = shlex.split(command_of(tmp_path / "c"))
    assert [again[i + 1] for i, word in enumerate(again) if word == "--column"] == ["one", "two"]
    run(path, tmp_path / "c", column=("one", "two"), test_fraction=0.0)  # the same again changes nothing
    with pytest.raises(LoomError, match="no column 'three'"):
        run(path, tmp_path / "other", column=("one", "three"))


def test_lists_and_texts_are_read_in_their_order(tmp_path: Path) -> None:
    records = [{"head": TEXTS[3 * i], "rest": [TEXTS[3 * i + 1], TEXTS[3 * i + 2]]} for i in range(40)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    run(path, tmp_path / "c", column=("head", "rest"), test_fraction=0.0)
    corpus = Corpus.open(tmp_path / "c")
    found = [" ".join(corpus.vocabulary.decode(corpus.train.ids(i))) for i in range(len(corpus.train))]
    assert found == [" ".join(tokenize(text)) for text in TEXTS]
