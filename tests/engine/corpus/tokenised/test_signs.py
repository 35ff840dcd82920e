"""When a text is taken for one that was cut into words before."""

from __future__ import annotations

import gzip

import pytest

from engine.corpus.tokenised.signs import cut_already
from engine.corpus.tokens import tokenize
from tests.conftest import SHARED_DATA

CUT = {
    "PTB": [
        "no it was n't black monday",
        "but while the new york stock exchange did n't fall apart friday as the dow jones industrial average plunged N",
        "mr. <unk> is chairman of <unk> n.v. the dutch publishing group",
        "big investment banks refused to step up to the plate",
    ],
    "Yelp": ["i was hungry , and the food was n't bad .", "the staff is _UNK and kind .", "we will be back !"],
    "SNLI": ["A man inspects the uniform of a figure .", "The woman 's dog is asleep .", "Two boys play , and laugh ."],
    "treebank": ["`` We have no useful information , '' he said .", "The asbestos -LRB- a fiber -RRB- is old ."],
    "WikiText": [
        "The game 's battle system , the <unk> system , is carried over .",
        "It met with sales , and was praised .",
    ],
}
PLAIN = {
    "sentences": ["The dog saw the house.", "It wasn't black, I think.", "We will be back!"],
    "without marks": ["the dog saw the house", "we will be back", "it rains"],
    "clitics alone apart": ["I do n't know, she said.", "It 's late, and we ca n't wait.", "Where is it?"],
    "French spacing": ["Bonjour ! Où es-tu, mon ami ?", "Je suis ici, merci.", "Tout va bien !"],
    "one slip": ["The dog saw it .", *["The cat saw it, too."] * 9],
    "headlines": ["Dow Jones: N.Y. up", "Why we're late", "Home again"],
}


@pytest.mark.parametrize("lines", CUT.values(), ids=CUT)
def test_text_that_is_cut_already_shows_it(lines: list[str]) -> None:
    assert cut_already(lines)


@pytest.mark.parametrize("lines", PLAIN.values(), ids=PLAIN)
def test_text_that_people_wrote_is_none(lines: list[str]) -> None:
    assert not cut_already(lines)


def test_nothing_shows_nothing() -> None:
    assert not cut_already([])


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["tatoeba_en.txt.gz"])
def test_real_sentences_are_told_from_the_same_ones_cut(name: str) -> None:
    with gzip.open(SHARED_DATA / name, "rt", encoding="utf-8") as file:
        lines = [line.strip() for line, _ in zip(file, range(20_000), strict=False)]
    for start in range(0, len(lines), 1000):
        block = lines[start : start + 1000]
        assert not cut_already(block)
        assert cut_already([" ".join(tokenize(line)) for line in block])
