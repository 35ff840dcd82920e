"""A report is put where nothing is lost by it, and whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import LoomError, UsageError
from engine.evaluation.report.folder import MANIFEST, checked_folder, published
from tests.conftest import change_json


def publish(place: Path, text: str = "page") -> None:
    with published(checked_folder(place), {"run": "tiny"}) as scratch:
        (scratch / "figures").mkdir()
        (scratch / "index.html").write_text(text)
        (scratch / "figures" / "a.svg").write_text("a")


def _fail(place: Path) -> None:
    with published(checked_folder(place), {}) as scratch:
        (scratch / "index.html").write_text("half")
        raise RuntimeError("power")


def test_a_report_is_published_and_replaced_whole(tmp_path: Path) -> None:
    place = tmp_path / "new" / "report"
    publish(place)
    assert (place / "index.html").read_text() == "page"
    publish(place, "again")
    assert (place / "index.html").read_text() == "again"
    assert sorted(each.name for each in place.iterdir()) == ["figures", "index.html", MANIFEST]


def test_one_that_fails_leaves_the_earlier_one_and_nothing_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "report"
    publish(place)
    with pytest.raises(RuntimeError, match="power"):
        _fail(place)
    assert (place / "index.html").read_text() == "page"
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(".report.")] == ["report"]
    assert not list(tmp_path.glob(".report.*.tmp"))


def test_what_is_no_report_is_refused_and_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "novel.txt").write_text("dear")
    with pytest.raises(UsageError, match="something else than a report"):
        checked_folder(tmp_path / "mine")
    with pytest.raises(UsageError, match="is a file"):
        checked_folder(tmp_path / "mine" / "novel.txt")
    with pytest.raises(UsageError, match="cannot be made"):
        checked_folder(tmp_path / "mine" / "novel.txt" / "report")
    (tmp_path / "empty").mkdir()
    publish(tmp_path / "empty")
    (tmp_path / "empty" / "notes.txt").write_text("read this")
    with pytest.raises(UsageError, match=r"not of its report: notes\.txt"):
        checked_folder(tmp_path / "empty")
    assert (tmp_path / "empty" / "notes.txt").read_text() == "read this"
    publish(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UsageError, match="folder that you are in"):
        checked_folder(Path("."))


def test_what_was_changed_in_a_report_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "report"
    publish(place)
    (place / "index.html").write_text("page, with my remarks")
    with pytest.raises(UsageError, match=r"changed since the report was written: index\.html\."):
        checked_folder(place)
    assert (place / "index.html").read_text() == "page, with my remarks"
    (place / "index.html").rename(tmp_path / "mine.html")
    publish(place, "again")
    assert (place / "index.html").read_text() == "again"
    (place / "figures" / "a.svg").write_text("b")
    change_json(place / MANIFEST, digests=None)  # as an earlier version wrote it
    publish(place, "once more")
    assert (place / "figures" / "a.svg").read_text() == "a"


def test_a_manifest_of_something_else_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "report"
    publish(place)
    change_json(place / MANIFEST, kind="other")
    with pytest.raises(LoomError):
        checked_folder(place)
    (place / MANIFEST).write_text("{")
    with pytest.raises(LoomError, match="not valid JSON"):
        checked_folder(place)
    assert (place / "index.html").read_text() == "page"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever runs this may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(LoomError, match="No permission to write"):
        checked_folder(tmp_path / "locked" / "report")


def test_no_permission_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LoomError, match="No permission to write in") as refused:
        checked_folder(tmp_path / "report")
    assert "-o FOLDER" in refused.value.hint


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no folder that takes no files")
def test_a_place_that_takes_no_files_is_told_before_any_work() -> None:
    for place in (Path("/proc/report"), Path("/proc/deeper/report")):
        with pytest.raises(LoomError, match="no file can be made in /proc") as refused:
            checked_folder(place)
        assert refused.value.hint == "Name another folder."


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    publish(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "far" / "index.html").exists()
