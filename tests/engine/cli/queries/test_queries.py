"""`fill`, `credit`, `reconstruct --samples` and `sample` as a person and as a program reads them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import app
from engine.corpus.store import Corpus
from engine.workspace import Workspace

SENTENCE = "The cat sees a zebra today."
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command on the run `tiny`: exit code, standard output and standard error."""

    def run(command: str, *options: str, workspace: Path = tiny_workspace.root) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(args=[command, "tiny", "--workspace", str(workspace), *options])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def results(ask: Ask, command: str, *options: str) -> list[dict[str, Any]]:
    code, text, error = ask(command, *options, "--json")
    assert code == 0, error
    document: dict[str, Any] = json.loads(text)
    return list(document["results"])


def test_fill_lists_words_with_their_shares(ask: Ask) -> None:
    options = ("--text", "The ___ sees a zebra today.", "--n-best", "3", "--samples", "8", "--candidates", "20")
    made = results(ask, "fill", *options)
    assert [each["variant"] for each in made] == ["vae"] * 3 + ["autogen-m1"] * 3
    assert all(len(each["words"]) == 1 and each["words"][0] in each["output"].lower() for each in made)
    assert all(each["marginal_log_probability"] < 0 and "log_probability" not in each for each in made)
    assert made[0]["share"] >= made[1]["share"] >= made[2]["share"] > 0
    assert "K=8 samples" in made[0]["how"]
    _, text, _ = ask("fill", *options)
    assert "not in the vocabulary: zebra" in text
    assert text.count("nats]") == 6


def test_credit_sums_to_the_difference(ask: Ask) -> None:
    for each in results(ask, "credit", "--text", SENTENCE, "--sample", "--seed", "4"):
        assert sum(token["credit"] for token in each["tokens"]) == pytest.approx(each["credit"], abs=1e-2)
        assert each["kl"] > 0
        assert "log_probability" not in each  # which is of an output, and there is none
        assert each["input_log_probability"] - each["without"] == pytest.approx(each["credit"], abs=1e-3)
        assert [token["word"] for token in each["tokens"] if token["unknown"]] == ["zebra"]
        assert "z ~ q(z|x), seed 4" in each["how"]
    _, text, _ = ask("credit", "--text", SENTENCE)
    assert text.count("</s>") == 2


@pytest.mark.parametrize("z", ["--mean", "--sample"])
def test_reconstruct_tells_the_score_of_what_is_written_from_that_of_what_was_typed(ask: Ask, z: str) -> None:
    made = results(ask, "reconstruct", "--text", SENTENCE, "--greedy", z, "--seed", "4")
    credited = results(ask, "credit", "--text", SENTENCE, z, "--seed", "4")
    for one, credit in zip(made, credited, strict=True):
        assert one["input_log_probability"] == pytest.approx(credit["input_log_probability"], abs=1e-3)
        assert one["log_probability"] != one["input_log_probability"]  # “zebra” is no word of the vocabulary
    _, text, _ = ask("reconstruct", "--text", SENTENCE, "--greedy", z, "--seed", "4")
    for each in made:
        said = f"[log p(xhat|z) {each['log_probability']:.2f}, log p(x|z) {each['input_log_probability']:.2f}, KL"
        assert said in text


def test_reconstruct_counts_samples(ask: Ask) -> None:
    made = results(ask, "reconstruct", "--text", SENTENCE, "--samples", "20", "--greedy", "--seed", "7")
    for name in ("vae", "autogen-m1"):
        assert sum(each["count"] for each in made if each["variant"] == name) == 20
    assert {"variant", "input", "output", "log_probability", "kl", "unknown_words"} <= made[0].keys()
    seed = made[0]["how"].split("z ~ q(z|x), seed ")[1].removesuffix(", greedy")
    again = results(ask, "reconstruct", "--text", SENTENCE, "--sample", "--greedy", "--seed", seed, "--variant", "vae")
    assert again[0]["output"] == made[0]["output"]
    _, text, _ = ask("reconstruct", "--text", SENTENCE, "--samples", "20", "--greedy")
    assert "20 z ~ q(z|x), seeds 0 to 19, greedy" in text


def test_samples_are_filtered_and_held_against_the_training_text(ask: Ask, tiny_corpus: Corpus) -> None:
    loose = ("-n", "12", "--temperature", "3", "--min-words", "1", "--max-words", "25", "--allow-unknown")
    code, text, error = ask("sample", *loose, "--filter", "--nearest", "--json")
    assert code == 0, error
    document = json.loads(text)
    for each in document["results"]:
        assert "<unk>" not in each["output"].lower()
        near = each["nearest"]
        words = tiny_corpus.vocabulary.decode(tiny_corpus.train.ids(near["training_sentence"] - 1).tolist())
        assert near["text"].lower().split()[0] == words[0]
        assert 0 <= near["distance"] <= 1
    for draws in document["draws"].values():
        assert draws["drawn"] == 12 + draws["rejected"]
        assert draws["rejected"] > 0
    everything = results(ask, "sample", *loose)
    assert [each["draw"] for each in everything] == [*range(12), *range(12)]
    assert any("<unk>" in each["output"].lower() for each in everything)
    _, text, _ = ask("sample", "-n", "2", "--nearest")
    assert text.count("distance") + text.count("in the training text") == 4


@pytest.mark.parametrize(
    ("command", "options", "code", "message"),
    [
        ("fill", (), 2, "No sentence was given"),
        ("fill", ("--text", "No gap here."), 2, "no blank"),
        ("fill", ("--text", "a ___", "--n-best", "0"), 2, "0 words"),
        ("credit", (), 2, "No sentence was given"),
        ("credit", ("--text", " "), 2, "no word"),
        ("reconstruct", ("--text", "a cat", "--samples", "0"), 2, "0 draws"),
        ("reconstruct", ("--text", "a cat", "--samples", "4", "--n-best", "2"), 2, "--n-best"),
        ("reconstruct", ("--text", "a cat", "--samples", "4", "--mean"), 2, "--samples draws every z"),
        ("sample", ("-n", "10001"), 2, "10001 samples"),
        ("sample", ("--seed", str(2**70)), 2, "out of range"),
    ],
)
def test_wrong_use_is_told(ask: Ask, command: str, options: tuple[str, ...], code: int, message: str) -> None:
    found, text, error = ask(command, *options)
    assert (found, text) == (code, "")
    assert message in error
    assert "Traceback" not in error


LONG = "the cat sees the river " * 6 + "today ."


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("reconstruct", ("--text", LONG)),
        ("credit", ("--text", LONG)),
        ("fill", ("--text", LONG + " ___ !", "--samples", "2", "--candidates", "5")),
        ("tree", ("--text", LONG, "--beam", "2", "--variant", "vae")),
        ("interpolate", ("--from", SENTENCE, "--to", LONG, "--steps", "1", "--greedy")),
        ("arithmetic", ("--a", SENTENCE, "--b", LONG, "--c", "No.", "--greedy")),
    ],
)
def test_a_sentence_beyond_the_training_text_is_warned_of_beside_the_result(
    ask: Ask, command: str, options: tuple[str, ...], tiny_corpus: Corpus
) -> None:
    code, text, error = ask(command, *options, "--json")
    assert code == 0
    json.loads(text)
    assert error.count("warning: “the cat sees the river the cat sees the…” has 3") == 1
    assert f"trained on sentences of {tiny_corpus.min_words} to {tiny_corpus.max_words}," in error
    assert ("“No.” has 2 tokens" in error) == (command == "arithmetic")
    assert "warning" not in ask("reconstruct", "--text", SENTENCE)[2]


def test_without_the_corpus_the_command_that_prepares_it_is_named(
    ask: Ask, tiny_workspace: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(tiny_workspace.run("tiny"), tmp_path / "runs" / "tiny")
    code, text, error = ask("sample", "-n", "2", "--nearest", workspace=tmp_path)
    assert (code, text) == (1, "")
    assert "--name tiny --min-words 5" in error


def test_a_variant_that_cannot_answer_is_told_and_the_others_go_on(
    ask: Ask, tiny_workspace: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(tiny_workspace.run("tiny"), tmp_path / "runs" / "tiny")
    for file in (tmp_path / "runs" / "tiny" / "variants" / "vae").glob("step-*"):
        file.write_bytes(b"")
    code, text, error = ask("credit", "--text", SENTENCE, "--json", workspace=tmp_path)
    document = json.loads(text)
    assert code == 1
    assert "Not every variant could be loaded. vae: " in error
    assert [each["variant"] for each in document["results"]] == ["autogen-m1"]
    assert list(document["failed"]) == ["vae"]
