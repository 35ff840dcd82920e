"""How words are written: counted within sentences, kept with the vocabulary, shown to people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.capitals import Capitals, capitals_of, telling, usual_forms
from engine.corpus.store import Corpus
from engine.corpus.tokens import detokenize, join_words, tokenize, written_tokens
from engine.corpus.vocabulary import SPECIALS, Vocabulary
from tests.engine.corpus.preparing import prepared, write_lines


def test_a_capital_at_the_start_or_after_a_mark_says_nothing():
    said = ['The boy said "The END" to Tom\'s (Old) friend.', "Tom, I'm sure it's O’Neil, in the U.S."]
    found = capitals_of(telling(sentence.split()) for sentence in said)
    assert found.forms == {"END": 1, "Tom": 1, "I": 1, "O'Neil": 1, "U.S.": 1}
    assert found.unclear == {"the": 1, "old": 1}


def test_the_most_frequent_form_is_kept_and_small_letters_where_it_is_even():
    forms = {"Boston": 3, "Rose": 2, "TV": 2, "Tv": 2, "I": 9, "Paris": 5, "NATO": 1, "The": 3}
    counts = [("i", 9), ("rose", 4), ("boston", 5), ("tv", 5), ("nato", 1), ("a", 7), ("the", 9)]
    found = usual_forms(counts, Capitals(Counter(forms), Counter(rose=0, the=4)))
    assert found == ("I", "Boston", "TV", "NATO", "The")


_LETTERS = st.text("abcdXYZ' .,!\"(’", min_size=1, max_size=12)


@given(st.lists(_LETTERS, max_size=8))
def test_forms_are_those_of_a_plain_count(pieces: list[str]):
    """Against the tokenizer on each piece alone, with the forms found by looking for the letters of each token."""
    sentence = ["Start", *" ".join(pieces).split()]
    forms: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    for piece in sentence[1:]:
        at, straight, behind = 0, piece.replace("’", "'"), not piece[0].isalnum() and not piece.islower()
        for token in tokenize(piece):
            if not token[0].isalpha():
                continue
            at = straight.lower().index(token, at)
            form = straight[at : at + len(token)]
            at += len(token)
            if behind:
                unclear[token] += 1
            elif form != token:
                forms[form] += 1
            behind = False
    assert capitals_of([telling(sentence)]) == Capitals(forms, unclear)


def test_a_prepared_text_keeps_its_capitals_and_the_fingerprint_does_not_depend_on_them(tmp_path: Path):
    lines = [f"We took the train to {place} with {who} at {i} today." for i in range(40)
             for place, who in (("Boston", "the French girl"), ("London", "my teacher"))]  # fmt: skip
    corpus = prepared(write_lines(tmp_path / "a.txt", lines), tmp_path / "a", vocabulary=40)
    assert dict(corpus.vocabulary.capitals) == {"boston": "Boston", "london": "London", "french": "French"}
    assert (tmp_path / "a" / "capitals.txt").read_text("utf-8").split() == sorted(
        corpus.vocabulary.capitals.values(), key=lambda form: corpus.vocabulary.words.index(form.lower())
    )
    assert corpus.vocabulary.text(["the", "french", "like", "boston", "."]) == "The French like Boston."
    small = prepared(write_lines(tmp_path / "b.txt", [line.lower() for line in lines]), tmp_path / "b", vocabulary=40)
    assert not small.vocabulary.capitals
    assert small.vocabulary.fingerprint == corpus.vocabulary.fingerprint
    assert small.vocabulary == corpus.vocabulary


def test_a_text_prepared_by_several_processes_has_the_same_capitals(tmp_path: Path):
    lines = [f"We met {'Ann' if i % 3 else 'ann'} in {'Rome' if i % 2 else 'Oslo'} at {i} today." for i in range(9000)]
    source = write_lines(tmp_path / "text.txt", lines)
    capitals = []
    for workers in (1, 2):
        from engine.corpus.prepare import CorpusRequest, prepare_corpus

        target = tmp_path / str(workers)
        assert list(prepare_corpus(CorpusRequest(str(source), "text"), target, workers=workers))
        capitals.append(dict(Corpus.open(target).vocabulary.capitals))
    assert capitals[0] == capitals[1] == {"ann": "Ann", "rome": "Rome", "oslo": "Oslo"}


SHOWN = "I think French people like Boston, don't they? Yes, Mr. O'Neil's TV."
WORDS = tokenize(SHOWN)
VOCABULARY = Vocabulary([*SPECIALS, *dict.fromkeys(WORDS)], ["French", "Boston", "Mr.", "O'Neil", "TV"])


def test_sentences_are_put_together_with_the_capitals_and_marked_ones_read_alike():
    assert VOCABULARY.text(WORDS) == SHOWN
    joined = join_words(WORDS, VOCABULARY.text(WORDS))
    assert "".join(text if glue or not i else f" {text}" for i, (text, glue) in enumerate(joined)) == SHOWN
    assert [text.casefold() for text, _ in joined] == WORDS
    assert join_words(WORDS, "Something else.") == join_words(WORDS)
    assert detokenize(WORDS) == SHOWN.replace("French", "french").replace("Boston", "boston").replace(
        "O'Neil", "o'neil"
    ).replace("TV", "tv").replace("Mr", "mr")


def test_the_tokens_of_a_shown_sentence_keep_its_capitals():
    tokens = written_tokens(SHOWN)
    assert [token.lower() for token in tokens] == WORDS
    assert detokenize(tokens) == SHOWN


@pytest.mark.parametrize(
    "text", ["The the...", "He said “No”—and I’m…", "It’s MR. O’NEIL’S.", "a\u200bB", "Ｉ Straße İ"]
)
def test_written_tokens_are_the_tokens_of_the_text_but_for_their_capitals(text: str):
    assert [token.lower() for token in written_tokens(text)] == [token.lower() for token in tokenize(text)]


def test_they_are_saved_and_read_beside_the_words(tmp_path: Path):
    VOCABULARY.save(tmp_path / "vocabulary.txt")
    read = Vocabulary.load(tmp_path / "vocabulary.txt")
    assert (read, dict(read.capitals)) == (VOCABULARY, dict(VOCABULARY.capitals))
    (tmp_path / "capitals.txt").unlink()  # as of earlier corpora and runs
    assert not Vocabulary.load(tmp_path / "vocabulary.txt").capitals


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"French\nParis\n", "line 2: 'Paris' is no word"),
        (b"french\n", "line 1: 'french' is no word"),
        (b"French\nBos", "cut off"),
        (b"French\n\xff\n", "line 2, is not UTF-8"),
        (b"\n", "line 1: '' is no word"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path: Path, data: bytes, said: str):
    from engine.errors import LoomError

    VOCABULARY.save(tmp_path / "vocabulary.txt")
    (tmp_path / "capitals.txt").write_bytes(data)
    with pytest.raises(LoomError, match=said) as refused:
        Vocabulary.load(tmp_path / "vocabulary.txt")
    assert "capitals.txt" in refused.value.message


@pytest.mark.parametrize("word", ["北京", "قطة", "חתול", "고양이", "क"])
def test_words_of_scripts_without_capitals_have_none(word: str) -> None:
    counted = capitals_of([telling(f"We saw the {word} there and {word} again".split())] * 9)
    assert not counted.forms
    assert usual_forms([(word, 18)], counted) == ()


def test_a_text_in_a_script_without_capitals_is_prepared(tmp_path: Path):
    lines = [f"رأينا القطة رقم {i} في البيت اليوم" for i in range(60)]
    corpus = prepared(write_lines(tmp_path / "a.txt", lines), tmp_path / "c")
    assert "القطة" in corpus.vocabulary
    assert not corpus.vocabulary.capitals
