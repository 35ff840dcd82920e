"""Corpora with one word a line, and what of other layouts of the field is no sentence."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from engine.corpus.reading import Reading
from engine.corpus.sources import open_source
from engine.corpus.store import Corpus
from engine.corpus.tokenised.word_lines import has_word_lines
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
    path = tmp_path / "wiki.txt"
    path.write_text("\n".join(lines * 30), encoding="utf-8")
    reading = Reading()
    found = {text.strip() for batch in open_source(str(path))(reading) for text in batch} - {""}
    assert found == {lines[3].strip()}
    assert reading.dropped["heading"] == 60
    assert detokenize(lines[3].split()) == "The well-known game, as many say, sold 1,000 copies."
