"""Reading prepared corpora: batches against single sentences, and damaged folders."""

from __future__ import annotations

import gc
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus import store
from engine.corpus.store import Corpus, SentenceStore, ids_dtype
from engine.corpus.tokens import tokenize
from engine.corpus.vocabulary import PAD
from engine.errors import LoomError
from engine.storage.mapped_array import MappedArray
from tests.engine.corpus.preparing import prepared, sentences, write_lines


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpora")
    lines = [line.replace(" cat", " Cat") for line in sentences(400)]
    return prepared(write_lines(folder / "text.txt", lines), folder / "small", vocabulary=20)


def test_a_batch_holds_the_sentences_padded_at_the_right(corpus: Corpus) -> None:
    chosen = np.array([3, 0, 250, 3])
    ids, lengths = corpus.train.batch(chosen)
    assert ids.dtype == lengths.dtype == np.int64
    assert ids.shape == (4, lengths.max())
    for row, index in enumerate(chosen):
        single = corpus.train.ids(int(index))
        assert lengths[row] == len(single) == corpus.train.lengths[index]
        assert ids[row, : lengths[row]].tolist() == single.tolist()
        assert (ids[row, lengths[row] :] == PAD).all()


def test_lengths_and_tokens_agree_with_the_sentences(corpus: Corpus) -> None:
    assert corpus.train.lengths.dtype == np.int16
    assert corpus.train.tokens == corpus.train.lengths.sum()
    assert corpus.train.lengths.min() >= corpus.min_words == 5
    assert corpus.train.lengths.max() <= corpus.max_words == 30


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 7))
def test_lengths_are_found_block_by_block(expected: list[int], block: int) -> None:
    offsets = np.cumsum([0, *expected])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_BLOCK", block)
        assert (
            SentenceStore(MappedArray(np.zeros(sum(expected), np.uint16)), MappedArray(offsets)).lengths.tolist()
            == expected
        )


def test_a_sentence_of_very_many_words_has_its_length() -> None:
    lengths = SentenceStore(MappedArray(np.zeros(40_003, np.uint16)), MappedArray(np.array([0, 3, 40_003]))).lengths
    assert lengths.tolist() == [3, 40_000]


def test_a_system_that_cannot_read_at_a_place_gives_the_same(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(len(corpus.train))[::-1]
    expected, lengths = corpus.train.batch(rows)
    monkeypatch.delattr("os.pread", raising=False)
    ids, found = Corpus.open(corpus.path).train.batch(rows)
    assert (ids == expected).all()
    assert (found == lengths).all()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux does")
def test_a_corpus_that_is_no_longer_needed_keeps_no_file_open(corpus: Corpus) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        Corpus.open(corpus.path).train.batch([0])
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_test_texts_belong_to_the_test_sentences(corpus: Corpus) -> None:
    texts = corpus.test_texts()
    assert len(texts) == len(corpus.test) > 10
    for index, text in enumerate(texts):
        assert corpus.vocabulary.encode(tokenize(text)) == corpus.test.ids(index).tolist()
    assert texts[-1] == texts[len(texts) - 1]
    assert texts[2:5] == [texts[2], texts[3], texts[4]]


def test_indices_outside_are_refused_and_none_give_an_empty_batch(corpus: Corpus) -> None:
    for bad in (-1, len(corpus.train)):
        with pytest.raises(IndexError):
            corpus.train.ids(bad)
        with pytest.raises(IndexError):
            corpus.train.batch([0, bad])
    with pytest.raises(IndexError):
        corpus.test_texts()[len(corpus.test)]
    ids, lengths = corpus.train.batch([])
    assert ids.shape == (0, 0)
    assert lengths.shape == (0,)


def test_large_vocabularies_use_larger_numbers() -> None:
    assert ids_dtype(65_536).itemsize == 2
    assert ids_dtype(65_537).itemsize == 4


def _copy(corpus: Corpus, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus.path, tmp_path / "copy"))


@pytest.mark.parametrize("name", ["train.ids", "train.offsets", "test.ids", "test.offsets", "test.text"])
def test_a_file_that_is_cut_off_or_missing_is_noticed(corpus: Corpus, tmp_path: Path, name: str) -> None:
    file = _copy(corpus, tmp_path) / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(LoomError, match=f"damaged: {name} has") as refused:
        Corpus.open(file.parent)
    assert "Prepare it again" in refused.value.hint
    file.unlink()
    with pytest.raises(LoomError, match=f"{name} is missing"):
        Corpus.open(file.parent)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "recipe"}, "does not describe a corpus"),
        ({"version": 3}, "format version 3"),
        ({"train": "many"}, "train: Input should be a valid integer"),
        ({"vocabulary": 21}, "vocabulary.txt has 20 words"),
        ({"filters": {}}, "filters.min_words: Field required"),
        ({"fingerprint": None}, "fingerprint: Input should be a valid string"),
        ({"test": 3}, "test.offsets has"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    corpus: Corpus, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    file = _copy(corpus, tmp_path) / "corpus.json"
    file.write_text(json.dumps({**corpus.settings, **change}))
    with pytest.raises(LoomError, match=said):
        Corpus.open(file.parent)


def test_swapped_words_are_noticed_and_an_older_corpus_opens(corpus: Corpus, tmp_path: Path) -> None:
    folder = _copy(corpus, tmp_path)
    words = (folder / "vocabulary.txt").read_text().splitlines()
    words[5], words[6] = words[6], words[5]
    (folder / "vocabulary.txt").write_text("\n".join(words) + "\n")
    with pytest.raises(LoomError, match="changed places"):
        Corpus.open(folder)
    later = ("vocabulary_fingerprint", "digests")
    older = {key: value for key, value in corpus.settings.items() if key not in later}
    (folder / "corpus.json").write_text(json.dumps(older))
    assert Corpus.open(folder).vocabulary.words[5] == words[5]


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="There is no corpus in") as refused:
        Corpus.open(tmp_path / "novels")
    assert "--name novels" in refused.value.hint


def test_a_description_that_is_no_json_is_named(corpus: Corpus, tmp_path: Path) -> None:
    file = _copy(corpus, tmp_path) / "corpus.json"
    file.write_text("{")
    with pytest.raises(LoomError, match=r"corpus\.json is not valid JSON"):
        Corpus.open(file.parent)


@pytest.mark.parametrize(
    "name", ["corpus.json", *(name for name in store.FILES if not name.startswith(("valid", "columns")))]
)
def test_one_flipped_bit_anywhere_is_told_and_never_read_as_something_else(
    corpus: Corpus, tmp_path: Path, name: str
) -> None:
    folder = _copy(corpus, tmp_path)
    whole = (folder / name).read_bytes()
    chance = np.random.default_rng(len(whole))
    for _ in range(12):
        data = bytearray(whole)
        data[chance.integers(len(data))] ^= 1 << chance.integers(8)
        (folder / name).write_bytes(data)
        with pytest.raises(LoomError) as refused:
            Corpus.open(folder)
        assert name.removesuffix(".offsets") in str(refused.value)
        assert refused.value.hint
    (folder / name).write_bytes(whole)
    assert Corpus.open(folder).fingerprint == corpus.fingerprint


def test_damage_that_comes_while_a_corpus_is_open_is_told(corpus: Corpus, tmp_path: Path) -> None:
    opened = Corpus.open(_copy(corpus, tmp_path))
    for name, value in (("test.text.offsets", 1 << 40), ("train.offsets", 1 << 40)):
        with open(opened.path / name, "rb+") as file:
            file.seek(3 * 8)
            file.write(int(value).to_bytes(8, "little"))
    with open(opened.path / "test.ids", "rb+") as file:
        file.write(b"\xff\xff" * 4)
    for read in (
        lambda: opened.test_texts()[2],
        lambda: opened.train.ids(2),
        lambda: opened.train.batch(np.array([2])),
        lambda: opened.train.block(0, 5),
        lambda: opened.test.ids(0),
        lambda: opened.test.batch(np.array([0])),
    ):
        with pytest.raises(LoomError, match="is damaged"):
            read()


def test_a_corpus_whose_replacement_was_killed_is_put_back(corpus: Corpus, tmp_path: Path) -> None:
    folder = _copy(corpus, tmp_path)
    folder.rename(tmp_path / ".copy.0123abcd-99999999-abcdef.old")
    assert Corpus.open(folder).fingerprint == corpus.fingerprint
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["copy"]
