"""Parquet: text in columns of text or of bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.corpus.reading import Reading
from engine.corpus.records.parquet import parquet_texts
from engine.errors import UsageError
from tests.engine.corpus.preparing import sentences

SAID = [*sentences(150), "Il était très content ce jour."]


def read(path: Path, table: pa.Table, column: str | None = None) -> tuple[list[str], Reading]:
    pq.write_table(table, path)
    reading = Reading(asked=(column,) if column else ())
    return [text for batch in parquet_texts(path, reading) for text in batch], reading


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_text_is_read_from_columns_of_text_and_of_bytes(tmp_path: Path, kind: pa.DataType):
    values = pa.array(SAID, pa.string()).cast(kind)
    found, reading = read(tmp_path / "a.parquet", pa.table({"n": list(range(len(SAID))), "body": values}))
    assert (found, reading.taken) == (SAID, "body")


def test_bytes_that_are_no_text_are_counted(tmp_path: Path):
    values = [*(line.encode() for line in SAID), b"\xff\xfe\x00"]
    found, reading = read(tmp_path / "a.parquet", pa.table({"text": pa.array(values, pa.binary())}))
    assert (found, reading.dropped) == (SAID, {"not_text": 1})


def test_of_two_texts_it_is_asked_which(tmp_path: Path):
    table = pa.table({"premise": SAID, "hypothesis": SAID[::-1], "label": ["yes"] * len(SAID)})
    with pytest.raises(UsageError, match=r"premise \(“.*; hypothesis \(“"):
        read(tmp_path / "a.parquet", table)
    assert read(tmp_path / "a.parquet", table, "hypothesis")[0] == SAID[::-1]


def test_text_within_structures_and_lists_is_read(tmp_path: Path):
    table = pa.table({"n": list(range(len(SAID))), "said": [{"en": line, "by": i} for i, line in enumerate(SAID)]})
    found, reading = read(tmp_path / "a.parquet", table)
    assert (found, reading.taken) == (SAID, "said.en")
    assert read(tmp_path / "a.parquet", table, "said.en")[0] == SAID
    assert read(tmp_path / "a.parquet", pa.table({"sentences": [SAID[:70], SAID[70:], None]}))[0] == SAID


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
def test_numbers_of_single_precision_are_those_that_were_written(tmp_path: Path, kind: pa.DataType):
    scores = [round(0.1 * (i % 11), 1) for i in range(len(SAID))]
    array = pa.array(np.array(scores, kind.to_pandas_dtype()), kind)
    table = pa.table({"text": SAID, "score": array})
    pq.write_table(table, tmp_path / "a.parquet")
    reading = Reading(keep=("score",))
    values = [each for batch in parquet_texts(tmp_path / "a.parquet", reading) for each in batch.values]  # type: ignore[attr-defined]
    assert [score for (score,) in values] == scores
