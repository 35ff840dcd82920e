"""What the thread of the Evaluate page reads of a real evaluation, also while it is measured again."""

from __future__ import annotations

import shutil

import pytest

from app.evaluate import requests, words
from app.evaluate.measuring import is_same
from app.evaluate.requests import Found, Reader
from engine.errors import LoomError
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.measures.selection import Selection
from engine.events import Progress
from engine.runs.run import Run
from engine.workspace import Workspace

SMALL = {"limit": 60, "samples": 2, "draws": 25, "pairs": 10, "beam": 2}


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path)


def evaluate(workspace: Workspace, request: Request, **options: object) -> None:
    list(recall_or_evaluate(Run.open(workspace.run("tiny")), workspace, request, "cpu", **options))  # type: ignore[arg-type]


def look(reader: Reader) -> Found:
    (found,) = requests.look(reader, "tiny", None)
    return found


def kept(reader: Reader) -> Evaluation:
    found = look(reader).evaluation
    assert found is not None
    return found


def test_what_stands_behind_a_held_evaluation_stays_while_it_is_measured_again(workspace):
    evaluate(workspace, Request(**SMALL))
    reader = Reader(workspace)
    shown = kept(reader)
    assert is_same(kept(reader), shown)
    before = next(requests.compare(Reader(workspace), shown, "vae"))
    assert list(requests.hold(reader, shown)) == ["vae", "autogen-m1"]
    fewer = Request(**{**SMALL, "limit": 50})
    for event in recall_or_evaluate(Run.open(workspace.run("tiny")), workspace, fewer, "cpu", anew=True):
        if isinstance(event, Progress) and event.stage.endswith("importance samples"):
            break  # in the midst of it: with fewer of what was given back
    assert kept(reader).sentences == shown.sentences
    assert next(requests.compare(reader, shown, "vae")) == before
    spread, items = requests.open_number(reader, shown, "autogen-m1", "bleu_beam_mu", True)
    assert set(spread.counts) == {"vae", "autogen-m1"}
    assert len(items) == requests.MOST_ITEMS
    with pytest.raises(LoomError, match="no longer there"):
        list(requests.hold(Reader(workspace), shown))


def test_numbers_over_a_selection_are_not_those_of_the_page(workspace):
    evaluate(workspace, Request(**SMALL, selection=Selection.of("the")))
    reader = Reader(workspace)
    assert look(reader).evaluation is None
    evaluate(workspace, Request(**SMALL))
    shown = kept(reader)
    assert not shown.selection
    evaluate(workspace, Request(**SMALL, selection=Selection.of("a")))
    assert is_same(kept(reader), shown)


def test_how_many_sentences_there_are_is_known_before_anything_is_measured(workspace):
    known = look(Reader(workspace)).known
    assert known.sentences == 78
    assert words.lead(known, None, False) == "Measure all 78 sentences"
