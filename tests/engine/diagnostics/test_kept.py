"""What is kept of a diagnosis, and that it is used for nothing else than what it was made from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.diagnostics import kept
from engine.diagnostics.request import Plan
from engine.errors import LoomError
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.conftest import change_json

MODELS = {"vae": "aa", "autogen-m1": "bb"}


def result(step: int = 40, models: dict[str, str] | None = None, **changed: Any) -> dict[str, Any]:
    """What `diagnose` finds, as far as keeping it looks at it."""
    found = {"sentences": 60, "weighted_sentences": 6, "samples": 4, "seed": 0, "threshold": 0.01}
    return {"step": step, "models": models or MODELS, **found, "variants": {"vae": {"kl": 1 / 3}}, **changed}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Workspace(tmp_path).diagnosis("tiny")


def test_what_was_kept_is_found_again_to_the_last_digit(path: Path, tiny_run: Run) -> None:
    assert kept.read(path) == ()
    kept.keep(path, tiny_run, result())
    made_from = kept.sources(tiny_run, MODELS, 40) | kept.asked(Plan(60, 6, 4, 0), 0.01)
    found = kept.find(path, made_from)
    assert found is not None
    assert found.result == result()
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["kind"], document["version"], document["run"]) == ("latent-loom-diagnosis", 1, "tiny")


@pytest.mark.parametrize(
    "other",
    [
        {"models": {**MODELS, "vae": "cc"}},
        {"models": {"vae": "aa"}},
        {"step": 20},
        {"corpus": "other"},
        {"settings": "other"},
        {"method": kept.METHOD + 1},
        {"sentences": 59},
        {"weighted": 5},
        {"samples": 5},
        {"seed": 1},
        {"threshold": 0.02},
    ],
)
def test_it_fits_nothing_else(path: Path, tiny_run: Run, other: dict[str, Any]) -> None:
    kept.keep(path, tiny_run, result())
    made_from = kept.sources(tiny_run, MODELS, 40) | kept.asked(Plan(60, 6, 4, 0), 0.01)
    assert kept.find(path, made_from | other) is None
    assert kept.find(path, made_from) is not None


def test_other_settings_of_the_run_make_it_another(path: Path, tiny_run: Run, tmp_path: Path) -> None:
    shutil.copytree(tiny_run.path, tmp_path / "runs" / "tiny")
    settings = json.loads((tmp_path / "runs" / "tiny" / "run.json").read_text(encoding="utf-8"))
    settings["train"]["steps"] += 40
    change_json(tmp_path / "runs" / "tiny" / "run.json", train=settings["train"])
    longer = Run.open(tmp_path / "runs" / "tiny")
    assert kept.sources(longer, MODELS, 40) != kept.sources(tiny_run, MODELS, 40)


def test_the_newest_come_first_each_once_and_not_more_than_some(path: Path, tiny_run: Run) -> None:
    for seed in range(kept.MOST + 2):
        kept.keep(path, tiny_run, result(seed=seed))
    kept.keep(path, tiny_run, result(seed=5, tokens=7))
    found = kept.read(path)
    assert [each.made_from["seed"] for each in found] == [5, 9, 8, 7, 6, 4, 3, 2]
    assert found[0].result["tokens"] == 7


def test_the_most_thorough_one_of_the_same_models_is_chosen(path: Path, tiny_run: Run) -> None:
    kept.keep(path, tiny_run, result(sentences=60, samples=4))
    kept.keep(path, tiny_run, result(sentences=60, samples=8))
    kept.keep(path, tiny_run, result(sentences=20, samples=500))
    kept.keep(path, tiny_run, result(sentences=90, threshold=0.5))
    kept.keep(path, tiny_run, result(sentences=99, models={"vae": "aa"}))
    found = kept.most_thorough(path, kept.sources(tiny_run, MODELS, 40))
    assert found is not None
    assert (found.made_from["sentences"], found.made_from["samples"]) == (60, 8)
    assert kept.most_thorough(path, kept.sources(tiny_run, MODELS, 20)) is None


def test_quick_ones_do_not_push_out_the_most_thorough_one_of_the_same_models(path: Path, tiny_run: Run) -> None:
    kept.keep(path, tiny_run, result(samples=9))
    kept.keep(path, tiny_run, result(sentences=99, models={"vae": "aa"}))
    for seed in range(1, kept.MOST + 3):
        kept.keep(path, tiny_run, result(samples=4, seed=seed))
    found = kept.read(path)
    assert [each.made_from["samples"] for each in found] == [4] * (kept.MOST - 1) + [9]
    kept.keep(path, tiny_run, result(models={"vae": "bb"}))
    assert len(kept.read(path)) == kept.MOST


def test_a_document_that_was_changed_or_cut_is_refused_and_then_replaced(path: Path, tiny_run: Run) -> None:
    kept.keep(path, tiny_run, result())
    whole = path.read_text(encoding="utf-8")
    for broken in (whole.replace("0.333", "0.334"), whole[:-40], '{"kind": "other"}', "[]", "{}"):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(LoomError) as caught:
            kept.read(path)
        assert str(path) in caught.value.message
        assert caught.value.hint.startswith("Make it anew: python main.py diagnose tiny --anew")
        kept.keep(path, tiny_run, result(seed=3))
        assert [each.made_from["seed"] for each in kept.read(path)] == [3]


@pytest.mark.parametrize("entry", [1, {}, {"created": "", "made_from": {}, "result": {}}])
def test_parts_that_are_none_are_refused_without_a_seal_too(path: Path, tiny_run: Run, entry: Any) -> None:
    kept.keep(path, tiny_run, result())
    change_json(path, diagnoses=[entry])
    with pytest.raises(LoomError, match="lacks parts"):
        kept.read(path)


def test_a_newer_version_is_neither_read_nor_replaced(path: Path, tiny_run: Run) -> None:
    kept.keep(path, tiny_run, result())
    change_json(path, version=2)
    before = path.read_bytes()
    for use in (lambda: kept.read(path), lambda: kept.keep(path, tiny_run, result())):
        with pytest.raises(LoomError, match="version 2"):
            use()
    assert path.read_bytes() == before
