"""Files of text in other encodings."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from app.train.text.words import hint_in_window
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import all_texts, run


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".jsonl", ".json", ".txt.gz", ".txt.zst"])
@pytest.mark.parametrize(("encoding", "word"), [("windows-1252", "café’s"), ("koi8-r", "кошка"), ("shift_jis", "日本")])
def test_other_encodings_are_read_on_request(tmp_path: Path, suffix: str, encoding: str, word: str) -> None:
    texts = [f"We saw the {word} of {i} of them." for i in range(50)]
    lines = {
        ".csv": ["id,text", *(f"{i},{text}" for i, text in enumerate(texts))],
        ".jsonl": [json.dumps({"text": text}, ensure_ascii=False) for text in texts],
        ".json": [json.dumps([{"text": text} for text in texts], ensure_ascii=False)],
    }.get(suffix, texts)
    data = "".join(f"{line}\n" for line in lines).encode(encoding)
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(Path(f"a{suffix}").suffix, bytes)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(pack(data))
    with pytest.raises(LoomError):
        run(path, tmp_path / "no")
    run(path, tmp_path / "c", encoding=encoding, test_fraction=0)
    assert all_texts(Corpus.open(tmp_path / "c")) == {" ".join(tokenize(text)) for text in texts}
    assert json.loads((tmp_path / "c" / "corpus.json").read_text("utf-8"))["encoding"] == encoding


def test_an_encoding_that_there_is_not_or_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Это кошка и собака.\n".encode("koi8-r"))
    with pytest.raises(LoomError, match="--encoding windows-1252") as refused:
        run(path, tmp_path / "c")
    assert "Encoding: Windows-1252" in hint_in_window(refused.value.hint)
    for name in ("klingon", "base64", "rot13", "hex", ""):
        with pytest.raises(UsageError, match="no encoding of text"):
            run(path, tmp_path / "c", encoding=name)
    with pytest.raises(LoomError, match="is not written in ascii: near byte 0"):
        run(path, tmp_path / "c", encoding="ascii")


def test_an_encoding_that_would_lose_signs_or_lacks_its_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("The cat didn’t see “the dog” – it cost 5 €.\n".encode("windows-1252"))
    with pytest.raises(LoomError, match="holds the byte 0x92") as refused:
        run(path, tmp_path / "c", encoding="latin-1")
    assert "--encoding windows-1252" in refused.value.hint
    path.write_text("We saw the dog.\n", "utf-8")
    with pytest.raises(LoomError, match="is not written in utf-16"):
        run(path, tmp_path / "c", encoding="utf-16")
    path.write_bytes("We saw the old dog there.\n".encode("utf-16-le"))
    with pytest.raises(LoomError, match="byte 1") as refused:
        run(path, tmp_path / "c")
    assert "--encoding utf-16-le" in refused.value.hint
    run(path, tmp_path / "c", encoding="utf-16-le", test_fraction=0)


def test_an_encoding_of_what_is_no_text_is_refused_unless_another_part_is_text(tmp_path: Path) -> None:
    table = pa.table({"text": [f"We saw the old dog {word}." for word in ("here", "there", "now")]})
    packed, plain = tmp_path / "a.parquet", tmp_path / "b.csv"
    pq.write_table(table, packed)
    with pytest.raises(UsageError, match=r"a\.parquet is no file of text") as refused:
        run(packed, tmp_path / "c", encoding="windows-1252")
    assert hint_in_window(refused.value.hint) == "Choose UTF-8 with Encoding."
    with pytest.raises(UsageError, match="demo is no file of text"):
        run("demo", tmp_path / "c", encoding="windows-1252")
    plain.write_bytes("text\nWe saw the old dog’s there.\n".encode("windows-1252"))
    run(packed, tmp_path / "c", encoding="windows-1252", test_source=str(plain))
    assert "we saw the old dog <unk> there ." in all_texts(Corpus.open(tmp_path / "c"))
