"""The log of what nobody foresaw."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import fault_log
from engine.errors import LoomError
from engine.fault_log import FaultLog

TRACE = "Traceback (most recent call last):\n  File \"a.py\", line 1\n\nKeyError: 'vae'\n"


@pytest.fixture
def log(tmp_path: Path) -> FaultLog:
    return FaultLog(tmp_path / "state" / "window.log")


def test_a_log_without_an_entry_is_no_file(log: FaultLog) -> None:
    assert log.entries() == []
    assert log.told() == f"{log.path}: nothing has gone wrong unforeseen"
    assert not log.path.parent.exists()


def test_entries_are_read_as_they_were_written_whatever_their_details_say(log: FaultLog) -> None:
    log.add("KeyError: 'vae'", TRACE)
    log.add("ValueError: two\nlines \udcff", "2026-01-01T00:00:00+00:00 looks like an entry\n" + TRACE)
    assert [entry.what for entry in log.entries()] == ["KeyError: 'vae'", r"ValueError: two lines \udcff"]
    newest = log.entries()[-1]
    assert log.told() == f"{log.path}: 2 entries, the last of {newest.time} ({newest.what})"
    assert '\n    File "a.py", line 1\n' in log.path.read_text()


def test_the_log_is_bounded_and_the_file_before_it_is_kept(log: FaultLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_log, "MOST_BYTES", 2000)
    for number in range(50):
        log.add(f"KeyError: {number}", TRACE)
    files = sorted(path.name for path in log.path.parent.iterdir())
    assert files == ["window.log", "window.log.1"]
    assert all(path.stat().st_size <= 2000 for path in log.path.parent.iterdir())
    assert log.entries()[-1].what == "KeyError: 49"


def test_a_log_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    log = FaultLog(tmp_path)
    with pytest.raises(LoomError, match="Is a directory"):
        log.add("KeyError: 'vae'", TRACE)
    assert log.told().startswith("Reading ")
    (tmp_path / "file").write_text("")
    with pytest.raises(LoomError):
        FaultLog(tmp_path / "file" / "window.log").add("KeyError: 'vae'", TRACE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "window.log").symlink_to("/dev/full")
    with pytest.raises(LoomError, match="disk is full"):
        FaultLog(tmp_path / "window.log").add("KeyError: 'vae'", TRACE)
