"""The commands of `survey` as a person runs them, from a run to the tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.place import keep_response, keep_survey, open_survey, place_of
from engine.evaluation.surveys.request import Kind
from engine.evaluation.surveys.response import write_response
from engine.evaluation.tables import TABLE_FORMATS
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.engine.cli.test_commands import result, run
from tests.engine.evaluation.surveys.rooms import a_survey, about_run, attentive, respond

MAKE = ("--questions", "6", "--respondents", "2", "--beam", "3")


@pytest.fixture
def common(tiny_workspace: Workspace, tmp_path: Path) -> tuple[str, ...]:
    """A workspace with the tiny run's files and no surveys yet."""
    for name in ("runs", "cached_latents", "corpora"):
        (tmp_path / name).symlink_to(tiny_workspace.root / name)
    return ("--workspace", str(tmp_path))


def test_the_whole_way_from_a_run_to_tables(common: tuple[str, ...], tmp_path: Path) -> None:
    made = result("survey", "make", "tiny", "--name", "mine", *MAKE, *common)
    assert {"survey", "kind", "path", "fingerprint", "groups", "questions", "asked", "left_out"} <= made.keys()
    assert (made["groups"], made["asked"], made["new"]) == ([["autogen-m1", "vae"]], 6, True)
    assert not result("survey", "make", "tiny", "--name", "mine", *MAKE, *common)["new"]

    pages = result("survey", "page", "mine", "--forms", "1-2,5", "-o", tmp_path / "pages", *common)
    assert pages["forms"] == [1, 2, 5]
    assert all(Path(file).stat().st_size > 5000 for file in pages["files"])

    _, survey = open_survey(Workspace(tmp_path), "mine")
    for number in (1, 2):
        response = respond(survey, number, attentive(lambda item: "first"))
        write_response(tmp_path / "sent" / f"{number}.json", response)
    merged = result("survey", "merge", "mine", tmp_path / "sent", *common)
    assert (len(merged["merged"]), merged["responses"], merged["unfinished"], merged["refused"]) == (2, 2, 0, [])

    found = result("survey", "analyse", "mine", "-o", tmp_path / "tables", "--format", "csv", *common)
    (preference,) = (each for each in found["preferences"] if each["length"] == "all")
    assert (preference["first"], preference["second"]) == (8, 0)
    assert found["ranking"]["why_not"].startswith("Not to be ranked: AutoGen m=1 never lost")
    assert found["trials"] == {"answered": 4, "failed": 0}
    assert len(found["files"]) == 4
    assert "Paper %" in Path(found["files"][0]).read_text(encoding="utf-8")
    printed = run("survey", "analyse", "mine", *common)
    assert "Which reconstruction is better" in printed.stdout
    assert form_of(survey, 1).items


def test_what_is_refused_is_told_and_the_others_are_taken_in(common: tuple[str, ...], tmp_path: Path) -> None:
    result("survey", "make", "tiny", "--name", "mine", *MAKE, *common)
    _, survey = open_survey(Workspace(tmp_path), "mine")
    write_response(tmp_path / "sent" / "good.json", respond(survey, 1, lambda item: "first"))
    (tmp_path / "sent" / "cut.json").write_text('{"kind": "latent-', encoding="utf-8")
    (tmp_path / "sent" / "earlier.json").mkdir()  # a folder of such a name is no answer
    ended = run("survey", "merge", "mine", tmp_path / "sent", *common)
    assert ended.returncode == 1
    assert "1 of 2 files taken in" in ended.stdout
    assert "cut off" in ended.stderr
    assert "The others were taken in." in ended.stderr
    alone = run("survey", "merge", "mine", tmp_path / "sent" / "cut.json", *common)
    assert alone.returncode == 1
    assert "Nothing was taken in." in alone.stderr
    assert "others" not in alone.stderr
    again = run("survey", "merge", "mine", tmp_path / "sent" / "good.json", *common)
    assert again.returncode == 0
    assert "not counted again" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("make", "tiny", "--kind", "taste"), 2, "no survey of the kind"),
        (("make", "tiny", "--pairs", "vae:other"), 2, "no variant 'other'"),
        (("make", "tiny", "--questions", "30"), 2, "30 questions"),
        (("make", "tiny", "--name", "a/b"), 2, "cannot be the name"),
        (("make", "tiny", "--beam", "0"), 2, "beam of 0"),
        (("make", "tiny", "--pairs", ""), 2, "--pairs is empty"),
        (("make", "tiny", "--name", " "), 2, "--name is empty"),
        (("page", "nothing", "--forms", ""), 2, "--forms is empty"),
        (("page", "mine", "--forms", "6-1"), 2, "No form has a number from 6 to 1"),
        (("make", "nothing"), 1, "no run named"),
        (("page", "nothing"), 1, "no survey 'nothing'"),
        (("merge", "nothing", "x.json"), 1, "no survey 'nothing'"),
        (("analyse", "nothing"), 1, "no survey 'nothing'"),
        (("analyse", "nothing", "--format", "doc"), 2, "cannot be written as"),
    ],
)
def test_what_cannot_be_done_is_told(common: tuple[str, ...], arguments: tuple[str, ...], code: int, said: str) -> None:
    ended = run("survey", *arguments, *common)
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_survey_without_answers_and_forms_that_there_are_not(common: tuple[str, ...], tmp_path: Path) -> None:
    result("survey", "make", "tiny", "--name", "mine", *MAKE, *common)
    nobody = run("survey", "analyse", "mine", *common)
    assert nobody.returncode == 1
    assert "Nobody has answered" in nobody.stderr
    for forms in ("0", "x", "5-3", "1-9999", "-2"):
        ended = run("survey", "page", "mine", f"--forms={forms}", *common)
        assert ended.returncode == 2, forms
        assert "form" in ended.stderr
    assert not (tmp_path / "surveys" / "mine" / "pages").exists()
    other = run("survey", "make", "tiny", "--name", "mine", "--seed", "5", *MAKE, *common)
    assert other.returncode == 2
    assert "another survey" in other.stderr
    for files in ((), ("missing.json",), (str(tmp_path / "runs"),)):
        assert run("survey", "merge", "mine", *files, *common).returncode == 2
    assert json.loads((tmp_path / "surveys" / "mine" / "survey.json").read_text(encoding="utf-8"))["seed"] == 0


def test_latents_that_lack_are_made_first_without_a_word(tiny_workspace: Workspace, tmp_path: Path) -> None:
    for name in ("runs", "corpora"):
        (tmp_path / name).symlink_to(tiny_workspace.root / name)
    ended = run("survey", "make", "tiny", "--name", "mine", *MAKE, "--quiet", "--workspace", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert "latent" not in ended.stdout + ended.stderr
    assert Workspace(tmp_path).cache("tiny").exists()
    assert (tmp_path / "surveys" / "mine" / "survey.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_where_one_table_cannot_be_written_none_is(tmp_path: Path) -> None:
    workspace, survey, tables = Workspace(tmp_path), a_survey(), tmp_path / "tables"
    place = place_of(workspace, "mine")
    keep_survey(place, survey)
    keep_response(place, respond(survey, 1, attentive(lambda item: "first")))
    analyse = ("survey", "analyse", "mine", "--workspace", str(tmp_path), "-o")
    tables.mkdir()
    (tables / "mine-ranking.csv").symlink_to("/dev/full")
    (tables / "mine-agreement.csv").write_text("earlier", encoding="utf-8")
    ended = run(*analyse, tables)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "The disk is full" in ended.stderr
    assert sorted(path.name for path in tables.iterdir()) == ["mine-agreement.csv", "mine-ranking.csv"]
    assert (tables / "mine-agreement.csv").read_text(encoding="utf-8") == "earlier"
    (tables / "mine-ranking.csv").unlink()
    (tables / "mine-ranking.csv").mkdir()
    assert "no regular file" in run(*analyse, tables).stderr
    assert "is a file, and a folder of that name is needed" in run(*analyse, tables / "mine-agreement.csv").stderr
    assert sorted(path.name for path in tables.iterdir()) == ["mine-agreement.csv", "mine-ranking.csv"]
    (tables / "mine-ranking.csv").rmdir()
    assert len(result(*analyse, tables)["files"]) == 4
    assert (tables / "mine-agreement.csv").read_text(encoding="utf-8") != "earlier"


@pytest.mark.parametrize(("kind", "main"), [("reconstruction", "preference"), ("generation", "sense")])
def test_the_tables_of_a_survey_are_tables_of_its_run_in_every_format(
    common: tuple[str, ...], tmp_path: Path, kind: Kind, main: str
) -> None:
    table = ("table", "tiny", f"survey-{main}", *common)
    ended = run(*table)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"python main.py survey make tiny --kind {kind}" in ended.stderr
    groups = (("autogen-m1", "vae"),) if kind == "reconstruction" else (("autogen-m1",), ("vae",))
    survey = about_run(a_survey(kind, groups), Run.open(tmp_path / "runs" / "tiny"))
    place = place_of(Workspace(tmp_path), "mine")
    keep_survey(place, survey)
    ended = run(*table)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Nobody has answered the survey 'mine' yet" in ended.stderr
    assert not (tmp_path / "out").exists()
    for number in (1, 2):
        rule = attentive(lambda item: "first" if kind == "reconstruction" else "yes")
        keep_response(place, respond(survey, number, rule, who="=1+1"))
    for format in TABLE_FORMATS:
        written = result("survey", "analyse", "mine", "--format", format, "-o", tmp_path / "tables", *common)["files"]
        names = [Path(file).stem.removeprefix("mine-") for file in written]
        assert names[0] == main
        for name, file in zip(names, written, strict=True):
            target = tmp_path / f"{name}.{format}"
            made = result("table", "tiny", f"survey-{name}", "-o", target, "--survey", "mine", *common)
            assert made["columns"]
            if format != "xlsx":  # which has the time in it
                assert target.read_bytes() == Path(file).read_bytes()
            assert target.stat().st_size > 50
    path = Path(result(*table)["path"])
    assert path == tmp_path / "out" / f"tiny-survey-{main}.md"
    wrong = run("table", "tiny", "objective", "--most-failed", "0", *common)
    assert wrong.returncode == 2
    assert "objective is no table of a survey, as --most-failed asks for" in wrong.stderr
    assert run(*table, "--survey", "").returncode == 2
