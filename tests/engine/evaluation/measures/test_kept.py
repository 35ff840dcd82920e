"""Which results of a run are kept, and which of them tables and reports take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.evaluation.measures import kept
from engine.evaluation.measures.request import Request
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.engine.evaluation.values import evaluation_of


@pytest.fixture
def place(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    """The tiny run in a workspace of its own."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "tiny").symlink_to(tiny_workspace.run("tiny"))
    (tmp_path / "corpora").symlink_to(tiny_workspace.root / "corpora")
    return Workspace(tmp_path)


def keep(run: Run, place: Workspace, **changed: Any) -> Mapping[str, Any]:
    """Keep a result of the run that was asked for so."""
    evaluated = evaluation_of(run)
    wanted = kept.made_from(run, evaluated.models, evaluated.step, Request(), 20, "") | changed
    kept.keep(place.evaluation("tiny"), run, wanted, evaluated)
    return wanted


def test_the_most_thorough_result_stays_whatever_is_measured_after_it(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    best = keep(run, place, sentences=100)
    later = [keep(run, place, sentences=10 + i) for i in range(12)]
    chosen = [keep(run, place, sentences=100, draws=5, selection={"words": f"w{i}"}) for i in range(2)]
    found = [each["made_from"] for each in kept._entries(place.evaluation("tiny"))]
    assert found == [*reversed(chosen), *reversed(later[-5:]), best]
    other = keep(run, place, sentences=30, models=dict.fromkeys(best["models"], "of other weights"))
    assert best not in [each["made_from"] for each in kept._entries(place.evaluation("tiny"))]
    assert kept._entries(place.evaluation("tiny"))[0]["made_from"] == other


def test_of_as_many_sentences_the_one_with_more_samples_of_the_prior_is_taken(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    thorough = keep(run, place, sentences=100, draws=200, pairs=50)
    for quick in ({"draws": 12, "pairs": 50}, {"draws": 200, "pairs": 6}):
        keep(run, place, sentences=100, **quick)
    entries = kept._entries(place.evaluation("tiny"))
    assert max(entries, key=kept._effort)["made_from"] == thorough
