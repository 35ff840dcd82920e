"""The decode options of every command, and the commands that show what a decoder found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.queries.decode_options import decode_options
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError
from engine.workspace import Workspace

SENTENCE = "The cat sees the river today."


def said(workspace: Workspace, *arguments: str) -> list[dict[str, Any]]:
    ended = CliRunner().invoke(app, [*arguments, "--json", "--workspace", str(workspace.root), "--device", "cpu"])
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)["results"]


def test_an_n_best_list_has_ranks_and_falls(tiny_workspace: Workspace) -> None:
    found = said(tiny_workspace, "reconstruct", "tiny", "--text", SENTENCE, "--variant", "vae", "--n-best", "4")
    assert [each["rank"] for each in found] == [0, 1, 2, 3]
    scores = [each["log_probability"] for each in found]
    assert scores == sorted(scores, reverse=True)
    assert len({each["output"] for each in found}) == 4
    one = said(tiny_workspace, "reconstruct", "tiny", "--text", SENTENCE, "--variant", "vae")
    assert found[0].pop("how") == one[0].pop("how").replace("beam 10", "beam 10, 4 best")
    assert {key: found[0][key] for key in one[0]} == one[0]
    assert "rank" not in one[0]


def test_a_tree_is_printed_and_told_in_json(tiny_workspace: Workspace) -> None:
    arguments = ["tree", "tiny", "--text", SENTENCE, "--variant", "vae", "--beam", "3", "--n-best", "2"]
    (told,) = said(tiny_workspace, *arguments)
    assert told["how"].startswith(f'tiny/vae: "{SENTENCE}", z = mu, beam 3, 2 best')
    assert [each["rank"] for each in told["sentences"]] == [0, 1]
    best = [node["word"] for node in told["nodes"] if node["state"] == "best"]
    assert best[0] == "<s>"
    assert best[-1] == "</s>"
    assert told["nodes"][0]["parent"] == -1
    printed = CliRunner().invoke(app, [*arguments, "--workspace", str(tiny_workspace.root), "--device", "cpu"])
    lines = printed.stdout.splitlines()[1:]
    assert len(lines) == len(told["nodes"]) - 1
    assert [line.split()[1] for line in lines if line.startswith("  *")] == best[1:]
    fewer = CliRunner().invoke(app, [*arguments, "--kept", "--workspace", str(tiny_workspace.root), "--device", "cpu"])
    assert len(fewer.stdout.splitlines()) - 1 == sum(node["state"] != "pruned" for node in told["nodes"]) - 1


@pytest.mark.parametrize("command", ["reconstruct", "sample", "interpolate", "tree"])
def test_every_command_that_decodes_takes_every_option(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
    for option in (
        *("--beam", "--greedy", "--length-normalisation", "--groups", "--diversity", "--temperature"),
        *("--top-k", "--top-p", "--min-words", "--max-words", "--allow-unknown", "--seed"),
    ):
        assert f"{option} " in shown
    # Listed where it is of use; refused with a word elsewhere, see test_asking_models.
    assert ("--n-best " in shown) == (command in ("reconstruct", "tree"))


def test_options_become_the_decoder_that_they_ask_for() -> None:
    assert decode_options() == DecodeOptions()
    assert decode_options(greedy=True, max_words=7) == DecodeOptions("greedy", max_words=7)
    assert decode_options(beam=6, groups=3, diversity=0.5) == DecodeOptions(beam=6, groups=3, diversity=0.5)
    assert decode_options(top_p=1.0, seed=4) == DecodeOptions("sample", seed=4)
    assert decode_options(top_k=5, temperature=0.5) == DecodeOptions("sample", top_k=5, temperature=0.5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"greedy": True, "top_p": 0.9}, "--greedy takes the best word; --top-p draws one"),
        ({"greedy": True, "beam": 3}, "--beam belongs to a beam search; --greedy asks"),
        ({"top_k": 3, "groups": 2}, "--groups belongs to a beam search; --top-k asks"),
        ({"temperature": float("nan")}, "Temperature nan"),
        ({"beam": 0}, "beam of 0"),
        ({"top_k": -1}, "top-k -1"),
    ],
)
def test_options_that_exclude_each_other_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        decode_options(**given)
