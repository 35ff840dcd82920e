"""Digests: damage is found once per change of a file, and every time on request; a sealed document cannot change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import xxhash

from engine.errors import LoomError
from engine.storage import digests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(b"first" * 300_000)
    (tmp_path / "b").write_bytes(b"")
    return tmp_path


def test_a_digest_is_that_of_the_library_in_one_go(folder: Path) -> None:
    assert digests.digest_of(folder / "a") == xxhash.xxh3_128_hexdigest(b"first" * 300_000)
    assert len(digests.digest_of(folder / "b")) == 32


def test_one_flipped_bit_is_found(folder: Path) -> None:
    expected = digests.digests_of(folder, ("a", "b"))
    assert digests.changed_files(folder, expected) == []
    data = bytearray((folder / "a").read_bytes())
    data[700_000] ^= 1
    (folder / "a").write_bytes(data)
    assert digests.changed_files(folder, expected) == ["a"]
    assert digests.changed_files(folder, expected) == ["a"]


def test_a_file_found_right_is_read_again_only_when_it_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = digests.digests_of(folder, ("a", "b"))
    read: list[str] = []
    plain = digests.digest_of
    monkeypatch.setattr(digests, "digest_of", lambda path: (read.append(path.name), plain(path))[1])
    assert digests.changed_files(folder, expected) == []
    assert digests.changed_files(folder, expected) == []
    assert read == ["a", "b"]
    assert digests.changed_files(folder, expected, everything=True) == []
    assert read == ["a", "b"] * 2
    os.utime(folder / "b", ns=(1, 1))
    assert digests.changed_files(folder, expected) == []
    assert read[4:] == ["b"]


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 7}', "[" * 100_000])
def test_a_damaged_record_of_what_was_right_means_reading_again(folder: Path, content: str) -> None:
    expected = digests.digests_of(folder, ("a", "b"))
    (folder / digests.VERIFIED).write_text(content)
    (folder / "a").write_bytes(b"other")
    assert digests.changed_files(folder, expected) == ["a"]


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(LoomError, match="gone"):
        digests.changed_files(folder, {"gone": "0" * 32})


def test_a_sealed_document_cannot_change(tmp_path: Path) -> None:
    document = digests.sealed({"name": "mine", "seed": 0, "share": 0.1, "text": "für"})
    again = json.loads(json.dumps(document, indent=2, ensure_ascii=False))
    assert digests.unsealed(again, tmp_path / "c.json", "it") == {
        "name": "mine",
        "seed": 0,
        "share": 0.1,
        "text": "für",
    }
    with pytest.raises(LoomError, match=r"c\.json was changed since it was written"):
        digests.unsealed({**again, "seed": 1}, tmp_path / "c.json", "Restore it.")


def test_a_document_of_an_earlier_version_has_no_seal(tmp_path: Path) -> None:
    assert digests.unsealed({"seed": 1}, tmp_path / "c.json", "it") == {"seed": 1}
