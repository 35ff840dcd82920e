"""Corpora with one word a line, and what of other layouts of the field is no sentence."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from engine.corpus.reading import Reading
from engine.corpus.records.word_lines import has_word_lines
from engine.corpus.sources import open_source
from engine.corpus.store import Corpus
from engine.corpus.tokens import detokenize, tokenize
from tests.engine.corpus.preparing import run, sentences, train_texts

TEXTS = [tokenize(text) for text in sentences(60)]
TAGS = ("NN", "VB", "DT")


def _plain() -> str:
    return "".join("".join(f"{word}\n" for word in words) + "\n" for words in TEXTS)


def _conll() -> str:
    lines = ["-DOCSTART- -X- O O\n\n"]
    for words in TEXTS:
        lines += [f"{word} {TAGS[i % 3]} B-NP O\n" for i, word in enumerate(words)] + ["\n"]
    return "".join(lines)


def _conllu() -> str:
    lines = []
    for number, words in enumerate(TEXTS):
        lines.append(f"# sent_id = {number}\n# text = {' '.join(words)}\n")
        lines.append(f"1-2\t{''.join(words[:2])}" + "\t_" * 8 + "\n")
        for i, word in enumerate(words, 1):
            lines.append(f"{i}\t{word}\t{word}\t{TAGS[i % 3]}\t_\t_\t0\troot\t_\t_\n")
        lines.append(f"{len(words)}.1\tsilent" + "\t_" * 8 + "\n\n")
    return "".join(lines)


@pytest.mark.parametrize("name", ["a.txt", "a.conll"])
@pytest.mark.parametrize("written", [_plain, _conll, _conllu])
def test_what_stands_between_empty_lines_is_a_sentence(tmp_path: Path, written, name: str) -> None:
    path = tmp_path / name
    path.write_text(written(), encoding="utf-8")
    result, _ = run(path, tmp_path / "c", test_fraction=0.0)
    assert result["given"] is True
    assert train_texts(Corpus.open(tmp_path / "c")) == {" ".join(words) for words in TEXTS}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(sentences(60)),
        "\n\n".join(sentences(60)),
        "".join(f"{word}\n" for words in TEXTS for word in words),  # a list of words
        "\n".join(f"{i}\t{text}" for i, text in enumerate(sentences(60))),
        "\n\n".join("\n".join(f"{a} and {b}" for a, b in pairwise(words)) for words in TEXTS),
        "\n".join("我今天去了北京大学看我的朋友\n你好吗我们都很好谢谢你们\n" for _ in range(60)),
        "",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert not has_word_lines(text.split("\n"))


def test_headings_of_wikitext_are_counted_and_its_joined_marks_shown_as_one(tmp_path: Path) -> None:
    lines = [
        " = Some Game = ",
        "",
        " = = Gameplay = = ",
        " The well @-@ known game , as many say , sold 1 @,@ 000 copies . ",
    ]
    path = tmp_path / "wiki.train.tokens"  # as it is published
    path.write_text("\n".join(lines * 30), encoding="utf-8")
    reading = Reading()
    found = {text.strip() for batch in open_source(str(path))(reading) for text in batch} - {""}
    assert found == {lines[3].strip()}
    assert reading.dropped["heading"] == 60
    assert detokenize(lines[3].split()) == "The well-known game, as many say, sold 1,000 copies."


def _stored(tmp_path: Path, text: str, name: str = "a.conll", **settings) -> list[str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    run(path, tmp_path / "c", test_fraction=0.0, min_words=1, **settings)
    corpus = Corpus.open(tmp_path / "c")
    return [" ".join(corpus.vocabulary.decode(corpus.train.ids(i))) for i in range(len(corpus.train))]


def test_numbers_scores_and_hash_signs_of_tagged_text_are_words(tmp_path: Path) -> None:
    lines = [
        "The DT O",
        "cup NN O",
        "1996 CD O",
        "ended VBD O",
        "2-1 CD O",
        "0.5 CD O",
        "# # B-NP",
        "#go NN O",
        ". . O",
        "",
    ]
    assert _stored(tmp_path, "\n".join(lines * 5)) == ["The cup 1996 ended 2-1 0.5 # #go ."] * 5


@pytest.mark.parametrize("name", ["a.txt", "a.conllu"])
def test_universal_dependencies_are_read_whatever_their_last_column(tmp_path: Path, name: str) -> None:
    rows = [("1", "Al", "SpaceAfter=No"), ("2", "-", "SpaceAfter=No"), ("3", "Zaman", "_"), ("4-5", "isn't", "_")]
    rows += [
        ("4", "is", "_"),
        ("5", "n't", "_"),
        ("5.1", "nothing", "_"),
        ("6", "far", "SpaceAfter=No"),
        ("7", ".", "_"),
    ]
    lines = ["# sent_id = 1", *(f"{i}\t{w}\t{w}\tX\tY\t_\t0\troot\t0:root\t{last}" for i, w, last in rows), ""]
    assert _stored(tmp_path, "\n".join(lines * 9), name) == ["Al - Zaman is n't far ."] * 9


def test_ontonotes_are_read_by_their_fourth_column(tmp_path: Path) -> None:
    words = ["In", "the", "summer", "of", "2005", ",", "it", "rained", "."]
    rows = [f"bc/cctv/00/cctv_0000 0 {i} {word} IN (TOP* - - - Speaker#1 * -" for i, word in enumerate(words)]
    text = "\n".join(["#begin document (bc/cctv/00/cctv_0000); part 000", *[*rows, ""] * 4, "#end document", ""])
    assert _stored(tmp_path, text) == [" ".join(words)] * 4


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"who is the king of {x} ?\nwhere is the river of {x} ?\n" for x in "ABCDEFGHIJKLMNOP"),
        "\n".join("\n".join(f"{i} {i + 1} {i * 2}" for i in range(10)) + "\n" for _ in range(9)),
        "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。\n\n" * 9,
        "你好吗？\n我很好。\n\n" * 20,
        "ฉันไปโรงเรียน\nเธออยู่บ้าน\nเราพบกัน\n\n" * 12,
    ],
)
def test_verse_questions_and_numbers_are_no_words_of_a_sentence(text: str) -> None:
    assert not has_word_lines(text.split("\n"))


def test_a_guess_can_be_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(_plain(), encoding="utf-8")
    for tokenised, first in ((None, " ".join(TEXTS[0])), (False, TEXTS[0][0])):
        reading = Reading(tokenised=tokenised)
        assert next(text for batch in open_source(str(path))(reading) for text in batch if text) == first


def test_line_ends_of_windows_add_no_empty_line(tmp_path: Path) -> None:
    lines = [f"the cat saw {word} in the house ." for word in ("it", "him", "us", "them")] * 10
    path = tmp_path / "a.txt"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    result, _ = run(path, tmp_path / "c", test_fraction=0.0)
    assert result["dropped"] == {}
    assert result["sentences"] == 40
