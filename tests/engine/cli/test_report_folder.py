"""`report`, and the tables of what was evaluated, as commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.workspace import Workspace

SMALL = ("--limit", "24", "--samples", "4", "--draws", "24", "--pairs", "20", "--beam", "2", "--quiet")


@pytest.fixture(scope="module")
def workspace(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return not_evaluated(tiny_workspace, tmp_path_factory.mktemp("report"))


def not_evaluated(workspace: Workspace, place: Path) -> Workspace:
    """A copy, without what other tests have evaluated in it."""
    shutil.copytree(workspace.root, place, dirs_exist_ok=True)
    for kept in (place / "cached_latents").glob("*.evaluation.json"):
        kept.unlink()
    return Workspace(place)


def told(workspace: Workspace, capsys: pytest.CaptureFixture[str], command: str, *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        app(args=[command, "tiny", *options, "--workspace", str(workspace.root)])
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


def test_a_table_of_what_was_not_evaluated_names_the_command(
    tiny_workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = told(not_evaluated(tiny_workspace, tmp_path), capsys, "table", "sense")
    assert code == 1
    assert "There is no evaluation of run" in error
    assert "python main.py evaluate tiny" in error
    code, _, error = told(Workspace(tmp_path), capsys, "table", "nonsense")
    assert (code, "interpolation-statistics, numbers" in error) == (2, True)


def test_what_was_evaluated_is_written_as_tables_and_as_a_report(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(workspace, capsys, "evaluate", *SMALL)[0] == 0
    for name in ("evaluation", "sense", "interpolation-statistics", "numbers"):
        code, _, error = told(workspace, capsys, "table", name, "-o", str(tmp_path / f"{name}.json"))
        assert (code, error) == (0, "")
        assert (tmp_path / f"{name}.json").stat().st_size > 50
    workspace.cache("tiny").unlink()  # it is made again
    code, text, error = told(workspace, capsys, "report", "-o", str(tmp_path / "handed"), "--json")
    assert code == 0, error
    document = json.loads(text)
    assert Path(document["page"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert document["sentences"] == 24
    assert workspace.cache("tiny").exists()
    (tmp_path / "handed" / "mine.txt").write_text("mine")
    code, _, error = told(workspace, capsys, "report", "-o", str(tmp_path / "handed"))
    assert (code, "mine.txt" in error) == (2, True)
