"""`export` as a person runs it: which sentences, in which format, and what is refused."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.selections.chosen import Chosen
from engine.selections.kept import Saved, change
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.conftest import change_json
from tests.engine.cli.test_commands import result, run


@pytest.fixture
def root(tmp_path, tiny_workspace) -> Path:
    """A workspace with the run `tiny`, its latents, and a saved selection of the first three sentences."""
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    workspace = Workspace(tmp_path / "workspace")
    with LatentCache.open(workspace.cache("tiny")) as cache:
        three = Chosen.of(np.arange(cache.n) < 3, cache.corpus_fingerprint)
        other = Chosen.of(np.arange(7) < 3, "other sentences")
        change(workspace.selections("tiny"), "tiny", cache.corpus_fingerprint, {"three": Saved.now("three", three)})
        change(workspace.selections("tiny"), "tiny", "other sentences", {"other": Saved.now("other", other)})
    return workspace.root


def texts(root: Path) -> list[str]:
    with LatentCache.open(Workspace(root).cache("tiny")) as cache:
        return cache.sentences()


def lengths(root: Path) -> list[int]:
    with LatentCache.open(Workspace(root).cache("tiny")) as cache:
        return cache.words().tolist()


def exported(path: Path) -> list[str]:
    with open(path, encoding="utf-8", newline="") as file:
        return [line["sentence"] for line in csv.DictReader(file) if line["variant"] == "vae"]


def test_sentences_that_meet_every_condition_are_written(root, tmp_path):
    every = texts(root)
    cases: dict[tuple[str, ...], list[str]] = {
        (): every,
        ("--containing", "dog | cat"): [t for t in every if re.search(r"\b(dog|cat)\b", t, re.IGNORECASE)],
        ("--matching", "^my.*(today|night)[.]$"): [t for t in every if re.search("^my.*(today|night)[.]$", t, re.I)],
        ("--containing", "the", "--matching", "^my"): [
            t for t in every if re.search(r"\bthe\b", t, re.I) and t.lower().startswith("my")
        ],
        ("--containing", "the tokens:..6 | /^my .*[.]$/"): [
            t
            for t, n in zip(every, lengths(root), strict=True)
            if (re.search(r"\bthe\b", t, re.I) and n <= 6) or re.search("^my .*[.]$", t, re.I)
        ],
        ("--selection", "three"): every[:3],
    }
    for number, (conditions, wanted) in enumerate(cases.items()):
        path = tmp_path / f"{number}.csv"
        made = result("export", "tiny", *conditions, "-o", path, "--workspace", root)
        assert wanted
        assert (made["sentences"], exported(path)) == (len(wanted), wanted)


def test_tokens_and_variants_and_a_folder_of_arrays(root, tmp_path):
    with LatentCache.open(Workspace(root).cache("tiny")) as cache:
        short = np.flatnonzero(cache.words() <= 8)
        mu = cache.mu("autogen-m1")[short]
    made = result(
        "export", "tiny", "--tokens", "-8", "--variants", "autogen-m1", "--format", "npy", "-o", tmp_path / "short",
        "--workspace", root,
    )  # fmt: skip
    assert made["files"] == ["autogen-m1-mu.npy", "ids.npy"]
    assert not list(tmp_path.glob(".*"))  # no lock is left in a folder of one's own
    assert np.load(tmp_path / "short" / "ids.npy").tolist() == short.tolist()
    assert np.array_equal(np.load(tmp_path / "short" / "autogen-m1-mu.npy"), mu)


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("--format", "xlsx"), 2, "Formats are csv, parquet, projector, npy"),
        (("--matching", "(a"), 2, "is no regular expression: missing )"),
        (("--tokens", "9-2"), 2, "No sentence has 9 to 2 tokens"),
        (("--where", "label=good"), 2, "nothing is kept beside the sentences"),
        (("--containing", "xylophone"), 1, "None of the"),
        (("--containing", "/^the"), 1, "“/^the” was looked for as it stands; a regular expression ends with a slash"),
        (("--containing", "dog stars:>3"), 2, "There is no column 'stars'"),
        (("--containing", "|"), 2, "says nothing"),
        (("--containing", "dog tokens:5 | cat", "--tokens", "7"), 2, "--tokens 7 and one within --containing"),
        (("--selection", "gone"), 1, "There are three."),
        (("--selection", "other"), 1, "is of other sentences"),
        (("--variants", "gone"), 1, "has no variant 'gone'"),
        (("--map", "gone"), 1, "There is no map 'gone'.\n  Maps are: none."),
        (("--map", "pca", "--format", "npy", "-o", "made"), 2, "npy has no places on a map"),
        (("-o", "."), 1, "is a folder"),
        (("-o", "-"), 2, "written to a file"),
        (("-o", "made.xlsx"), 2, "cannot be exported as 'xlsx'"),
        (("-o", "made.npy"), 2, "have to be named: --format npy"),
        (("--format", "parquet", "-o", "made.csv"), 2, "are two formats"),
        (("--format", "csv", "-o", "made.npy"), 2, "are two formats"),
        (("--tokens", ""), 2, "--tokens is empty"),
        (("--selection", " "), 2, "--selection is empty"),
        (("--tokens", "0"), 2, "No sentence has 0 tokens"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(root, tmp_path, arguments, code, why):
    target = () if "-o" in arguments else ("-o", tmp_path / "made.csv")
    ended = run("export", "tiny", *arguments, *target, "--workspace", root)
    assert ended.returncode == code
    assert why in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "made.csv").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that takes no files")
@pytest.mark.parametrize("options", [("-o", "/proc/made.csv"), ("--format", "npy", "-o", "/proc/made")])
def test_a_folder_that_takes_no_files_is_told(root, options):
    ended = run("export", "tiny", *options, "--workspace", root)
    assert ended.returncode == 1
    assert "cannot be written: no file can be made in /proc" in ended.stderr
    assert "Name another folder." in ended.stderr


def test_a_run_that_is_not_there_or_has_no_latents_is_told(root):
    assert "There is no run named 'gone'" in run("export", "gone", "--workspace", root).stderr
    Workspace(root).cache("tiny").unlink()
    assert "python main.py encode tiny" in run("export", "tiny", "--workspace", root).stderr


def test_latents_of_models_that_were_trained_since_are_not_exported(root, tmp_path):
    description = next((root / "runs" / "tiny" / "variants" / "vae").glob("step-*40.json"))
    change_json(description, weights_sha256="0" * 64)
    refused = run("export", "tiny", "-o", tmp_path / "old.csv", "--workspace", root)
    assert refused.returncode == 1
    assert "is out of date" in refused.stderr
    assert not (tmp_path / "old.csv").exists()
    shutil.rmtree(root / "runs" / "tiny")  # of latents without their run there is nothing to hold them against
    assert run("export", "tiny", "-o", tmp_path / "old.csv", "--workspace", root).returncode == 0
