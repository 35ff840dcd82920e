"""Texts that are cut already, read as they stand, and sentences typed beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.corpus.store import Corpus
from engine.corpus.tokens import detokenize, join_words
from engine.corpus.vocabulary import SPECIALS, UNK, Vocabulary
from engine.errors import UsageError
from engine.events import Note
from tests.engine.corpus.preparing import all_texts, run, train_texts, write_lines

LINES = [
    "it 's here , but he did n't see the <unk> of N .",
    "`` the _UNK -lrb- an UNK -rrb- is old , '' she said .",
    "mr. smith 's u.s. co. paid $ N a share .",
    "no one knows what the answer is .",
]


def _source(tmp_path: Path, lines: list[str]) -> Path:
    return write_lines(tmp_path / "source.txt", [f"some {i % 5} of them : {line}" for i in range(40) for line in lines])


def _after(text: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a sentence of `_source`, as people read it, goes on in one of these ways."""
    return re.fullmatch(r"Some \d of them: (.*)", text)[1].startswith(beginnings)


def test_words_are_what_stands_between_spaces(tmp_path: Path) -> None:
    result, events = run(_source(tmp_path, LINES), tmp_path / "c", test_fraction=0.5)
    run(_source(tmp_path, LINES), tmp_path / "all", test_fraction=0.0)
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.vocabulary.given
    assert result["given"] is True
    assert {"'s", "n't", "-lrb-", "-rrb-", "N", "$", "``", "''", "mr.", "u.s.", "co."} <= set(corpus.vocabulary.words)
    assert not {"<", ">", "unk", "UNK", "_UNK"} & set(corpus.vocabulary.words)
    assert corpus.vocabulary.words.count("<unk>") == 1
    plain = {
        text.replace("_UNK", "<unk>").replace("UNK", "<unk>")
        for text in _source(tmp_path, LINES).read_text().split("\n")
    }
    assert train_texts(Corpus.open(tmp_path / "all")) == plain - {""}
    assert any("cut into words already" in event.text for event in events if isinstance(event, Note))
    shown = set(corpus.test_texts())
    assert shown
    assert all(
        _after(
            text,
            ("it's here, but he didn't", '"the <unk> (an <unk>) is old,"', "mr. smith's u.s. co. paid $N", "no one"),
        )
        for text in shown
    )


def test_unknown_words_of_the_text_are_counted_as_such(tmp_path: Path) -> None:
    result, _ = run(_source(tmp_path, ["the <unk> is UNK , and old ."]), tmp_path / "c", test_fraction=0.0)
    assert result["unknown_rate"] == pytest.approx(2 / 13, abs=1e-12)


@pytest.mark.parametrize(("lower", "words"), [(False, {"The", "the", "U.S.", "Dog"}), (True, {"the", "u.s.", "dog"})])
def test_letter_case_stays_unless_small_letters_are_asked_for(tmp_path: Path, lower: bool, words: set[str]) -> None:
    lines = ["The U.S. Dog saw the house , and slept ."]
    run(_source(tmp_path, lines), tmp_path / "c", lower=lower)
    vocabulary = Corpus.open(tmp_path / "c").vocabulary
    assert words <= set(vocabulary.words)
    assert ("U.S." in vocabulary.words) != lower
    assert vocabulary.text(("the", "u.s.", ".")) == ("The U.S." if lower else "The u.s.")


def test_what_was_asked_for_wins_and_is_kept(tmp_path: Path) -> None:
    source = _source(tmp_path, LINES)
    result, _ = run(source, tmp_path / "cut", tokenised=False)
    assert result["given"] is False
    assert "n't" in Corpus.open(tmp_path / "cut").vocabulary
    plain = write_lines(tmp_path / "plain.txt", [f"The dog, it seems, saw {i} of the houses." for i in range(60)])
    run(plain, tmp_path / "given", tokenised=True)
    assert "dog," in Corpus.open(tmp_path / "given").vocabulary
    made = json.loads((tmp_path / "given" / "corpus.json").read_text())
    assert (made["tokenised"], made["lower"], made["given"]) == (True, None, True)
    with pytest.raises(UsageError, match="small letters anyway"):
        run(plain, tmp_path / "no", tokenised=False, lower=True)


def test_marks_of_start_and_end_are_no_words(tmp_path: Path) -> None:
    source = _source(tmp_path, ["the dog , it seems , is old ."])
    marked = write_lines(tmp_path / "m.txt", [f"<s> {line} </s>" for line in source.read_text().splitlines()])
    run(marked, tmp_path / "c", test_fraction=0.0)
    assert train_texts(Corpus.open(tmp_path / "c")) == set(source.read_text().splitlines())


def test_lines_of_several_sentences_stay_whole(tmp_path: Path) -> None:
    run(_source(tmp_path, ["the food was good . we will be back . it is near ."]), tmp_path / "c", max_words=40)
    assert all(text.count(" . ") == 2 for text in all_texts(Corpus.open(tmp_path / "c")))


PTB = Vocabulary(
    (*SPECIALS, "it", "'s", "n't", "do", "the", "N", "mr.", "-lrb-", "-rrb-", "``", "''", ",", "u.s."), given=True
)
CASED = Vocabulary((*SPECIALS, "The", "the", "dog", "Dog", "(", '"', "do", "n't", "."), given=True)


DOTS = Vocabulary((*SPECIALS, "it", ".", "...", "-", "--", "’s"), given=True)


@pytest.mark.parametrize(
    ("vocabulary", "typed", "words"),
    [
        (PTB, "It's the N", ("it", "'s", "the", "N")),
        (PTB, "it 's the <unk>", ("it", "'s", "the", "<unk>")),
        (PTB, "DON'T, the U.S.", ("do", "n't", ",", "the", "u.s.")),
        (PTB, "The (N)", ("the", "-lrb-", "N", "-rrb-")),
        (PTB, 'the "N" N', ("the", "``", "N", "''", "N")),
        (PTB, "the ___, N", ("the", "___", ",", "N")),
        (PTB, "mr. house", ("mr.", "house")),
        (CASED, "The Dog don't (the dog) \"", ("The", "Dog", "do", "n't", "(", "the", "dog", ")", '"')),
        (CASED, "DOG.", ("dog", ".")),
        (PTB, "   ", ()),
        (DOTS, "it...", ("it", "...")),
        (DOTS, "it. it--it", ("it", ".", "it", "--", "it")),
        (DOTS, "it’s", ("it", "’s")),
    ],
)
def test_typed_sentences_are_cut_like_the_text(vocabulary: Vocabulary, typed: str, words: tuple[str, ...]) -> None:
    assert vocabulary.cut(typed) == words


def test_the_unknown_word_of_the_text_is_the_unknown_word(tmp_path: Path) -> None:
    assert PTB.encode(PTB.cut("the <unk> UNK house")) == [PTB.encode(["the"])[0], UNK, UNK, UNK]


def test_what_people_read_is_typed_back_to_the_same_words(tmp_path: Path) -> None:
    run(_source(tmp_path, LINES), tmp_path / "c", test_fraction=0.5)
    corpus = Corpus.open(tmp_path / "c")
    for place, text in enumerate(corpus.test_texts()):
        assert corpus.vocabulary.encode(corpus.vocabulary.cut(text)) == corpus.test.ids(place).tolist()


def test_brackets_and_quotes_are_joined_as_they_are_shown() -> None:
    words = ("``", "the", "<unk>", "-LRB-", "N", "-RRB-", "''", "he", "said", ".")
    shown = detokenize(words)
    assert shown == '"The <unk> (N)" he said.'
    joined = join_words(words)
    assert "".join(text if glued or not place else f" {text}" for place, (text, glued) in enumerate(joined)) == shown


def test_marks_are_shown_where_people_put_them() -> None:
    assert detokenize(["it", "fell", "6", "@.@", "7", "%", "of", "it", "."]) == "It fell 6.7% of it."
    assert detokenize(["¿", "qué", "tal", "?", "¡", "hola", "!"]) == "¿Qué tal? ¡Hola!"
