"""`evaluate` as a person and a program read it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from engine.cli.app import app
from engine.corpus.store import Corpus
from engine.evaluation.measures.definitions import DEFINITIONS, RECURRENT
from engine.runs.run import JUDGE
from engine.workspace import Workspace

SMALL = ("--limit", "24", "--samples", "4", "--draws", "24", "--pairs", "20", "--beam", "2")

ONE_JUDGE = [key for key in DEFINITIONS if not key.startswith(RECURRENT)]
"""The numbers of a run that has no recurrent language model."""


@pytest.fixture(scope="module")
def workspace(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = tmp_path_factory.mktemp("evaluate")
    # Without what other tests may have measured there.
    shutil.copytree(tiny_workspace.root, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.evaluation*"))
    return Workspace(place)


def told(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str, sizes: tuple[str, ...] = SMALL
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `evaluate tiny`."""
    with pytest.raises(SystemExit) as caught:
        app(args=["evaluate", "tiny", "--workspace", str(workspace.root), *sizes, *options])
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


def test_programs_find_every_number_by_variant_and_name(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text, _ = told(workspace, capsys, "--json")
    document = json.loads(text)
    assert code == 0
    for name in ("vae", "autogen-m1"):
        for key in ONE_JUDGE:
            number = document["variants"][name][key]
            assert {"value", "low", "high", "n", "unit", "how", "seed"} <= set(number)
    assert document["sentences"] == 24
    assert document["baseline"] == "vae"
    assert set(document["differences"]) == {"autogen-m1"}
    assert set(document["differences"]["autogen-m1"]["elbo"]) == {"value", "low", "high", "n", "better"}
    assert document["seconds"]["passes"] < document["seconds"]["all"]


def test_numbers_over_one_sentence_are_json_that_every_program_reads(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(sign: str) -> None:
        raise AssertionError(f"{sign} is no JSON")

    told(workspace, capsys)
    words = Corpus.open(workspace.corpus("tiny")).test_texts()[0]
    code, text, _ = told(workspace, capsys, "--json", "--containing", words)
    document = json.loads(text, parse_constant=refuse)
    assert code == 0
    assert document["selected"] < 20
    difference = document["differences"]["autogen-m1"]["largest_jump"]
    assert (difference["value"], difference["low"], difference["n"]) == (None, None, 0)
    assert document["variants"]["vae"]["largest_jump"]["value"] is None
    assert document["variants"]["vae"]["elbo"]["value"] < 0


def test_people_get_a_table_that_fits_their_terminal(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, text, _ = told(workspace, capsys)
    assert code == 0
    assert max(map(len, text.splitlines())) <= 80
    for words in ("Likelihood", "ELBO ↑", "AutoGen m=1", "Its own perplexity", "24 of"):
        assert words.lower() in " ".join(text.split()).lower(), words
    assert text.count("ELBO ↑") == 1
    monkeypatch.setenv("COLUMNS", "62")  # of one variant
    _, text, _ = told(workspace, capsys)
    assert text.count("ELBO ↑") == 2
    assert "…" not in text


def test_every_number_goes_into_a_table(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "numbers.csv"
    assert told(workspace, capsys, "-o", str(target), "--baseline", "autogen-m1")[0] == 0
    with open(target, newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 2 * len(ONE_JUDGE)
    own = [row for row in rows if row["variant"] == "autogen-m1"]
    assert all(row["difference"] == "" for row in own)  # nobody is held against themselves
    elbo = {row["variant"]: row for row in rows if row["number"] == "elbo"}
    assert float(elbo["vae"]["difference"]) == pytest.approx(
        float(elbo["vae"]["value"]) - float(elbo["autogen-m1"]["value"])
    )


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--limit", "1"), 2, "--limit 1 is too few"),
        (("--draws", "99999999"), 2, "too many"),
        (("--variants", "nobody"), 2, "nobody"),
        (("--baseline", "nobody"), 2, "nobody"),
        (("--format", "doc"), 2, "cannot be written as 'doc'"),
        (("--step", "7"), 1, "no checkpoint of step 7"),
        (("-o", "."), 2, "is a folder"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_measured(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int, words: str
) -> None:
    found, out, err = told(workspace, capsys, *options)
    assert found == code
    assert words in err
    assert out == ""


def test_sentences_are_given_back_alone_and_options_of_numbers_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text, _ = told(workspace, capsys, "--given-back", "--json", sizes=SMALL[:2])
    document = json.loads(text)
    assert code == 0
    assert document["variants"] == {"vae": {"sentences": 24}, "autogen-m1": {"sentences": 24}}
    code, text, _ = told(workspace, capsys, "--given-back", sizes=SMALL[:2])
    assert f"24 of {document['of']} sentences given back" in text
    for option in (("-o", "numbers.csv"), ("--tokens", "5-8"), ("--anew",), ("--judge",)):
        code, _, said = told(workspace, capsys, "--given-back", *option, sizes=SMALL[:2])
        assert code == 2
        assert "--given-back makes no numbers" in said


def test_a_second_judge_is_trained_where_it_is_asked_for_and_stays_with_the_run(
    tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    judge = place.run("tiny") / JUDGE
    code, text, _ = told(place, capsys, "--judge", "--json")
    document = json.loads(text)
    assert code == 0
    assert judge.is_file()
    number = document["variants"]["vae"][RECURRENT]
    assert number["low"] < number["value"] < number["high"]
    assert RECURRENT in document["differences"]["autogen-m1"]
    assert document["language_model"]["recurrent"]["perplexity"] > 1.0
    code, text, _ = told(place, capsys)  # what is there is used without asking
    assert "(recurrent)" in text
    assert "Recurrent language model: an LSTM of 160 units" in " ".join(text.split())
    judge.write_bytes(judge.read_bytes()[:1000])
    code, text, err = told(place, capsys)
    assert code == 0
    assert "judge.safetensors is cut off or damaged" in " ".join(err.split())
    assert "(recurrent)" not in text
    judge.unlink()
    judge.mkdir()
    code, text, err = told(place, capsys, "--judge")
    assert code == 1
    assert "is no regular file" in " ".join(err.split())
    assert text == ""
