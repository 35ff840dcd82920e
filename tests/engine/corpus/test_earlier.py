"""An earlier corpus of the same name stays, unless the new one is the same or its replacement was asked for."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import UsageError
from engine.events import Note
from engine.runs.run import Run, trained_on
from engine.storage.digests import VERIFIED
from engine.workspace import Workspace
from tests.engine.corpus.preparing import entries, run, sentences, write_lines


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "text.txt", sentences(300))


@pytest.fixture
def target(tmp_path: Path, text: Path) -> Path:
    run(text, tmp_path / "corpora" / "mine")
    return tmp_path / "corpora" / "mine"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != VERIFIED}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 3}, "seed was 0, now 3"),
        ({"vocabulary": 12}, "vocabulary was 20000, now 12"),
        ({"test_fraction": 0.2}, "test_fraction was 0.1, now 0.2"),
        ({"max_words": 8}, "max_words was 30, now 8"),
        ({"min_words": 6, "limit": 10}, "min_words was 5, now 6; limit was not given, now 10"),
    ],
)
def test_other_settings_are_refused_before_anything_is_read(
    text: Path, target: Path, change: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(target)
    monkeypatch.setattr("engine.corpus.prepare._read", None)  # reading would fail
    with pytest.raises(UsageError) as refused:
        run(text, target, **change)
    assert said in refused.value.message
    assert "--replace" in refused.value.hint
    assert "--name" in refused.value.hint
    assert content(target) == before


def test_another_source_is_refused_however_alike_its_text(text: Path, target: Path) -> None:
    packed = text.with_name("text.txt.gz")
    packed.write_bytes(gzip.compress(text.read_bytes()))
    with pytest.raises(UsageError, match=r"source was .*, now "):
        run(packed, target)


def test_the_same_source_may_be_written_in_another_way(
    text: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(text.parent)
    result, _ = run("./text.txt", target)
    assert result["fingerprint"] == Corpus.open(target).fingerprint


def test_the_same_again_mends_a_damaged_corpus(text: Path, target: Path) -> None:
    whole = content(target)
    (target / "train.ids").write_bytes(b"")
    run(text, target)
    assert content(target) == whole


def test_a_text_that_has_changed_is_refused_in_the_end_and_leaves_no_scraps(text: Path, target: Path) -> None:
    before = content(target)
    write_lines(text, sentences(301))
    with pytest.raises(UsageError, match="source has changed"):
        run(text, target)
    assert content(target) == before
    assert entries(target.parent) == ["mine"]


def test_with_replace_another_corpus_takes_the_place(text: Path, target: Path) -> None:
    before = Corpus.open(target).fingerprint
    events = list(prepare_corpus(CorpusRequest(str(text), "mine", seed=3), target, replace=True))
    assert events
    assert Corpus.open(target).fingerprint != before


def test_a_description_that_cannot_be_read_is_not_replaced_unasked(text: Path, target: Path) -> None:
    (target / "corpus.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read") as refused:
        run(text, target)
    assert "--replace" in refused.value.hint
    list(prepare_corpus(CorpusRequest(str(text), "mine"), target, replace=True))
    assert Corpus.open(target).name == "mine"


def test_the_runs_trained_on_it_are_named(text: Path, target: Path) -> None:
    asked: list[str] = []

    def users(fingerprint: str) -> list[str]:
        asked.append(fingerprint)
        return ["novel", "novel-2"]

    request = CorpusRequest(str(text), "mine", seed=3)
    with pytest.raises(UsageError, match="Trained on it: novel, novel-2"):
        list(prepare_corpus(request, target, users=users))
    assert asked == [Corpus.open(target).fingerprint]


def test_runs_that_lose_their_corpus_are_named(text: Path, target: Path) -> None:
    def notes(runs: list[str], **settings: Any) -> list[str]:
        request = CorpusRequest(str(text), "mine", **settings)
        events = list(prepare_corpus(request, target, replace=True, users=lambda fingerprint: runs))
        return [event.text for event in events if isinstance(event, Note) and "was here before" in event.text]

    assert notes(["one", "two"]) == []  # the same corpus
    (told,) = notes(["one", "two"], vocabulary=12)
    assert told.startswith("On the corpus that was here before, the runs one, two were trained.")
    assert notes([], vocabulary=13) == []


def test_runs_are_found_by_the_fingerprint_of_their_corpus(tiny_workspace: Workspace, tiny_run: Run) -> None:
    assert trained_on(tiny_run.settings.corpus.fingerprint, tiny_workspace) == ["tiny"]
    assert trained_on("0" * 64, tiny_workspace) == []
    packaged = json.loads((tiny_workspace.run("demo") / "run.json").read_text())
    assert trained_on(packaged["corpus"]["fingerprint"], tiny_workspace) == ["demo"]
