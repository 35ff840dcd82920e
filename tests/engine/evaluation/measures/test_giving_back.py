"""Sentences given back alone: the same as those of an evaluation, in rounds, stopped, gone on with, never twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped
from engine.evaluation.measures import giving_back, measuring
from engine.evaluation.measures.evaluate import evaluate
from engine.evaluation.measures.giving_back import give_back
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.sentence_scores import PART, given_back, greedy_scores
from engine.events import Done, Event, Progress
from engine.runs.run import Run
from engine.workspace import Workspace

BOTH = ("vae", "autogen-m1")


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return Run.open(workspace.run("tiny"))


def measured(events: list[Event]) -> list[tuple[str, int, int | None]]:
    return [(each.stage.partition(":")[0], each.done, each.total) for each in events if isinstance(each, Progress)]


def sentences(run: Run, workspace: Workspace, name: str) -> list[list[int]]:
    texts = given_back(run, workspace, name).texts
    return [] if texts is None else [texts[at] for at in range(len(texts))]


def test_the_sentences_are_those_of_an_evaluation_which_goes_on_from_them(
    run: Run, workspace: Workspace, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "other")
    shutil.copytree(workspace.root, other.root)
    small = Request(limit=20, samples=2, draws=4, pairs=2, beam=2)
    list(evaluate(run, other, small, "cpu"))
    *_, done = give_back(run, workspace, Request(limit=20), "cpu")
    assert isinstance(done, Done)
    n = len(Corpus.open(workspace.corpus("tiny")).test)
    assert (done.result["run"], done.result["of"]) == ("tiny", n)
    assert done.result["variants"] == {name: {"sentences": 20} for name in BOTH}
    for name in BOTH:
        assert sentences(run, workspace, name) == sentences(run, other, name)
    stages = {each.stage for each in evaluate(run, workspace, small, "cpu") if isinstance(each, Progress)}
    ways = {stage.rpartition(", ")[2] for stage in stages if "giving back, greedy" in stage}
    assert ways == {"z ~ q(z|x)"}  # with z = μ all is there
    assert given_back(run, workspace, "vae").n == 20


def test_all_variants_take_part_in_each_round_and_the_same_again_measures_nothing(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_back, "FIRST", 4)
    events = list(give_back(run, workspace, Request(limit=20), "cpu"))
    vae, other = (run.variant(name).label for name in BOTH)
    there = [(vae, 0, 20), (other, 0, 20)]
    assert measured(events) == [*there, *((label, end, end) for end in (4, 16, 20) for label in (vae, other))]
    files = {path: path.stat().st_mtime_ns for path in workspace.evaluation("tiny").with_suffix("").iterdir()}
    assert len(files) == 2
    assert measured(list(give_back(run, workspace, Request(limit=20), "cpu"))) == [(vae, 20, 20), (other, 20, 20)]
    assert measured(list(give_back(run, workspace, Request(limit=8), "cpu"))) == [(vae, 8, 8), (other, 8, 8)]
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_it_goes_on_from_an_evaluation_of_any_seed_and_scores_are_of_all(run: Run, workspace: Workspace) -> None:
    list(evaluate(run, workspace, Request(("vae",), limit=9, samples=2, draws=4, pairs=2, beam=2, seed=5), "cpu"))
    first = np.concatenate(list(greedy_scores(run, workspace, "vae")))
    assert len(first) == 9
    assert list(greedy_scores(run, workspace, "autogen-m1")) == []
    events = measured(list(give_back(run, workspace, Request(("vae",), limit=0), "cpu")))
    assert events[0][1] == 9
    scores = np.concatenate(list(greedy_scores(run, workspace, "vae")))
    assert len(scores) == len(Corpus.open(workspace.corpus("tiny")).test)
    np.testing.assert_array_equal(scores[:9], first)


def test_stopped_it_keeps_what_there_is_and_goes_on(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "DECODED_AT_ONCE", 8)
    stops, whole = 0, False
    while not whole:

        def stop(left: Iterator[int] = iter(range(1 + stops))) -> bool:
            return next(left, None) is None

        try:
            list(give_back(run, workspace, Request(limit=20), "cpu", stop))
            whole = True
        except Stopped:
            stops += 1
            assert given_back(run, workspace, "vae").n > 0
    assert stops > 1
    folder = workspace.evaluation("tiny").with_suffix("")
    once = sorted(path.name for path in folder.iterdir())
    stopped = {name: sentences(run, workspace, name) for name in BOTH}
    shutil.rmtree(folder)
    list(give_back(run, workspace, Request(limit=20), "cpu"))
    assert {name: sentences(run, workspace, name) for name in BOTH} == stopped
    assert sorted(path.name for path in folder.iterdir()) == once


def test_weights_of_another_step_have_nothing_and_a_missing_step_is_told(run: Run, workspace: Workspace) -> None:
    list(give_back(run, workspace, Request(limit=4), "cpu"))
    with pytest.raises(LoomError, match="no checkpoint of step 7"):
        list(give_back(run, workspace, Request(limit=4, step=7), "cpu"))
    for path in workspace.evaluation("tiny").with_suffix("").glob(f"vae.{PART}.*"):
        path.write_bytes(path.read_bytes()[:100])  # damaged: as if it were not there
    assert list(greedy_scores(run, workspace, "vae")) == []
    assert measured(list(give_back(run, workspace, Request(limit=4), "cpu")))[0][1] == 0
    assert len(np.concatenate(list(greedy_scores(run, workspace, "vae")))) == 4
