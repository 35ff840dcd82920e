"""The nearest training sentence against plain Levenshtein over every sentence."""

from __future__ import annotations

import os
import random
import shutil
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.corpus.store import Corpus, SentenceStore
from engine.corpus.vocabulary import SPECIALS, Vocabulary
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.runs.run import Run
from engine.sentences.memorisation import TrainingSearch, nearest_training, training_corpus
from engine.session import Session
from engine.storage.mapped_array import MappedArray
from engine.workspace import Workspace
from tests.conftest import change_json


def levenshtein(a: Sequence[int], b: Sequence[int]) -> int:
    """Wagner and Fischer's table, row by row."""
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def brute_force(query: Sequence[int], sentences: Sequence[Sequence[int]]) -> tuple[float, int, int]:
    """(distance, index, edits) of the nearest, the first of equally near ones."""
    found = []
    for index, sentence in enumerate(sentences):
        edits = levenshtein(query, sentence)
        found.append((edits / max(len(query), len(sentence)), index, edits))
    return min(found)


def corpus_of(sentences: Sequence[Sequence[int]], words: int) -> Any:
    """A corpus in memory: what the search needs of one."""
    ids = np.array([word for sentence in sentences for word in sentence], dtype=np.uint16)
    offsets = np.concatenate([[0], np.cumsum([len(sentence) for sentence in sentences])]).astype(np.int64)
    vocabulary = Vocabulary([*SPECIALS, *(f"w{number}" for number in range(4, words))])
    return SimpleNamespace(
        train=SentenceStore(MappedArray(ids), MappedArray(offsets)), vocabulary=vocabulary, name="made"
    )


def last(corpus: Any, queries: Sequence[Sequence[str]]) -> TrainingSearch:
    *_, search = nearest_training(corpus, queries)
    assert search.complete
    return search


@pytest.mark.parametrize("longest", [12, 140])
@pytest.mark.parametrize("words", [8, 60])
def test_it_is_the_nearest_of_all_and_the_first_of_equals(
    monkeypatch: pytest.MonkeyPatch, words: int, longest: int
) -> None:
    """Few words give many equally near sentences; long ones do not fit the counts of one byte."""
    for name, value in (("FIRST_BLOCK", 7), ("BLOCK", 64), ("GROUP", 3), ("_AT_ONCE", (2, 5))):
        monkeypatch.setattr(f"engine.sentences.memorisation.{name}", value)
    choose = random.Random(words * longest)
    train = [
        [choose.randrange(1, words) for _ in range(choose.randint(1, longest))]
        for _ in range(400 if longest < 100 else 30)
    ]
    queries = [[choose.randrange(4, words) for _ in range(choose.randint(1, longest))] for _ in range(6)]
    for index in (3, 17, 29):  # training sentences, some with a few changes
        query = [max(word, 4) for word in train[index]]
        queries += [train[index], query[:-1] or [4], [4, *query], query[::-1]]
    corpus = corpus_of(train, words)
    search = last(corpus, [corpus.vocabulary.decode(query) for query in queries])
    for query, near in zip(queries, search.nearest, strict=True):
        known = corpus.vocabulary.encode(corpus.vocabulary.decode(query))  # special words are read as unknown ones
        distance, index, edits = brute_force(known, train)
        assert near is not None
        assert (near.distance, near.index, near.edits) == (distance, index, edits)
        assert corpus.vocabulary.encode(near.words) == [word if word >= 4 else 1 for word in train[index]]


def test_what_the_models_say_is_found_in_the_prepared_corpus(tiny_run: Run, tiny_corpus: Corpus) -> None:
    session = Session.load(tiny_run, "cpu")
    train = [tiny_corpus.train.ids(index).tolist() for index in range(len(tiny_corpus.train))]
    said = [each.words for made in session.sample(n=6, options=DecodeOptions("greedy")).values() for each in made]
    said += [tuple(tiny_corpus.vocabulary.decode(train[17])), ("the", "zebra", "sees", "the", "river", "."), ()]
    said.insert(0, said[0])  # equal sentences may be asked about
    search = last(tiny_corpus, said)
    assert search.nearest[0] == search.nearest[1]
    for words, near in zip(said, search.nearest, strict=True):
        distance, index, edits = brute_force(tiny_corpus.vocabulary.encode(words), train)
        assert near is not None
        assert (near.distance, near.index, near.edits) == (distance, index, edits)
    verbatim = search.nearest[-3]
    assert verbatim is not None
    assert (verbatim.distance, verbatim.words) == (0.0, tuple(said[-3]))
    assert f"all {len(train):,} training sentences" in search.how


def test_the_search_grows_and_ends_early_where_all_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.sentences.memorisation.FIRST_BLOCK", 10)
    monkeypatch.setattr("engine.sentences.memorisation.BLOCK", 20)
    corpus = corpus_of([[4 + number % 9, 5, 6] for number in range(60)], 20)
    grown = list(nearest_training(corpus, [("w15", "w5", "w6")]))
    assert [search.searched for search in grown] == [10, 30, 50, 60]
    assert not grown[0].complete
    assert [near.edits for search in grown for near in search.nearest if near] == [1, 1, 1, 1]
    found = list(nearest_training(corpus, [("w5", "w5", "w6"), ("w12", "w5", "w6")]))
    assert [search.searched for search in found] == [60]
    assert [near.index for near in found[0].nearest if near] == [1, 8]


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.sentences.memorisation.BLOCK", 2048)
    peaks = []
    for sentences in (20_000, 200_000):
        ids = np.random.default_rng(0).integers(4, 500, sentences * 8, dtype=np.uint16)
        offsets = np.arange(0, len(ids) + 1, 8, dtype=np.int64)
        stores = []
        for values in (ids, offsets):
            path = tmp_path / f"{sentences}.{values.dtype}"
            values.tofile(path)
            stores.append(MappedArray(np.memmap(path, dtype=values.dtype, mode="r"), os.open(path, os.O_RDONLY)))
        words = Vocabulary([*SPECIALS, *(f"w{number}" for number in range(4, 500))])
        corpus: Any = SimpleNamespace(train=SentenceStore(*stores), vocabulary=words, name="made")
        tracemalloc.start()
        last(corpus, [words.decode(range(start, start + 9)) for start in range(10, 400, 10)])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_what_cannot_be_asked_is_refused(tiny_corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="0 sentences"):
        next(nearest_training(tiny_corpus, []))
    with pytest.raises(UsageError, match="100,001 sentences"):
        next(nearest_training(tiny_corpus, [()] * 100_001))
    with pytest.raises(LoomError, match="damaged"):
        next(nearest_training(corpus_of([[4, 5], [6, 5000]], 9), [("w5",)]))
    with pytest.raises(LoomError, match="no training sentences"):
        next(nearest_training(corpus_of([], 9), [("w5",)]))


def test_a_corpus_that_is_gone_or_another_one_is_told_with_the_command(
    tiny_workspace: Workspace, tiny_run: Run, tmp_path: Path
) -> None:
    assert len(training_corpus(tiny_run, tiny_workspace).train) > 100
    with pytest.raises(LoomError, match="missing") as gone:
        training_corpus(tiny_run, Workspace(tmp_path))
    assert f"--name {tiny_run.settings.corpus.name} --min-words 5" in gone.value.hint
    shutil.copytree(tiny_workspace.corpus("tiny"), tmp_path / "corpora" / "tiny")
    change_json(tmp_path / "corpora" / "tiny" / "corpus.json", fingerprint="another")
    with pytest.raises(LoomError, match="not the one") as other:
        training_corpus(tiny_run, Workspace(tmp_path))
    assert "--replace" in other.value.hint
    demo = Run.open(Workspace().run("demo"))
    with pytest.raises(LoomError, match="not prepared") as unprepared:
        training_corpus(demo, Workspace(tmp_path))
    assert "python main.py corpus demo --name demo" in unprepared.value.hint


def test_files_that_shrink_while_they_are_read_are_told(tiny_workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(tiny_workspace.corpus("tiny"), tmp_path / "tiny")
    for name in ("train.ids", "train.offsets"):
        corpus = Corpus.open(tmp_path / "tiny")
        whole = (tmp_path / "tiny" / name).read_bytes()
        (tmp_path / "tiny" / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(LoomError, match="were changed"):
            list(nearest_training(corpus, [("the", "cat")]))
        (tmp_path / "tiny" / name).write_bytes(whole)
