"""The words that tell sentences from others, against the formula written as a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.maps.telling.distinctive import PRIOR, WordCounts, distinctive, log_odds

QUESTIONS = ["Where is the dog?", "Where is Tom?", "Where do you live, Tom?", "Where, where is it?"]
OTHERS = ["The dog is here.", "It is late.", "Tom lives here.", "The cat is late."]


def plain(inside: list[list[str]], outside: list[list[str]], everything: list[list[str]]) -> dict[str, float]:
    """z_w of every word, as Monroe et al. 2008 have it, sentence by sentence and word by word."""
    words = sorted({word for sentence in everything for word in sentence})
    holding = {word: sum(word in sentence for sentence in everything) for word in words}
    words = [word for word in words if holding[word] > 1]
    total = sum(holding[word] for word in words)
    counts = []
    for part in (inside, outside):
        counts.append({word: sum(word in sentence for sentence in part) for word in words})
    found = {}
    for word in words:
        prior = PRIOR * holding[word] / total
        delta, variance = 0.0, 0.0
        for sign, part in zip((1, -1), counts, strict=True):
            n = sum(part.values())
            delta += sign * math.log((part[word] + prior) / (n + PRIOR - part[word] - prior))
            variance += 1 / (part[word] + prior)
        found[word] = delta / math.sqrt(variance)
    return found


def test_log_odds_are_those_of_the_formula():
    counts = WordCounts(QUESTIONS + OTHERS)
    inside = np.arange(8) < 4
    found = log_odds(counts.of(inside), counts.of(~inside), counts.of(np.ones(8, bool)))
    cut = [[word.strip("?,.").lower() for word in text.split()] for text in QUESTIONS + OTHERS]
    expected = plain(cut[:4], cut[4:], cut)
    assert [word.lower() for word in counts.words] == list(expected)
    assert found == pytest.approx(list(expected.values()), rel=1e-9)
    assert counts.words[int(found.argmax())] == "where"


def test_words_are_written_as_within_sentences_and_count_once_a_sentence():
    counts = WordCounts(["Tom and Tom saw Paris.", "The paris of tom and Paris.", "The end."])
    assert counts.words == ("and", "Paris", "the", "tom")
    assert counts.of(np.ones(3, bool)).tolist() == [2, 2, 2, 2]


def test_only_words_beyond_chance_are_named():
    random = np.random.default_rng(0)
    common = [" ".join(random.choice(["red", "blue", "old", "new"], 3)) for _ in range(600)]
    marked = [f"{text} river" if at < 200 else text for at, text in enumerate(common)]
    marked[300] += " river"
    inside = np.arange(600) < 200
    assert distinctive(WordCounts(marked), inside, ~inside) == ("river",)
    assert distinctive(WordCounts(common), inside, ~inside) == ()
    assert distinctive(WordCounts(marked), inside, np.zeros(600, bool)) == ()
    assert distinctive(WordCounts([]), np.zeros(0, bool), np.zeros(0, bool)) == ()
