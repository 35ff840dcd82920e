"""What is wrong with a question to the models is told before they are loaded for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.cli.app import app
from engine.cli.queries.asking_models import decoded_fields, written
from engine.session import Decoded, Session
from engine.workspace import Workspace

A, B, C = "The cat sees the river today.", "My old dog paints a red boat at night.", "A teacher hides some bread again."
FAR = str(2**70)
WORDY = "cat " * 201
Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Runs a command on the run `tiny`, whose models must not be loaded: exit code and standard error."""

    def loaded(*_: object, **__: object) -> Session:
        raise AssertionError("models were loaded")

    monkeypatch.setattr(Session, "load", loaded)

    def run(command: str, *options: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            app(args=[command, "tiny", "--workspace", str(tiny_workspace.root), *options])
        return int(caught.value.code or 0), capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("reconstruct", (), "No sentence was given"),
        ("reconstruct", ("--text", WORDY), "at most 200 are read"),
        ("reconstruct", ("--text", A, "--samples", "0"), "0 draws of q(z|x)"),
        ("reconstruct", ("--text", A, "--beam", "400"), "wider than the vocabulary"),
        ("reconstruct", ("--text", A, "--min-words", "900"), "No sentence has at least 900"),
        ("reconstruct", ("--text", A, "--variant", "none"), "none"),
        ("sample", ("-n", "0"), "0 samples cannot be drawn"),
        ("sample", ("--filter", "--max-words", "3"), "the decoder is to make none"),
        ("sample", ("--beam", "400"), "wider than the vocabulary"),
        ("interpolate", ("--from", A), "needs two sentences"),
        ("interpolate", ("--from", A, "--to", B, "--steps", "0"), "of 0 steps cannot be made"),
        ("interpolate", ("--from", A, "--to", B, "--through", C, "--steps", "900"), "is too long"),
        ("interpolate", ("--from", A, "--to", B, "--sample", "--seed", FAR), "out of range"),
        ("traverse", (), "sentence or a point is needed"),
        ("traverse", ("--text", A, "--z", "1,2,3,4"), "not both"),
        ("traverse", ("--text", A, "--values", "1,a"), "no list of numbers"),
        ("traverse", ("--text", A, "--values", "1,inf"), "finite positions"),
        ("traverse", ("--text", A, "--values", "1e39"), "too far out"),
        ("traverse", ("--z", "1,2,3"), "has 3 numbers; a z of this run has 4 numbers"),
        ("traverse", ("--text", A, "--dimension", "4"), "no dimension 4"),
        ("traverse", ("--text", A, "--principal", "5"), "no principal direction 5"),
        ("traverse", ("--text", A, "--rank", "0"), "no informative direction 0"),
        ("traverse", ("--text", A, "--dimension", "1", "--rank", "1"), "One direction at a time"),
        ("traverse", ("--text", A, "--n-best", "2"), "Only reconstruct lists several"),
        ("arithmetic", ("--a", A, "--b", B), "needs three sentences"),
        ("neighbours", ("--text", A, "-k", "100000"), "cannot be found among"),
        ("neighbours", ("--z", "0,0,0,0", "--distance", "cosine"), "points nowhere"),
        ("neighbours", ("--z", "nan,0,0,0"), "not a finite vector"),
        ("neighbours", ("--text", A, "--seed", FAR), "out of range"),
        ("concept", ("--with", A), "no group of sentences without"),
        ("concept", ("--with", A, "--with", B, "--without", C), "needs two or more"),
        ("concept", ("--with", A, "--with", B, "--without", C, "--without", B), "is in both groups"),
        ("concept", ("--with-search", "dog", "--without-search", "cat", "--resamples", "9"), "too few"),
        ("concept", ("--with-search", "dog", "--without-search", "...", "--apply", A, "--strengths", "nan"), "finite"),
        ("fill", ("--text", A), "no blank"),
        ("fill", ("--text", "The ___ ___ ___ ___ sees."), "4 blanks"),
        ("fill", ("--text", "The ___ sees.", "--samples", "0"), "0 samples cannot be asked for"),
        ("fill", ("--text", "The ___ sees.", "--seed", FAR), "out of range"),
        ("credit", ("--text", WORDY), "at most 200 are read"),
        ("credit", ("--text", A, "--seed", FAR), "out of range"),
        ("tree", ("--text", A, "--greedy"), "Only a beam search has a tree"),
        ("diagnose", ("--samples", "0"), "too few"),
        ("diagnose", ("--seed", FAR), "out of range"),
    ],
)
def test_wrong_use_is_told_before_models_are_loaded(
    told: Told, command: str, options: tuple[str, ...], message: str
) -> None:
    code, error = told(command, *options)
    assert (code, message in error) == (2, True), error
    assert "Traceback" not in error


@pytest.mark.parametrize("text", ["", "   "])
@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("reconstruct", ("--text", "{}")),
        ("traverse", ("--text", "{}")),
        ("neighbours", ("--text", "{}")),
        ("concept", ("--with-search", "dog", "--without-search", "cat", "--apply", "{}")),
        ("fill", ("--text", "{}")),
        ("credit", ("--text", "{}")),
        ("tree", ("--text", "{}")),
    ],
)
def test_a_sentence_without_words_ends_every_command_alike(
    told: Told, command: str, options: tuple[str, ...], text: str
) -> None:
    code, error = told(command, *(option.format(text) for option in options))
    assert (code, error.splitlines()) == (2, ["error: There is no word in this sentence.", "  Type at least one word."])


@pytest.mark.parametrize(
    ("command", "options", "number"),
    [
        ("interpolate", ("--from", "", "--to", B), 1),
        ("interpolate", ("--from", A, "--through", "", "--to", B), 2),
        ("interpolate", ("--from", A, "--through", C, "--to", ""), 3),
        ("arithmetic", ("--a", A, "--b", "", "--c", C), 2),
    ],
)
def test_of_several_sentences_the_one_without_words_is_named(
    told: Told, command: str, options: tuple[str, ...], number: int
) -> None:
    code, error = told(command, *options)
    assert code == 2
    assert error.startswith(f"error: Sentence {number} of ")
    assert "There is no word in this sentence." in error


@pytest.mark.parametrize("command", ["traverse", "neighbours"])
def test_wrong_use_is_told_before_missing_latents_are(
    told: Told, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(Workspace, "cache", lambda workspace, run: workspace.root / "gone.h5")
    assert told(command, "--text", " ")[0] == 2
    assert told(command, "--text", A)[0] == 1


def test_a_sentence_that_grew_too_long_is_told_from_one_that_ended() -> None:
    whole = Decoded(("a", "cat"), "A cat", -2.5, True, np.zeros(4, np.float32))
    cut = replace(whole, ended=False)
    assert (written(whole), written(cut)) == ("A cat", "A cat … (cut off at the longest length)")
    assert written(cut, "A [cat]") == "A [cat] … (cut off at the longest length)"
    assert decoded_fields(cut) == {"output": "A cat", "log_probability": -2.5, "ended": False}
