"""`interpolate`, `traverse`, `arithmetic`, `neighbours` and `concept` as a person and as a program reads them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import app
from engine.cli.queries.interpolation import _marked
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

A, B, C = "The cat sees the river today.", "My old dog paints a red boat at night.", "A teacher hides some bread again."


class Told:
    """Runs commands on the run `tiny` of a workspace."""

    def __init__(self, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.workspace = workspace
        self._capsys = capsys

    def __call__(self, command: str, *options: str, run: str = "tiny") -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        with pytest.raises(SystemExit) as caught:
            app(args=[command, run, "--workspace", str(self.workspace), *options])
        printed = self._capsys.readouterr()
        return int(caught.value.code or 0), printed.out, printed.err

    def document(self, command: str, *options: str) -> dict[str, Any]:
        """What it prints with --json."""
        code, text, error = self(command, *options, "--json")
        assert code == 0, error
        return json.loads(text)


@pytest.fixture
def told(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(tiny_workspace.root, capsys)


def test_interpolate_goes_through_sentences_and_tells_its_smoothness(told: Told) -> None:
    options = ("--from", A, "--through", B, "--to", C, "--steps", "2", "--greedy")
    made = told.document("interpolate", *options)
    assert [each["step"] for each in made["results"]] == [*range(5), *range(5)]
    assert made["results"][0].keys() == {"variant", "step", "output", "log_probability", "ended"}
    for way in made["paths"]:
        assert len(way["recovery"]) == 3
        assert sum(fold["count"] for fold in way["folds"]) == 5
        assert 0 <= way["similarity"] <= 1
        assert all(sentence in way["how"] for sentence in (A, B, C))
    _, text, _ = told("interpolate", *options)
    assert text.count("of neighbours differ") == 2


def test_changes_are_marked_and_gaps_shown() -> None:
    before = ["i", "love", "my", "old", "dog", "."]
    assert _marked(before, ["i", "love", "my", "dog", "."]) == "I love my ^ dog."
    assert _marked(before, ["i", "hate", "his", "old", "dog", "!"]) == "I [hate his] old dog[!]"
    assert _marked(before, ["i", "love", "my", "old"]) == "I love my old ^"
    assert _marked(before, before) == "I love my old dog."


def test_traverse_names_its_direction_and_every_position(told: Told) -> None:
    made = told.document("traverse", "--text", A, "--dimension", "1", "--values", "-1,0.5", "--greedy")["results"]
    assert [(each["variant"], each["direction"], each["value"]) for each in made] == [
        (name, "dimension 1", value) for name in ("vae", "autogen-m1") for value in (-1, 0.5)
    ]
    assert "dimension 1 set to -1, 0.5; greedy" in made[0]["how"]
    point = told.document("traverse", "--z", "0.5,0,-1,2", "--principal", "1", "--variant", "vae", "--greedy")[
        "results"
    ]
    assert len(point) == 7
    assert "z = [0.5, 0, -1, 2], principal direction 1" in point[0]["how"]
    _, text, _ = told("traverse", "--text", A, "--greedy")
    assert text.count("nats, spread of mu") == 2


def test_arithmetic_shows_the_parts_beside_the_result(told: Told) -> None:
    options = ("--a", A, "--b", B, "--c", C, "--greedy", "--variant", "vae")
    made = told.document("arithmetic", *options)["results"]
    assert made[0]["parts"].keys() == {"a", "b", "c"}
    _, text, _ = told("arithmetic", *options)
    assert f"a - b + c  {made[0]['output']}" in text
    assert f"c alone    {made[0]['parts']['c']['output']}" in text


def test_neighbours_are_listed_with_their_distances(told: Told) -> None:
    made = told.document("neighbours", "--text", A, "-k", "3", "--distance", "posterior-kl")["results"]
    assert [each["rank"] for each in made] == [1, 2, 3, 1, 2, 3]
    assert made[0]["distance"] <= made[1]["distance"] <= made[2]["distance"]
    _, text, _ = told("neighbours", "--text", A, "-k", "3", "--distance", "posterior-kl")
    assert made[0]["sentence"] in text
    with LatentCache.open(Workspace(told.workspace).cache("tiny")) as cache:
        for each in made:  # numbered from 1, as in the window and its exports
            assert cache.sentence(each["test_sentence"] - 1) == each["sentence"]
    assert f"{made[0]['sentence']}   [test sentence {made[0]['test_sentence']}]" in text
    assert "KL(q(z|x) || q(z|x_i)), nats" in text


def test_words_that_no_model_knows_are_marked_by_every_command(told: Told) -> None:
    odd = A.replace("river", "zebra")
    for command, options in (
        ("neighbours", ("--text", odd)),
        ("traverse", ("--text", odd)),
        ("arithmetic", ("--a", odd, "--b", B, "--c", C)),
        ("concept", ("--with-search", "dog", "--without-search", "cat", "--apply", odd, "--resamples", "100")),
        ("credit", ("--text", odd)),
        ("tree", ("--text", odd)),
    ):
        _, text, _ = told(command, *options)
        assert "ot in the vocabulary: zebra" in text, command
    for command, options in (("neighbours", ()), ("fill", ("--candidates", "5", "--n-best", "1"))):
        made = told.document(command, "--text", f"{odd} ___." if command == "fill" else odd, *options)["results"]
        assert {tuple(each["unknown_words"]) for each in made} == {("zebra",)}, command


def test_concept_judges_and_applies(told: Told) -> None:
    options = ("--with-search", "cat", "--without-search", "dog", "--apply", A, "--strengths", "0,1", "--greedy")
    made = told.document("concept", *options, "--resamples", "100")
    for each in made["concepts"]:
        assert each["verdict"] in ("stands out", "unclear", "chance")
        assert each["separation"].keys() == {"value", "low", "high", "n", "how"}
        assert each["baseline"]["draws"] == 100
        assert each["with"]["test_sentences"]
    assert [(each["strength"], each["input"]) for each in made["results"]] == [(0, A), (1, A)] * 2
    _, text, _ = told("concept", *options, "--resamples", "100")
    assert text.count("separates unseen pairs") == 2
    for each in made["concepts"]:
        assert each["words"] in text


def test_a_run_that_is_missing_is_told(told: Told) -> None:
    code, _, error = told("neighbours", "--text", A, run="none")
    assert code != 0
    assert "no run named 'none'" in error


def test_without_latents_the_command_that_makes_them_is_named(
    tiny_workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_workspace.run("tiny"), tmp_path / "runs" / "tiny")
    told = Told(tmp_path, capsys)
    for command, options in (
        ("neighbours", ("--text", A)),
        ("traverse", ("--text", A)),
        ("concept", ("--with", A, "--with", B, "--without-search", "dog")),
    ):
        code, _, error = told(command, *options)
        assert code == 1
        assert "python main.py encode tiny" in error
