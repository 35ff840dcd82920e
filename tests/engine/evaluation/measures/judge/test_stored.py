"""The file of a recurrent language model: what comes back, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from engine.errors import LoomError
from engine.evaluation.measures.judge.recipe import Recipe, Sizes
from engine.evaluation.measures.judge.stored import Stored, path_of, read, write
from engine.runs.run import JUDGE, Run
from engine.storage.digests import sealed


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Run:
    shutil.copytree(tiny_run.path, tmp_path / "runs" / "tiny")
    return Run.open(tmp_path / "runs" / "tiny")


@pytest.fixture
def stored(run: Run) -> Stored:
    words = len(run.vocabulary)
    weights = {"embedding.weight": np.random.default_rng(0).normal(size=(words, 8)).astype(np.float16)}
    return Stored(run.settings.corpus.fingerprint, Sizes(words, 8, 4), Recipe(seed=3), 1200, 90, 41.5, weights)


def test_what_is_written_comes_back(run: Run, stored: Stored) -> None:
    assert read(run) is None
    write(run, stored)
    found = read(run)
    assert found is not None
    assert replace(found, weights={}) == replace(stored, weights={})
    assert {name: array.tolist() for name, array in found.weights.items()} == {
        name: array.tolist() for name, array in stored.weights.items()
    }
    assert found.fingerprint == stored.fingerprint
    assert [each.name for each in run.path.iterdir() if "judge" in each.name] == [JUDGE]


def test_the_header_is_the_one_that_is_specified(run: Run, stored: Stored) -> None:
    write(run, stored)
    with safe_open(path_of(run.path), framework="np") as file:
        header = json.loads(file.metadata()["judge"])
    assert set(header) == {
        "kind", "version", "corpus", "tokens", "sentences", "held_out", "sizes", "recipe", "weights", "digest"
    }  # fmt: skip
    assert (header["kind"], header["version"]) == ("latent-loom-judge", 1)


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_a_file_that_is_cut_off_is_named(run: Run, stored: Stored, length: int) -> None:
    write(run, stored)
    content = path_of(run.path).read_bytes()
    path_of(run.path).write_bytes(content[:length])
    with pytest.raises(LoomError, match=r"judge\.safetensors is cut off or damaged") as caught:
        read(run)
    assert "evaluate tiny --judge" in caught.value.hint


def test_a_changed_bit_is_noticed(run: Run, stored: Stored) -> None:
    write(run, stored)
    content = bytearray(path_of(run.path).read_bytes())
    content[-3] ^= 1
    path_of(run.path).write_bytes(bytes(content))
    with pytest.raises(LoomError, match="was changed"):
        read(run)


def test_that_of_another_text_is_refused(run: Run, stored: Stored) -> None:
    write(run, replace(stored, corpus="0" * 64))
    with pytest.raises(LoomError, match="another text"):
        read(run)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "latent-loom-run"}, "holds no recurrent language model"),
        ({"version": 2}, "version 2"),
        ({"sizes": {"width": 3}}, "lacks parts"),
        ({"tokens": 5, "digest": "0" * 32}, "was changed"),
    ],
)
def test_other_descriptions_are_refused(run: Run, stored: Stored, changed: dict[str, object], said: str) -> None:
    header = stored.description() | changed
    header = header if "digest" in changed else sealed(header)
    path_of(run.path).write_bytes(save(dict(stored.weights), {"judge": json.dumps(header)}))
    with pytest.raises(LoomError, match=said):
        read(run)
    path_of(run.path).write_bytes(save(dict(stored.weights)))
    with pytest.raises(LoomError, match="holds no recurrent language model"):
        read(run)


def test_a_run_that_is_gone_does_not_come_back(run: Run, stored: Stored) -> None:
    shutil.rmtree(run.path)
    with pytest.raises(LoomError, match="not there any more"):
        write(run, stored)
    assert not run.path.exists()
