"""What the system reports, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import from_os_error
from engine.storage.files import publish, publish_folder, write_text
from engine.storage.locks import wait_until_free


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.mkdir(parents=True), lambda path: path.open("w")])
def test_a_file_where_a_folder_is_wanted_is_named_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    file = tmp_path / "runs"
    file.write_text("mine")
    with pytest.raises((FileExistsError, NotADirectoryError)) as met:
        make(file / "demo" / "run.json")
    told = from_os_error(met.value, "writing the run")
    assert told.message == f"{file} is a file, and a folder of that name is needed for writing the run."
    assert told.hint == "Move that file away or name another folder, then give the same command again."


def test_a_folder_that_is_there_is_no_file_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError) as met:
        tmp_path.mkdir()
    assert from_os_error(met.value, "making a folder").message == "Making a folder failed: File exists."


def _in_folder(path: Path) -> None:
    with publish_folder(path) as scratch:
        (scratch / "a").write_text("a")


def _whole(path: Path) -> None:
    with publish(path) as scratch:
        scratch.write_text("a")


def _locked(path: Path) -> None:
    with wait_until_free(path):
        pass


@pytest.mark.parametrize("write", [lambda path: write_text(path, "a"), _whole, _in_folder, _locked])
@pytest.mark.parametrize("below", ["corpus", "deeper/corpus"])
def test_whatever_is_written_says_so(tmp_path: Path, write: Callable[[Path], object], below: str) -> None:
    file = tmp_path / "corpora"
    file.write_text("mine")
    with pytest.raises(Exception, match="is a file, and a folder of that name is needed") as told:
        write(file / below)
    assert str(file) in str(told.value)
    assert file.read_text() == "mine"
