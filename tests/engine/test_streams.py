"""Whether something can be written to a place is known before it is made, and nothing is left there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.errors import LoomError
from engine.streams import check_file, check_folder
from engine.workspace import Workspace

NO_FILES = pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no folder that takes no files")


def test_places_that_can_be_written_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("earlier", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "there.csv")
    before = sorted(tmp_path.rglob("*"))
    for path in ("new.csv", "deep/er/new.csv", "there.csv", "link.csv"):
        check_file(tmp_path / path)
    for folder in (".", "new", "deep/er"):
        check_folder(tmp_path / folder)
    for device in ("/dev/null", "/dev/stdout"):
        if os.path.exists(device):
            check_file(Path(device))
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.csv").read_text(encoding="utf-8") == "earlier"


def test_what_stands_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "lost").symlink_to(tmp_path / "gone" / "file")
    for path, why in (
        ("file/made.csv", "file is a file, and a folder of that name is needed for writing"),
        (".", "is a folder"),
        ("lost", "and there is no folder"),
    ):
        with pytest.raises(LoomError, match=why):
            check_file(tmp_path / path)
    with pytest.raises(LoomError, match="file is a file, and a folder of that name is needed"):
        check_folder(tmp_path / "file")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_no_permission_is_told_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LoomError, match=f"No permission to write in {tmp_path}") as refused:
        check_file(tmp_path / "deep" / "made.csv")
    assert refused.value.hint == "Name another file: -o FILE"


@NO_FILES
def test_rights_that_only_seem_to_be_there_are_seen_through() -> None:
    for path, first in (("/proc/made.csv", "/proc/made.csv"), ("/proc/deep/made.csv", "/proc/deep")):
        with pytest.raises(LoomError, match=f"^{first} cannot be written: no file can be made in /proc"):
            check_file(Path(path))


@NO_FILES
@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "tiny", "-o", "/proc/made.csv"),
        ("table", "tiny", "reconstruction", "-o", "/proc/made.csv"),
        ("curves", "tiny", "-o", "/proc"),
        ("report", "tiny", "-o", "/proc/made"),
        ("export", "tiny", "-o", "/proc/made.csv"),
        ("export", "tiny", "--format", "npy", "-o", "/proc/made"),
    ],
)
def test_commands_tell_it_before_their_work(
    arguments: tuple[str, ...],
    tiny_workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def too_late(*_: object, **__: object) -> None:
        raise AssertionError("the work was begun")

    for work in (
        "engine.evaluation.measures.recall.recall_or_evaluate",
        "engine.session.Session.load",
        "engine.evaluation.curves.curves",
        "engine.selections.conditions.read_options",
    ):
        monkeypatch.setattr(work, too_late)
    with pytest.raises(SystemExit) as ended:
        app(args=[*arguments, "--workspace", str(tiny_workspace.root)])
    assert ended.value.code == 1
    assert "cannot be written: no file can be made in /proc" in capsys.readouterr().err


@NO_FILES
def test_what_is_evaluated_can_be_kept_or_nothing_is_measured(
    tiny_workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("runs", "corpora"):
        (tmp_path / name).symlink_to(tiny_workspace.root / name)
    (tmp_path / "cached_latents").symlink_to("/proc")
    with pytest.raises(SystemExit) as ended:
        app(args=["evaluate", "tiny", "--limit", "20", "--workspace", str(tmp_path)])
    told = capsys.readouterr().err
    assert (ended.value.code, "no file can be made in" in told, "encoding" in told) == (1, True, False)
