"""A text that is chosen, looked at, named and prepared, with a command that a test leads and no window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.train.text.controller import TextController
from app.train.text.state import TextState
from app.train.text.words import file_problems
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
    controller.set_columns(("nothing",))
    state = controller.state
    assert state.stage.kind == "failed"
    assert "There is no column 'nothing'" in state.stage.text
    assert state.stage.hint
    assert "--" not in state.stage.hint
    assert state.seen.columns == ("id", "review")
    controller.prepare()
    assert FakeJob.made == []
    controller.set_columns(("review",))
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


def test_files_named_as_the_parts_of_a_text_are_taken_together_and_reach_the_command(controller, tmp_path, workspace):
    lines = sentences(200)
    parts = {"train": lines[:150], "valid": lines[150:170], "test": [*lines[170:], *lines[:3]]}
    files = {name: write_lines(tmp_path / f"my.{name}.txt", texts) for name, texts in parts.items()}
    controller.choose([files["test"], files["valid"], files["train"]])
    state = controller.state
    assert (state.draft.source, state.draft.valid, state.draft.test) == tuple(
        str(files[name]) for name in ("train", "valid", "test")
    )
    assert controller.words[-1] == (
        "Taken as the parts of one text: my.train.txt to learn from, my.valid.txt to validate, my.test.txt to test."
    )
    assert (state.seen.train, state.seen.parts["valid"].sentences, state.seen.parts["test"].sentences) == (150, 20, 33)
    assert state.seen.in_two_parts == {"test and train": 3}
    words = write_lines(tmp_path / "words.txt", ["the", "dog", "."])
    controller.set_file("vocabulary_file", [words])
    controller.prepare()
    assert FakeJob.made[0].arguments == [
        *("corpus", str(files["train"]), "--name", "my", "--min-words", "5", "--max-words", "30"),
        *("--valid", str(files["valid"]), "--test", str(files["test"]), "--vocabulary-file", str(words)),
        *("--workspace", str(workspace.root)),
    ]


def test_a_part_that_cannot_be_used_is_told_and_keeps_the_text_from_being_prepared(controller, novel, tmp_path):
    controller.choose([novel])
    controller.set_file("test", [novel])
    controller.set_file("valid", [tmp_path / "gone.txt"])
    state = controller.state
    told = file_problems(state.seen, state.draft)
    assert "same file as the text above" in told["test"]
    assert "There is no file" in told["valid"]
    assert state.stage.kind == "ready"
    assert state.seen.train > 0
    controller.prepare()
    assert FakeJob.made == []
    controller.set_file("test", [novel, novel])
    assert controller.words[-1] == "One file at a time belongs there."
    for key in ("test", "valid"):
        controller.set_file(key, [])
    controller.prepare()
    assert FakeJob.made[0].started


def test_several_columns_are_looked_at_and_reach_the_command(controller, tmp_path):
    lines = sentences(60)
    rows = [{"question": lines[i], "answer": lines[i + 1], "id": i} for i in range(0, 60, 2)]
    table = tmp_path / "pairs.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    controller.choose([table])
    assert controller.state.stage.kind == "failed"
    controller.set_columns(("question", "answer"))
    assert (controller.state.stage.kind, controller.state.seen.sentences) == ("ready", 60)
    controller.prepare()
    made = FakeJob.made[0].arguments
    assert [made[i + 1] for i, each in enumerate(made) if each == "--column"] == ["question", "answer"]


def test_what_is_kept_beside_is_chosen_and_reaches_the_command(controller, tmp_path):
    rows = [{"text": line, "stars": i % 3, "who": "ab"[i % 2]} for i, line in enumerate(sentences(60))]
    table = tmp_path / "rated.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    controller.choose([table])
    seen = controller.state.seen
    assert (seen.beside, seen.kept) == (("stars", "who"), ("stars", "who"))
    controller.set_kept(("who",))
    assert controller.state.seen.kept == ("who",)
    controller.set_kept(())
    assert (controller.state.seen.beside, controller.state.seen.kept) == (("stars", "who"), ())
    controller.prepare()
    assert "--no-keep" in FakeJob.made[0].arguments
    controller.cancel()
    controller.set_kept(("stars", "who"))
    controller.set_columns(("who",))  # the text itself is not kept beside itself
    assert controller.state.draft.kept == ("stars",)
    controller.set_columns(("text",))
    controller.prepare()
    made = FakeJob.made[1].arguments
    assert [made[i + 1] for i, each in enumerate(made) if each == "--keep"] == ["stars"]
    controller.cancel()
    controller.set_separator("tab")
    assert controller.state.draft.kept is None
