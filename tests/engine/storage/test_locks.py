"""Locks: one writer at a time, told who it is; let go however a process ends; re-entrant within one."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engine.errors import LoomError, Stopped
from engine.events import Note
from engine.storage import locks


def _hold(path: Path, ready: Connection) -> None:
    with locks.held(path, "encoding"):
        ready.send("held")
        ready.recv()


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[tuple[Path, multiprocessing.process.BaseProcess, Connection]]:
    """A cache that another process holds, that process, and the way to have it let go."""
    here, there = multiprocessing.Pipe()
    path = tmp_path / "caches" / "novel.h5"
    other = multiprocessing.get_context("spawn").Process(target=_hold, args=(path, there))
    other.start()
    assert here.recv() == "held"
    yield path, other, here
    if other.is_alive():
        other.kill()
    other.join()


def test_a_second_process_is_refused_and_told_who_has_it(taken: tuple[Path, object, Connection]) -> None:
    path, other, _ = taken
    with pytest.raises(LoomError, match="in use by another process") as refused, locks.held(path, "projecting"):
        pass
    assert f"encoding, process {other.pid} on " in refused.value.message  # type: ignore[attr-defined]
    assert "Wait until" in refused.value.hint


def test_a_killed_process_lets_go(taken: tuple[Path, multiprocessing.process.BaseProcess, Connection]) -> None:
    path, other, _ = taken
    other.kill()
    other.join()
    with locks.held(path, "projecting"):
        assert path.with_name(".novel.h5.owner").exists()
    assert not path.with_name(".novel.h5.owner").exists()


def test_who_waits_says_for_whom_and_goes_on_when_it_is_free(taken: tuple[Path, object, Connection]) -> None:
    path, _, way = taken
    waiting = locks.hold_when_free(path, "projecting")
    note = next(waiting)
    assert isinstance(note, Note)
    assert "encoding, process" in note.text
    way.send("let go")
    with pytest.raises(StopIteration) as end:
        next(waiting)
    with end.value.value:
        assert str(os.getpid()) in path.with_name(".novel.h5.owner").read_text()


def test_waiting_can_be_stopped(taken: tuple[Path, object, Connection]) -> None:
    waiting = locks.hold_when_free(taken[0], "projecting", lambda: True)
    next(waiting)
    with pytest.raises(Stopped):
        next(waiting)


def test_a_process_may_hold_a_lock_several_times_over(tmp_path: Path) -> None:
    path = tmp_path / "novel"
    with locks.held(path, "training"):
        with locks.held(path, "publishing"):
            pass
        assert "training" in path.with_name(".novel.owner").read_text()
    assert not path.exists()


def test_an_unreadable_owner_is_no_matter(taken: tuple[Path, object, Connection]) -> None:
    taken[0].with_name(".novel.h5.owner").write_text("[" * 100_000)
    with pytest.raises(LoomError, match="it has not said which"), locks.held(taken[0], "projecting"):
        pass


@pytest.mark.parametrize("error", [NotImplementedError(), OSError(locks.errno.ENOLCK, "No locks available")])
def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(locks.FileLock, "acquire", refuse)
    with pytest.raises(LoomError, match="has no file locks"), locks.held(tmp_path / "novel", "training"):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that takes no files")
def test_a_folder_that_takes_no_files_is_told_and_not_taken_for_one_in_use() -> None:
    with (
        pytest.raises(LoomError, match="/proc/x cannot be written: no file can be made in /proc"),
        locks.held(Path("/proc/x"), "y"),
    ):
        pass
