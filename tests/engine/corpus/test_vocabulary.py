"""The list of words: encoding, the file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.corpus.vocabulary import BOS, EOS, PAD, SPECIALS, UNK, Vocabulary
from engine.errors import LoomError

WORDS = (*SPECIALS, "the", "dog", "n't")


def test_known_words_have_their_line_as_id_and_unknown_ones_share_one() -> None:
    vocabulary = Vocabulary(WORDS)
    assert vocabulary.encode(["dog", "cat", "the"]) == [5, UNK, 4]
    assert vocabulary.decode([5, UNK, PAD, BOS, EOS]) == ["dog", "<unk>", "<pad>", "<s>", "</s>"]
    assert len(vocabulary) == 7
    assert "dog" in vocabulary
    assert "cat" not in vocabulary


def test_a_typed_special_word_is_just_an_unknown_word() -> None:
    assert Vocabulary(WORDS).encode(list(SPECIALS)) == [UNK] * 4


def test_a_saved_vocabulary_is_loaded_as_it_was(tmp_path: Path) -> None:
    vocabulary = Vocabulary((*WORDS, "é", "日本"))
    vocabulary.save(tmp_path / "vocabulary.txt")
    loaded = Vocabulary.load(tmp_path / "vocabulary.txt")
    assert loaded == vocabulary
    assert loaded.fingerprint == vocabulary.fingerprint != Vocabulary(WORDS).fingerprint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<pad>\n<unk>\n<s>\nthe\n", "line 4, should be '</s>'"),
        (b"<pad>\n<unk>\n<s>\n</s>\nthe\n\ndog\n", "line 6, is empty"),
        (b"<pad>\n<unk>\n<s>\n</s>\nthe\ndog\nthe\n", "line 7, repeats 'the' of line 5"),
        (b"<pad>\n<unk>\n<s>\n</s>\nthe dog\n", "line 5, contains white space"),
        (b"<pad>\n<unk>\n<s>\n</s>\n\xff\n", "line 5, is not UTF-8"),
        (b"<pad>\n<unk>\n<s>\n</s>\nth", "cut off"),
        (b"", "cut off"),
    ],
)
def test_a_damaged_file_is_refused_with_its_name_and_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(LoomError) as refused:
        Vocabulary.load(path)
    assert said in refused.value.message
    assert str(path) in refused.value.message
    assert refused.value.hint


def test_a_missing_file_and_a_foreign_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="missing"):
        Vocabulary.load(tmp_path / "none.txt")
    for index in (-1, 7):
        with pytest.raises(LoomError, match="outside the vocabulary of 7 words"):
            Vocabulary(WORDS).decode([index])
