"""Bad input gives one clear message with a next step, and leaves nothing half-made."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import all_texts, entries, run, sentences, write_lines

TEXT = "".join(line + "\n" for line in sentences(8000))


def _json_with(line: str) -> bytes:
    good = json.dumps({"text": "The dog saw the old house."}) + "\n"
    return (good * 2500 + line + "\n" + good).encode()


def _parquet(table: pa.Table, path: Path) -> bytes:
    pq.write_table(table, path)
    return path.read_bytes()


CASES: list[tuple[str, Callable[[], bytes], str]] = [
    ("a.txt", lambda: b"", "a.txt is empty"),
    ("a.txt", lambda: b"\n \n\n", "is left: 3 empty"),
    ("a.txt", lambda: b"Some text\nand\x00 more\n", "not a text file: byte 13, on line 2"),
    ("a.txt", lambda: TEXT.encode() + b"\nx\0y", r"not a text file: byte \d+, on line 8002"),
    ("a.txt", lambda: "Der Bär schläft.\n".encode("latin-1"), "line 1, byte 5 of the text, holds 0xe4"),
    ("a.txt", lambda: TEXT.encode() + b"caf\xe9\n", rf"line 8001, byte {len(TEXT) + 3} of the text, holds 0xe9"),
    ("a.txt", lambda: TEXT.encode("utf-16") + b"\x00", rf"begins as UTF-16 and is not: near byte {2 * len(TEXT) + 3}"),
    ("a.txt", lambda: TEXT.encode("utf-16-le"), "not a text file: byte 1, on line 1"),
    ("a.txt", lambda: b"%PDF-1.7\n1 0 obj", "is a PDF document"),
    ("a.txt", lambda: gzip.compress(b"text"), "compressed with gzip, but its name"),
    ("a.gz", lambda: b"Plain text in truth.\n", "is not compressed with gzip, though its name ends in .gz"),
    (
        "a.gz",
        lambda: gzip.compress(TEXT.encode())[:-2000],
        r"damaged or cut off after line [1-9]\d+: Compressed file ended",
    ),
    ("a.zst", lambda: b"Plain text in truth.\n", "is not compressed with zstd, though its name ends in .zst"),
    ("a.zst", lambda: zstandard.compress(TEXT.encode())[:-2000], r"damaged or cut off after line \d+: .*too early"),
    ("a.jsonl", lambda: _json_with('{"text": "cut'), "a.jsonl, line 2501, is not JSON"),
    ("a.jsonl", lambda: b'{"id": 1, "size": 2}\n', "the columns are id, size"),
    ("a.jsonl.gz", lambda: gzip.compress(_json_with(""))[:-40], "damaged or cut off (after|in) line"),
    ("a.gz", lambda: gzip.compress(b"A first line that is not there to its end.")[:-12], "cut off in line 1: "),
    ("a.csv", lambda: b"id,size\n1,2\n3,4\n", "the columns are id, size"),
    ("a.csv", lambda: b'text\nFine so far.\n"Never closed\n' + TEXT.encode() * 7, "from line 3, is not proper CSV"),
    ("a.parquet", lambda: b"PAR1 no table here PAR1", "cannot be read as Parquet"),
    ("a.parquet.gz", lambda: b"x", "compressed Parquet"),
    ("a.pdf", lambda: b"%PDF", "of a type that cannot be read"),
    ("LICENSE", lambda: b"text", "no suffix"),
]


@pytest.mark.parametrize(("name", "content", "said"), CASES)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(
    tmp_path: Path, name: str, content: Callable[[], bytes], said: str
) -> None:
    source = tmp_path / name
    source.write_bytes(content())
    (tmp_path / "corpora").mkdir()
    with pytest.raises(LoomError, match=said) as refused:
        run(source, tmp_path / "corpora" / "mine")
    assert str(source) in refused.value.message
    assert refused.value.hint
    assert entries(tmp_path / "corpora") == []


def test_a_parquet_file_must_be_whole_and_hold_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    whole = _parquet(pa.table({"text": sentences(3000)}), path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LoomError, match="cannot be read as Parquet"):
        run(path, tmp_path / "c")
    # Damage in the middle of the pages, with an intact end.
    path.write_bytes(whole[:40] + bytes(2000) + whole[2040:])
    with pytest.raises(LoomError, match=r"Parquet|is damaged"):
        run(path, tmp_path / "c")
    _parquet(pa.table({"size": [1, 2], "weight": [1.0, 2.0]}), path)
    with pytest.raises(LoomError, match=r"no column of text; its columns are size \(int64\), weight \(double\)"):
        run(path, tmp_path / "c")


def test_a_missing_source_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file or folder") as refused:
        run(tmp_path / "none.txt", tmp_path / "c")
    assert refused.value.exit_code == 2


def test_a_folder_without_text_says_what_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "photo.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(LoomError, match="holds no file of text") as refused:
        run(tmp_path / "texts", tmp_path / "c")
    assert ".parquet" in refused.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read by this user")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", sentences(10))
    path.chmod(0)
    with pytest.raises(LoomError, match=r"No permission for reading .*a\.txt"):
        run(path, tmp_path / "c")


def test_when_everything_is_filtered_out_the_reasons_and_the_change_are_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", ["Short one.", "Me too.", "word " * 50, ""])
    with pytest.raises(LoomError) as refused:
        run(path, tmp_path / "c", max_words=20)
    assert refused.value.message.endswith("is left: 2 shorter than 5 tokens, 1 empty, 1 longer than 20 tokens.")
    assert refused.value.hint == "You can lower --min-words or raise --max-words."


def test_when_everything_falls_into_the_test_set_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="fell into the test set") as refused:
        run(write_lines(tmp_path / "a.txt", sentences(3)), tmp_path / "c", test_fraction=0.999999)
    assert "--test-fraction" in refused.value.hint


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("size", [1_000_001, 1_400_000, 3_000_000])
def test_a_huge_line_is_dropped_and_counted(tmp_path: Path, place: str, size: int) -> None:
    lines = sentences(9000)
    huge = "x " * (size // 2) + "y"
    lines.insert({"first": 0, "middle": 7500, "last": 9000}[place], huge)
    result, _ = run(write_lines(tmp_path / "a.txt", lines), tmp_path / "c")
    assert result["sentences"] == 9000
    assert result["dropped"] == {"huge_line": 1}


def test_a_huge_line_does_not_shift_the_line_numbers_of_errors(tmp_path: Path) -> None:
    for size in (1_000_050, 2_500_000):
        huge = json.dumps({"text": "x" * size})
        good = json.dumps({"text": "The dog saw the old house."})
        path = write_lines(tmp_path / "a.jsonl", [good, huge, *[good] * 3000, "oops"])
        with pytest.raises(LoomError, match=r"line 3003, is not JSON"):
            run(path, tmp_path / "c")
        path = tmp_path / "b.txt"
        path.write_bytes(f"{good}\n{huge}\n{good}\n".encode() + b"caf\xe9\n")
        with pytest.raises(LoomError, match="line 4, byte "):
            run(path, tmp_path / "c")


def test_a_huge_file_of_one_line_is_never_read_whole(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"x" * 30_000_000, 1) + gzip.compress(b"\n" + TEXT.encode()[:4000], 1))
    tracemalloc.start()
    try:
        result, _ = run(path, tmp_path / "c")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result["dropped"]["huge_line"] == 1
    assert result["sentences"] > 50
    assert peak < 8_000_000


def test_a_failed_preparation_keeps_the_earlier_corpus(tmp_path: Path) -> None:
    good = write_lines(tmp_path / "good.txt", sentences(50))
    run(good, tmp_path / "corpora" / "mine")
    before = all_texts(Corpus.open(tmp_path / "corpora" / "mine"))
    bad = tmp_path / "bad.txt"
    bad.write_bytes(TEXT.encode() + b"\xff")
    with pytest.raises(LoomError):
        run(bad, tmp_path / "corpora" / "mine")
    assert all_texts(Corpus.open(tmp_path / "corpora" / "mine")) == before
    assert entries(tmp_path / "corpora") == ["mine"]


@pytest.mark.parametrize("words", [1_000, 300_000])
def test_of_a_text_in_one_line_without_marks_it_is_said_what_to_do(tmp_path: Path, words: int) -> None:
    path = tmp_path / "text8.txt"
    path.write_text("anarchism originated as " * (words // 3), "utf-8")
    with pytest.raises(LoomError, match="is left: 1 ") as error:
        run(path, tmp_path / "c")
    assert "xargs -n 20" in error.value.hint
    with pytest.raises(UsageError, match="no suffix") as refused:
        run(path.rename(tmp_path / "text8"), tmp_path / "c")
    assert "ends in .txt" in refused.value.hint
