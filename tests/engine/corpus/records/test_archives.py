"""Archives are refused in words that say what is in them."""

from __future__ import annotations

import tarfile
import zipfile

import pytest

from engine.corpus.sources import open_source
from engine.errors import UsageError
from tests.engine.corpus.preparing import prepared, sentences, train_texts, write_lines


@pytest.mark.parametrize("name", ["texts.zip", "texts.tar", "texts.tar.gz", "texts.tgz"])
def test_an_archive_names_its_files_and_says_what_to_do(tmp_path, name):
    files = [write_lines(tmp_path / f"{letter}.txt", sentences(3)) for letter in "abcd"]
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                archive.write(file, file.name)
    else:
        with tarfile.open(path, "w:gz" if "gz" in name else "w") as tar:
            for file in files:
                tar.add(file, file.name)
    with pytest.raises(UsageError, match=r"is an archive of a\.txt, b\.txt, c\.txt and others") as error:
        open_source(str(path))
    assert "Unpack it" in error.value.hint


@pytest.mark.parametrize("name", ["broken.zip", "broken.tar.gz", "texts.7z", "texts.tar.zst"])
def test_one_that_cannot_be_looked_into_is_an_archive_all_the_same(tmp_path, name):
    (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(UsageError, match="is an archive"):
        open_source(str(tmp_path / name))


def test_other_ways_of_compressing_are_named(tmp_path):
    (tmp_path / "a.txt.bz2").write_bytes(b"BZh9")
    with pytest.raises(UsageError, match="compressed with bzip2") as error:
        open_source(str(tmp_path / "a.txt.bz2"))
    assert ".gz and .zst" in error.value.hint


def test_archives_in_a_folder_are_left_out_as_other_files_are(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    lines = sentences(40)
    write_lines(folder / "a.txt", lines)
    (folder / "old.tar.gz").write_bytes(b"x")
    (folder / "old.zip").write_bytes(b"x")
    assert len(train_texts(prepared(folder, tmp_path / "c", test_fraction=0))) == 40
