"""An evaluation with the second judge: trained, kept, stopped, damaged, of another text."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError, Stopped
from engine.evaluation.measures import kept
from engine.evaluation.measures.asked import look_up
from engine.evaluation.measures.behind import Behind
from engine.evaluation.measures.definitions import RECURRENT
from engine.evaluation.measures.judge.recipe import STAGE, Sizes
from engine.evaluation.measures.judge.scoring import RecurrentJudge
from engine.evaluation.measures.judge.stored import path_of, read, write
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.measures.tables import notes
from engine.events import Done, Event, Note, Progress
from engine.runs.run import Run
from engine.workspace import Workspace

PLAIN = Request(limit=25, samples=4, draws=24, pairs=20, beam=2)
JUDGED = replace(PLAIN, judge=True)


def whole(workspace: Workspace, request: Request, **options: object) -> tuple[Evaluation, list[Event]]:
    run = Run.open(workspace.run("tiny"))
    events = list(recall_or_evaluate(run, workspace, request, "cpu", **options))  # type: ignore[arg-type]
    assert isinstance(events[-1], Done)
    return Evaluation.from_json(events[-1].result), events


def stages(events: list[Event]) -> list[str]:
    return [event.stage for event in events if isinstance(event, Progress)]


@pytest.fixture(scope="module")
def judged(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Evaluation]:
    place = Workspace(tmp_path_factory.mktemp("judged"))
    shutil.copytree(tiny_workspace.root, place.root, dirs_exist_ok=True)
    plain, events = whole(place, PLAIN)
    assert STAGE not in stages(events)
    assert RECURRENT not in plain.variants[0].numbers
    found, events = whole(place, JUDGED)
    told = stages(events)
    assert told[-1] == STAGE  # after all else
    shared = {key: number for key, number in found.variants[0].numbers.items() if not key.startswith(RECURRENT)}
    assert shared == plain.variants[0].numbers
    return place, found


@pytest.fixture
def place(judged: tuple[Workspace, Evaluation], tmp_path: Path) -> Workspace:
    """A copy of the workspace that has a judge."""
    shutil.copytree(judged[0].root, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path)


def test_its_numbers_are_those_of_its_network(judged: tuple[Workspace, Evaluation]) -> None:
    place, evaluation = judged
    run, corpus = Run.open(place.run("tiny")), Corpus.open(place.corpus("tiny"))
    stored = read(run)
    assert stored is not None
    network = RecurrentJudge.of(stored, torch.device("cpu"), "it").network

    def cost(sentence: list[int]) -> float:
        return float(network.likelihood(torch.tensor([sentence]), torch.tensor([len(sentence)])).total.detach())

    for name, fingerprint in evaluation.models.items():
        texts = kept.drawer(run, place, name, fingerprint, 0).read("draws", {"beam": PLAIN.beam}).texts
        assert texts is not None
        costs = np.array([cost(texts[row]) for row in range(PLAIN.draws)])
        tokens = texts.lengths[: PLAIN.draws] + 1
        number = evaluation.variant(name).numbers[RECURRENT]
        assert number.value == pytest.approx(np.exp(costs.sum() / tokens.sum()), rel=1e-5)
        assert (number.n, number.unit, number.seed) == (PLAIN.draws, "", 0)
        assert "recurrent" in number.how
        assert number.low is not None
        assert number.low < number.value
        short = evaluation.variant(name).numbers[f"{RECURRENT}_short"]
        inside = tokens <= 11
        assert short.value == pytest.approx(np.exp(costs[inside].sum() / tokens[inside].sum()), rel=1e-5)
        alone = Behind(run, place, evaluation).distribution(name, RECURRENT)
        assert alone == pytest.approx(np.exp(costs / tokens), rel=1e-5)
        assert Behind(run, place, evaluation).items(name, RECURRENT, 1)[0].source == ""
    tests = [corpus.test.ids(row).tolist() for row in range(PLAIN.limit)]
    tests = [each for each in tests if UNK not in each]
    own = np.exp(sum(map(cost, tests)) / sum(len(each) + 1 for each in tests))
    facts = evaluation.language_model
    assert facts["recurrent"]["perplexity"] == pytest.approx(own, rel=1e-5)
    assert facts["recurrent"]["tests"] == facts["tests"] == len(tests)  # both over the same sentences
    assert any(f"{own:.1f}" in note and "Recurrent" in note for note in notes(evaluation))


def test_what_is_kept_is_used_whether_asked_for_or_not(place: Workspace, judged: tuple[Workspace, Evaluation]) -> None:
    before = path_of(place.run("tiny")).read_bytes()
    for request in (PLAIN, JUDGED):
        found, events = whole(place, request)
        assert found == judged[1]
        assert not stages(events)
    found, events = whole(place, replace(JUDGED, draws=30))
    assert found.variants[0].numbers[RECURRENT].n == 30
    assert STAGE not in stages(events)
    found, events = whole(place, JUDGED, anew=True)
    assert STAGE not in stages(events)
    assert found.variants[0].numbers == judged[1].variants[0].numbers
    assert path_of(place.run("tiny")).read_bytes() == before


def test_one_that_is_damaged_is_named_and_made_anew_where_it_is_asked_for(
    place: Workspace, judged: tuple[Workspace, Evaluation]
) -> None:
    path = path_of(place.run("tiny"))
    before = path.read_bytes()
    path.write_bytes(before[: len(before) // 2])
    found, events = whole(place, PLAIN)
    told = [event for event in events if isinstance(event, Note) and event.level == "warning"]
    assert any("judge.safetensors is cut off" in each.text and "--judge" in each.text for each in told)
    assert RECURRENT not in found.variants[0].numbers
    found, events = whole(place, JUDGED)
    assert any("judge.safetensors is cut off" in event.text for event in events if isinstance(event, Note))
    assert STAGE in stages(events)
    assert found.variants[0].numbers == judged[1].variants[0].numbers
    assert path.read_bytes() == before  # the same text, settings and seed


def test_one_of_another_text_is_not_used(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    stored = read(run)
    assert stored is not None
    write(run, replace(stored, corpus="0" * 64))
    found, events = whole(place, PLAIN)
    assert any("another text" in event.text for event in events if isinstance(event, Note))
    assert "recurrent" not in found.language_model


def test_stopped_while_it_is_trained_all_else_is_complete(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    path_of(run.path).unlink()
    request = replace(JUDGED, draws=26)
    training = iter(range(4))

    def stop() -> bool:
        complete = kept.is_complete(place.evaluation("tiny"), look_up(run, request, 1000).made_from)
        return complete and next(training, None) is None

    with pytest.raises(Stopped, match="recurrent language model"):
        whole(place, request, should_stop=stop)
    assert [each.name for each in run.path.iterdir() if "judge" in each.name] == []
    found, events = whole(place, replace(request, judge=False))
    assert found.complete
    assert not stages(events)
    found, events = whole(place, request)
    assert set(stages(events)) >= {STAGE}
    assert found.variants[0].numbers[RECURRENT].n == 26


def test_weights_of_other_sizes_are_named(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    stored = read(run)
    assert stored is not None
    write(run, replace(stored, sizes=Sizes(stored.sizes.vocabulary, 8, 8)))
    with pytest.raises(LoomError, match=r"judge\.safetensors does not hold the weights"):
        whole(place, replace(PLAIN, draws=27))


def test_a_folder_that_takes_no_file_is_told_and_the_numbers_stay(place: Workspace) -> None:
    run = Run.open(place.run("tiny"))
    path_of(run.path).unlink()
    path_of(run.path).mkdir()  # something that is no file stands in its place
    with pytest.raises(LoomError, match="no regular file"):
        whole(place, JUDGED)
    found, _ = whole(place, PLAIN)
    assert found.complete
