"""What the commands say of a run or a corpus that was begun before: what is left of it, what is the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.runs.failures import note_failure
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.conftest import write_sentences
from tests.engine.cli.test_commands import result, run


@pytest.fixture
def where(tiny_workspace: Workspace, tmp_path: Path) -> tuple[str, ...]:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    return ("--workspace", str(tmp_path))


def lose(path: Path, variant: str) -> None:
    for file in (path / "runs" / "tiny" / "variants" / variant).glob("step-*"):
        file.unlink()


def test_what_is_left_of_a_run_is_timed_and_not_a_training_of_the_presets(where: tuple[str, ...]) -> None:
    begun = ("train", "tiny", "--run", "tiny", "--device", "cpu", *where)
    left = result(*begun, "--resume", "--estimate")
    assert (left["first_step"], left["seconds"]) == (40, 0.0)  # it has finished
    assert "was begun with train.steps = 40, not 80" in run(*begun, "--resume", "--estimate", "--steps", "80").stderr
    assert "There is no run 'other' to resume" in run("train", "tiny", "--run", "other", *where, "--resume").stderr


def test_a_stopped_variant_is_named_beside_its_numbers(where: tuple[str, ...], tmp_path: Path) -> None:
    note_failure(Run.open(tmp_path / "runs" / "tiny"), "autogen-m1", 30, "its loss exploded")
    again = ("train", "tiny", "--run", "tiny", "--device", "cpu", "--resume", *where)
    lines = [line for line in run(*again).stdout.splitlines() if " ELBO " in line]
    assert [line.endswith(", at step 40: stopped, its loss exploded") for line in lines] == [False, True]
    assert result(*again)["variants"]["vae"]["step"] == 40


def test_settings_are_printed_as_json_where_that_is_asked_for(where: tuple[str, ...]) -> None:
    shown = run("train", "tiny", "--run", "tiny", "--resume", "--show-config", "--json", *where)
    assert json.loads(shown.stdout)["train"]["steps"] == 40
    new = run("train", "tiny", "--from", "tiny", "--run", "new", "--variants", "vae", "--show-config", "--json", *where)
    assert new.returncode == 2  # its models are of another size than the preset's
    assert new.stdout == ""


@pytest.mark.parametrize("key", ["label", "colour"])
def test_another_look_is_no_reason_to_go_on_without_a_word(where: tuple[str, ...], key: str) -> None:
    value = {"label": "Mine", "colour": "#112233"}[key]
    again = ("train", "tiny", "--run", "tiny", "--device", "cpu", "--resume", *where)
    refused = run(*again, "--set", f"variants.vae.{key}={value}")
    assert refused.returncode == 2
    assert f"was begun with variants.vae.{key} = " in refused.stderr
    have = getattr(Run.open(Path(where[1]) / "runs" / "tiny").variants[0], key)
    assert run(*again, "--set", f"variants.vae.{key}={have}").returncode == 0


def test_a_variant_that_was_stopped_before_its_first_checkpoint_does_not_hold_up_the_others(
    where: tuple[str, ...], tmp_path: Path
) -> None:
    note_failure(Run.open(tmp_path / "runs" / "tiny"), "autogen-m1", 5, "its loss is no number")
    lose(tmp_path, "autogen-m1")
    for more in ((), ("--step", "40")):
        encoded = run("encode", "tiny", "--device", "cpu", *where, *more)
        assert encoded.returncode == 0, encoded.stderr
        assert "Without AutoGen m=1: no checkpoint that can be read." in encoded.stderr
    assert result("encode", "tiny", "--device", "cpu", *where)["variants"] == ["vae"]
    named = run("encode", "tiny", "--device", "cpu", "--variants", "autogen-m1", *where)
    assert named.returncode == 1
    assert "was stopped at step 5 (its loss is no number) before its first checkpoint" in named.stderr
    lose(tmp_path, "vae")
    assert run("encode", "tiny", "--device", "cpu", *where).returncode == 1


@pytest.mark.parametrize("option", ["--metric=cosine", "--landmarks=50", "--neighbours=5"])
def test_what_a_map_of_principal_components_does_not_have_is_refused(where: tuple[str, ...], option: str) -> None:
    refused = run("project", "tiny", "--method", "pca", option, *where)
    assert refused.returncode == 2
    assert f"A map by pca has no {option.partition('=')[0]}." in refused.stderr
    assert run("project", "tiny", "--method", "pca", "--of", "samples", "--seed", "3", *where).returncode == 0


def test_a_corpus_of_as_many_words_as_there_are_is_the_same_whatever_was_asked_for(tmp_path: Path) -> None:
    """That many is what a report's command asks for."""
    text, where = write_sentences(tmp_path / "kept.txt", 300), ("--workspace", str(tmp_path))
    first = result("corpus", text, "--name", "kept", *where)
    fewer = run("corpus", text, "--name", "kept", "--vocabulary", str(first["vocabulary"] - 1), *where)
    assert "vocabulary was 20000, now" in fewer.stderr
    same = result("corpus", text, "--name", "kept", "--vocabulary", str(first["vocabulary"]), *where)
    assert same["fingerprint"] == first["fingerprint"]


def test_a_corpus_that_nothing_can_be_trained_on_yet_does_not_send_to_training(tmp_path: Path) -> None:
    text = write_sentences(tmp_path / "all.txt", 50)
    made = run("corpus", text, "--name", "all", "--test-fraction", "0", "--workspace", tmp_path)
    assert made.returncode == 0
    assert "main.py train" not in made.stdout
    assert "once both parts have sentences" in made.stdout


def test_maps_are_listed_of_the_variants_that_are_asked_for_also_those_that_cannot_be_shown(
    where: tuple[str, ...], tmp_path: Path
) -> None:
    assert run("project", "tiny", "--method", "pca", *where).returncode == 0
    for variant in ("vae", "autogen-m1"):
        (listed,) = result("project", "tiny", "--list", "--variants", variant, *where)["maps"]
        assert (listed["name"], listed["variants"], set(listed["quality"])) == ("pca", [variant], {variant})
    for file in Workspace(tmp_path).cache("tiny").with_suffix(".maps").glob("*.h5"):
        file.write_bytes(b"cut")
    (listed,) = result("project", "tiny", "--list", *where)["maps"]
    assert set(listed["damaged"]) == {"vae", "autogen-m1"}
    assert "damaged; make it anew" in run("project", "tiny", "--list", "--variants", "vae", *where).stdout
