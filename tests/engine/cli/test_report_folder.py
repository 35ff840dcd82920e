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


def test_what_has_no_checkpoint_is_left_out_and_told_and_only_where_none_has_one_they_refuse(
    tiny_workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = not_evaluated(tiny_workspace, tmp_path)
    variants = place.run("tiny") / "variants"
    for file in (variants / "vae").glob("step-*"):
        file.unlink()
    without = "Without VAE: no checkpoint that can be read."
    code, _, error = told(place, capsys, "table", "numbers")
    assert (code, "evaluate tiny --variants autogen-m1" in error) == (1, True)  # and so it can be done
    assert told(place, capsys, "evaluate", "--variants", "autogen-m1", *SMALL)[0] == 0
    for name in ("objective", "reconstruction", "generation", "interpolation", "evaluation", "winners", "numbers"):
        code, _, error = told(place, capsys, "table", name, "-o", str(tmp_path / f"{name}.json"))
        assert (code, error.splitlines()[0]) == (0, without)
        table = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        assert table["notes"][0] == without
        assert "VAE" not in json.dumps([table["columns"], table["rows"]])
    place.cache("tiny").unlink()  # it is made again, of what there is
    code, text, error = told(place, capsys, "report", "-o", str(tmp_path / "handed"), "--json")
    assert (code, without in error) == (0, True)
    head = Path(json.loads(text)["page"]).read_text(encoding="utf-8").split("<nav>")[0]
    assert without in head
    for file in (variants / "autogen-m1").glob("step-*"):
        file.unlink()
    for command in (("table", "objective"), ("table", "numbers"), ("report", "-o", str(tmp_path / "none"))):
        code, _, error = told(place, capsys, *command)
        assert (code, "None of the variants of run 'tiny' has a checkpoint that can be read." in error) == (1, True)
        assert "--run tiny --resume" in error


def test_a_damaged_model_is_left_out_of_the_tables_of_sentences(
    tiny_workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    assert told(place, capsys, "evaluate", *SMALL)[0] == 0
    for file in (place.run("tiny") / "variants" / "vae").glob("step-*.safetensors"):
        file.write_bytes(file.read_bytes()[:100])
    code, _, error = told(place, capsys, "table", "generation", "-o", str(tmp_path / "made.md"))
    assert (code, error.splitlines()[0]) == (0, "Without VAE: no checkpoint that can be read.")
    assert "VAE |" not in (tmp_path / "made.md").read_text(encoding="utf-8")
    code, text, error = told(place, capsys, "report", "-o", str(tmp_path / "handed"), "--json")
    assert (code, "The tables of sentences are without VAE: " in error) == (0, True)
    assert "The tables of sentences are without VAE: " in Path(json.loads(text)["page"]).read_text(encoding="utf-8")
