"""What may stand where a file is published, and what becomes of it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.storage import files

ROOT = Path(__file__).resolve().parents[3]
FULL = Path("/dev/full")
needs_devices = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "table.csv", tmp_path / "table.csv"
    target.write_text("earlier")
    link.symlink_to("disk/table.csv")
    files.write_text(link, "later")
    assert link.is_symlink()
    assert target.read_text() == "later"
    assert [path.name for path in target.parent.iterdir()] == ["table.csv"]
    target.unlink()
    files.write_text(link, "again")
    assert target.read_text() == "again"


def test_a_link_to_a_folder_stays_when_the_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "disk" / "corpus").mkdir(parents=True)
    link = tmp_path / "corpus"
    link.symlink_to(tmp_path / "disk" / "corpus")
    with files.publish_folder(link) as scratch:
        (scratch / "file").write_text("later")
    assert link.is_symlink()
    assert (tmp_path / "disk" / "corpus" / "file").read_text() == "later"
    os.replace(tmp_path / "disk" / "corpus", tmp_path / "disk" / ".corpus.4242.old")  # as a killed writer leaves it
    assert (files.settled(link) / "file").read_text() == "later"


def test_no_folder_is_made_where_a_link_leads_to_a_disk_that_is_not_there(tmp_path: Path) -> None:
    link = tmp_path / "table.csv"
    link.symlink_to(tmp_path / "disk" / "table.csv")
    with pytest.raises(LoomError, match="disk is not there any more"):
        files.write_text(link, "text")
    assert not (tmp_path / "disk").exists()


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    with pytest.raises(LoomError, match="links"):
        files.write_text(tmp_path / "one", "text")
    assert (tmp_path / "one").is_symlink()


def test_a_folder_that_is_gone_does_not_come_back_and_is_named(tmp_path: Path) -> None:
    place = tmp_path / "runs" / "novel" / "variants" / "vae" / "metrics.jsonl"
    place.parent.mkdir(parents=True)
    shutil.rmtree(tmp_path / "runs" / "novel")
    with pytest.raises(LoomError, match="novel is not there any more") as caught:
        files.write_text(place, "text", make_folder=False)
    assert "--resume" in caught.value.hint
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_folder_that_goes_while_a_file_is_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "cached" / "run.h5"
    writing = files.publish(place)
    writing.__enter__().write_text("half")
    shutil.rmtree(place.parent)
    with pytest.raises(LoomError, match="cached is not there any more"):
        writing.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


@needs_pipes
def test_a_pipe_and_a_socket_are_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(tmp_path / "socket"))
    for place in (tmp_path / "pipe", tmp_path / "socket"):
        kind = stat.S_IFMT(place.stat().st_mode)
        with pytest.raises(LoomError, match="no regular file"):
            files.write_text(place, "text")
        assert stat.S_IFMT(place.stat().st_mode) == kind
    with pytest.raises(LoomError, match="no regular file"):
        files.export_text(tmp_path / "socket", "text")


def test_of_several_exports_all_or_none_are_written(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("earlier")

    def full(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    texts = [(tmp_path / name, lambda path, name=name: path.write_text(name)) for name in ("a", "b")]
    with pytest.raises(LoomError, match="The disk is full"):
        files.export_all([*texts, (tmp_path / "c", full)])
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": "earlier"}
    files.export_all(texts)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "a", "b": "b"}


@needs_devices
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_file_is_left_where_a_device_among_several_is_full(tmp_path: Path, place: int) -> None:
    (tmp_path / "b").write_text("earlier")
    named = ["a", "b"]
    named.insert(place, "device")
    (tmp_path / "device").symlink_to(FULL)
    with pytest.raises(LoomError, match=r"disk is full while writing .*device"):
        files.export_all([(tmp_path / name, lambda path: path.write_text("later")) for name in named])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "device"]
    assert (tmp_path / "b").read_text() == "earlier"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_is_in_its_place_already_is_taken_back(tmp_path: Path, place: int) -> None:
    """Something is put at a place after it was looked at, as by another program, so that the last step fails there."""
    (tmp_path / "b").write_text("earlier")
    named = ["a", "b"]
    named.insert(place, "late")
    made = []

    def write(path: Path) -> None:
        path.write_text("later")
        made.append(path)
        if len(made) == len(named):
            (tmp_path / "late").mkdir()

    with pytest.raises(LoomError, match=r"Writing .*late failed"):
        files.export_all([(tmp_path / name, write) for name in named])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "late"]
    assert (tmp_path / "b").read_text() == "earlier"


def test_a_folder_that_was_made_for_several_files_goes_with_them(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    folder = tmp_path / "new" / "folder"
    with pytest.raises(LoomError, match="The disk is full"):
        files.export_all([(folder / "a", lambda path: path.write_text("a")), (folder / "b", full)])
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file" / "a", tmp_path / "file" / "deeper" / "a"):
        with pytest.raises(LoomError, match="file is a file, and a folder of that name is needed") as told:
            files.export_text(path, "text")
        assert "name another folder" in told.value.hint
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no folder that takes no files")
def test_a_folder_that_cannot_be_made_is_not_said_to_be_gone(tmp_path: Path) -> None:
    for path in (Path("/proc/tables/a"), Path("/proc/tables/deeper/a")):
        with pytest.raises(LoomError, match="/proc/tables cannot be written: no file can be made in /proc"):
            files.export_text(path, "text")


@needs_pipes
def test_an_export_to_a_pipe_is_read_at_its_other_end(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    with pytest.raises(LoomError, match="Nobody reads"):
        files.export_text(pipe, "text")
    long = "line\n" * 100_000  # more than a pipe holds
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    while True:
        try:
            files.export_text(pipe, long)
            break
        except LoomError:  # the reader has not come to the pipe yet
            time.sleep(0.01)
    reader.join(60)
    assert read == [long]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@needs_devices
def test_an_export_to_a_device_is_written_to_it(tmp_path: Path) -> None:
    files.export_text(Path(os.devnull), "text")
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    files.export_text(link, "text")
    assert link.is_symlink()
    with pytest.raises(LoomError, match="disk is full while writing /dev/full"):
        files.export_text(FULL, "text")
    for device in (Path(os.devnull), FULL):
        assert stat.S_ISCHR(device.stat().st_mode)
    with pytest.raises(LoomError, match="no regular file"):
        files.write_text(FULL, "text")


@needs_devices
def test_what_goes_to_the_standard_output_stands_in_its_place_in_it(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from engine.storage import files\n"
        "print('before'); files.export_text(Path('/dev/stdout'), 'made\\n'); print('after')"
    )
    with open(tmp_path / "out", "w") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True, cwd=ROOT, timeout=60)
    assert (tmp_path / "out").read_text() == "before\nmade\nafter\n"
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert piped.stdout == "before\nmade\nafter\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": ', "it is cut off in line 1"),
        (b'{"a": 1,\n"b', "it is cut off in line 2"),
        (b'{"a": 1,\n"b": no}', "what stands in line 2, from letter 6 on, does not belong there"),
        (b"\xff\xfe", "it is no text in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5000, "a number in it is too long"),
    ],
)
def test_why_a_document_is_no_json_is_told_in_our_words(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(LoomError, match=f"is not valid JSON .{said}.; it should hold settings"):
        files.read_json(path, "settings")
