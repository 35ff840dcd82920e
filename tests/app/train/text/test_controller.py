"""A text that is chosen, looked at, named and prepared, with a command that a test leads and no window."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.train.text.controller import TextController
from app.train.text.state import TextState
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob
from tests.engine.corpus.preparing import run, sentences, write_lines


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    (tmp_path / "corpora" / "novel").mkdir(parents=True)
    return Workspace(tmp_path)


@pytest.fixture
def controller(qapp, workspace):
    FakeJob.made.clear()
    made = TextController(TextState(), workspace, DirectWorker, FakeJob)
    made.words, made.ready = [], []  # type: ignore[attr-defined]
    made.told.connect(made.words.append)  # type: ignore[attr-defined]
    made.prepared.connect(made.ready.append)  # type: ignore[attr-defined]
    made.open()
    yield made
    made.close()


@pytest.fixture
def novel(tmp_path) -> Path:
    return write_lines(tmp_path / "novel.txt", [*sentences(80), "Short.", "Short too."])


def test_a_text_is_looked_at_with_the_numbers_that_preparing_has(controller, novel, tmp_path):
    controller.choose([novel])
    state = controller.state
    assert state.stage.kind == "ready"
    result, _ = run(novel, tmp_path / "made")
    assert (state.seen.sentences, state.seen.train, state.seen.test) == (
        result["sentences"],
        result["train"],
        result["test"],
    )
    assert dict(state.seen.dropped) == result["dropped"]


def test_every_change_is_looked_at_anew(controller, novel):
    controller.choose([novel])
    before = controller.state.seen
    controller.set_number("min_words", 1)
    assert controller.state.seen.sentences == before.sentences + 2
    controller.set_number("vocabulary", 10)
    assert controller.state.seen.vocabulary == 10
    controller.set_number("test_percent", 50)
    assert controller.state.seen.test > before.test


def test_what_cannot_be_read_is_told_with_a_step_in_the_window(controller, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("id,review\n" + "".join(f"{i},{line}\n" for i, line in enumerate(sentences(30))))
    controller.choose([table])
    assert (controller.state.stage.kind, controller.state.seen.column) == ("ready", "review")
    controller.set_column("nothing")
    state = controller.state
    assert state.stage.kind == "failed"
    assert "There is no column 'nothing'" in state.stage.text
    assert state.stage.hint
    assert "--" not in state.stage.hint
    assert state.seen.columns == ("id", "review")
    controller.prepare()
    assert FakeJob.made == []
    controller.set_column("review")
    assert controller.state.stage.kind == "ready"
    table.unlink()
    controller.look_again()
    assert "There is no file" in controller.state.stage.text


def test_the_command_takes_what_was_chosen_and_the_corpus_is_told(controller, novel, workspace):
    controller.choose([novel])
    controller.set_number("max_words", 20)
    controller.set_number("test_percent", 25)
    controller.set_name(" mine ")
    controller.prepare()
    job = FakeJob.made[0]
    assert job.started
    assert job.arguments == [
        *("corpus", str(novel), "--name", "mine", "--min-words", "5", "--max-words", "20"),
        *("--vocabulary", "20000", "--test-fraction", "0.25", "--workspace", str(workspace.root)),
    ]
    job.reported.emit({"event": "progress", "stage": "reading", "done": 1, "total": 2})
    assert controller.state.preparing.fraction == 0.45
    controller.choose([novel])
    assert "being prepared" in controller.words[-1]
    job.finished.emit({"name": "mine", "train": 60, "test": 20})
    assert controller.ready == ["mine"]
    assert controller.words[-1] == "mine is prepared: 60 sentences to learn from, 20 to test."
    assert controller.state.draft.source == ""


def test_a_name_that_is_taken_is_not_suggested_and_not_prepared(controller, novel):
    controller.choose([novel])
    controller.set_name("novel")
    controller.prepare()
    assert FakeJob.made == []
    controller.choose([novel])
    controller.prepare()
    assert FakeJob.made[0].arguments[3] == "novel-2"


def test_a_preparation_can_be_given_up_and_begun_again(controller, novel):
    controller.choose([novel])
    controller.prepare()
    controller.cancel()
    assert FakeJob.made[0].stopped
    assert controller.state.preparing.kind == "none"
    controller.prepare()
    assert len(FakeJob.made) == 2


def test_a_preparation_that_fails_says_why_and_what_was_chosen_stays(controller, novel):
    controller.choose([novel])
    controller.prepare()
    FakeJob.made[0].failed.emit("The disk is full.", "Free some space, or give another --name NAME.")
    state = controller.state
    assert (state.preparing.kind, state.preparing.text) == ("failed", "The disk is full.")
    assert state.preparing.hint == "Free some space, or give another Name."
    assert state.draft.source == str(novel)


def test_of_several_files_none_is_taken(controller, novel, tmp_path):
    controller.choose([novel, tmp_path])
    assert controller.state.draft.source == ""
    assert "one folder that holds them" in controller.words[-1]
