"""Preparing a corpus: filters, split, vocabulary, memory, interruption."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from engine.corpus import prepare
from engine.corpus.cutting import in_test_set
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.corpus.vocabulary import SPECIALS, UNK
from engine.errors import LoomError, UsageError
from engine.events import Note, Progress
from tests.engine.corpus.preparing import all_texts, entries, prepared, run, sentences, train_texts, write_lines

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tatoeba_en.txt.gz"


def test_the_result_has_the_promised_fields_and_adds_up(tmp_path: Path) -> None:
    lines = [*sentences(300), "Too short.", "Word " * 40, "", "  "]
    result, events = run(write_lines(tmp_path / "text.txt", lines), tmp_path / "mine", vocabulary=15)
    assert list(result) == [
        *(
            "name",
            "sentences",
            "train",
            "test",
            "vocabulary",
            "tokens",
            "unknown_rate",
            "dropped",
            "fingerprint",
            "given",
            "language",
            "path",
        )
    ]
    assert result["name"] == "mine"
    assert result["sentences"] == result["train"] + result["test"] == 300
    assert result["dropped"] == {"empty": 2, "too_long": 1, "too_short": 1}
    assert result["path"] == str(tmp_path / "mine")
    corpus = Corpus.open(tmp_path / "mine")
    assert result["tokens"] == corpus.train.tokens + corpus.test.tokens
    ids = [i for store in (corpus.train, corpus.test) for n in range(len(store)) for i in store.ids(n)]
    assert result["unknown_rate"] == pytest.approx(ids.count(UNK) / len(ids))
    assert 0 < result["unknown_rate"] < 1
    assert json.loads(json.dumps(result)) == result
    assert any(isinstance(event, Progress) for event in events)


def test_the_vocabulary_is_that_of_a_plain_count_of_the_training_sentences(tmp_path: Path) -> None:
    lines = sentences(500) + sentences(200, seed=5)
    corpus = prepared(write_lines(tmp_path / "text.txt", lines), tmp_path / "c", vocabulary=16)
    counts: Counter[str] = Counter()
    for line in lines:
        if not in_test_set(line, 0, 0.1):
            counts.update(tokenize(line))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    assert corpus.vocabulary.words == (*SPECIALS, *ordered[:12])


def test_equally_common_words_come_in_alphabetical_order(tmp_path: Path) -> None:
    text = write_lines(tmp_path / "text.txt", ["zebra yak ox cow ape", "cow ox ape zebra yak"])
    corpus = prepared(text, tmp_path / "c", vocabulary=7, test_fraction=0)
    assert corpus.vocabulary.words[4:] == ("ape", "cow", "ox")
    assert corpus.vocabulary.decode(corpus.train.ids(0)) == ["<unk>", "<unk>", "ox", "cow", "ape"]


def test_words_of_the_test_set_alone_stay_out_of_the_vocabulary(tmp_path: Path) -> None:
    lines = sentences(200)
    hidden = next(
        f"A quagga{n} walked past us." for n in range(100) if in_test_set(f"A quagga{n} walked past us.", 0, 0.1)
    )
    result, events = run(write_lines(tmp_path / "text.txt", [*lines, hidden]), tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    assert hidden in list(corpus.test_texts())
    assert not any(word.startswith("quagga") for word in corpus.vocabulary.words)
    assert result["vocabulary"] == len(corpus.vocabulary) < 20_000
    assert any(isinstance(event, Note) and "different words" in event.text for event in events)


def test_adding_text_never_moves_a_sentence_between_training_and_test(tmp_path: Path) -> None:
    small = prepared(write_lines(tmp_path / "small.txt", sentences(300)), tmp_path / "small")
    more = [*reversed(sentences(300)), *sentences(900, seed=7)]
    large = prepared(write_lines(tmp_path / "large.txt", more), tmp_path / "large")
    assert train_texts(small) <= train_texts(large)
    assert set(small.test_texts()) <= set(large.test_texts())
    assert 0.05 < len(large.test) / 1200 < 0.15


def test_the_split_looks_past_capitals_and_spaces_and_depends_on_the_seed() -> None:
    texts = sentences(400)
    first = [in_test_set(text, 0, 0.5) for text in texts]
    assert [in_test_set(f"  {text.upper()}\t".replace(" ", "  "), 0, 0.5) for text in texts] == first
    assert [in_test_set(text, 1, 0.5) for text in texts] != first
    assert all(in_test_set(text, 0, 0.6) for text, inside in zip(texts, first, strict=True) if inside)
    assert not any(in_test_set(text, 0, 0) for text in texts)


def test_the_fingerprint_is_that_of_the_material(tmp_path: Path) -> None:
    lines = sentences(200)
    plain = write_lines(tmp_path / "a.txt", lines)
    packed = tmp_path / "b.txt.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    first, _ = run(plain, tmp_path / "one")
    same, _ = run(packed, tmp_path / "two")
    assert first["fingerprint"] == same["fingerprint"]
    for change in ({"seed": 1}, {"vocabulary": 12}, {"max_words": 8}, {"limit": 150}):
        other, _ = run(plain, tmp_path / "-".join(change), **change)
        assert other["fingerprint"] != first["fingerprint"]


def test_a_limit_keeps_exactly_that_many_sentences(tmp_path: Path) -> None:
    text = write_lines(tmp_path / "text.txt", ["Short.", *sentences(5000)])
    result, _ = run(text, tmp_path / "c", limit=2345)
    assert result["sentences"] == 2345


def _peak(source: Path, target: Path) -> int:
    run(source, target)
    tracemalloc.start()
    try:
        run(source, target)  # the same again
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small blocks, so that a small text has several.
    monkeypatch.setattr("engine.corpus.lines._BLOCK", 1 << 14)
    lines = sentences(12_000)
    small = write_lines(tmp_path / "small.txt", lines[:2_000])
    large = write_lines(tmp_path / "large.txt", lines)
    assert large.stat().st_size > 25 * (1 << 14)
    assert _peak(large, tmp_path / "large") < 1.3 * _peak(small, tmp_path / "small")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_preparation_keeps_the_earlier_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    text = write_lines(tmp_path / "text.txt", sentences(300))
    target = tmp_path / "corpora" / "mine"
    earlier, _ = run(text, target)

    def interrupted(*_: object) -> None:
        raise stop

    monkeypatch.setattr(prepare, "choose_vocabulary", interrupted)
    with pytest.raises(stop):
        run(text, target)
    assert entries(target.parent) == ["mine"]
    assert Corpus.open(target).fingerprint == earlier["fingerprint"]


def test_a_generator_that_is_closed_leaves_nothing_behind(tmp_path: Path) -> None:
    text = write_lines(tmp_path / "text.txt", sentences(300))
    task = prepare_corpus(CorpusRequest(str(text), "mine"), tmp_path / "corpora" / "mine")
    next(task)
    assert entries(tmp_path / "corpora")
    task.close()  # type: ignore[attr-defined]
    assert entries(tmp_path / "corpora") == []


def test_a_full_disk_is_reported_and_keeps_the_earlier_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_lines(tmp_path / "text.txt", sentences(300))
    target = tmp_path / "corpora" / "mine"
    earlier, _ = run(text, target)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepare, "choose_vocabulary", full)
    with pytest.raises(LoomError, match="disk is full while writing"):
        run(text, target)
    assert Corpus.open(target).fingerprint == earlier["fingerprint"]


@pytest.mark.parametrize(
    "values",
    [
        {"min_words": 0},
        {"min_words": 9, "max_words": 8},
        {"vocabulary": 4},
        {"test_fraction": 1.0},
        {"test_fraction": -0.1},
        {"test_fraction": float("nan")},
        {"limit": 0},
    ],
)
def test_impossible_settings_are_wrong_usage(values: dict[str, float]) -> None:
    with pytest.raises(UsageError) as refused:
        CorpusRequest("demo", "demo", **values)  # type: ignore[arg-type]
    assert refused.value.exit_code == 2
    assert refused.value.hint


def test_a_test_set_without_sentences_is_a_warning(tmp_path: Path) -> None:
    _, events = run(write_lines(tmp_path / "text.txt", sentences(20)), tmp_path / "c", test_fraction=0)
    assert any(isinstance(event, Note) and event.level == "warning" for event in events)
    corpus = Corpus.open(tmp_path / "c")
    assert len(corpus.test) == len(corpus.test_texts()) == corpus.test.tokens == 0
    assert len(all_texts(corpus)) == 20


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_file(), reason="the shared corpora are not beside the checkout")
def test_real_sentences_are_prepared(tmp_path: Path) -> None:
    corpus = prepared(SHARED, tmp_path / "tatoeba", limit=20_000, vocabulary=5_000)
    assert len(corpus.train) + len(corpus.test) == 20_000
    assert len(corpus.vocabulary) == 5_000
    assert 0.08 < len(corpus.test) / 20_000 < 0.12
    assert corpus.settings["unknown_rate"] < 0.05
