"""What counts as holding a phrase, and the walk through a cache that finds it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LoomError
from engine.storage.cache_writer import write_cache
from engine.storage.latent_cache import LatentCache
from engine.storage.sentence_search import matcher, pattern_matcher, search

SENTENCES = ["The cat was here.", "They wash it.", "Were you here?", "", "Was it?  Was it NOT?", "Straße, STRASSE."]


def holds(phrase: str, sentence: str) -> bool:
    """The definition, sign by sign."""
    text = sentence.casefold()
    return any(
        _stands_at(part.split(), text, start)
        for part in phrase.casefold().split("|")
        if part.strip()
        for start in range(len(text))
    )


def _stands_at(words: list[str], text: str, start: int) -> bool:
    at = start
    for number, word in enumerate(words):
        if number:
            spaces = len(text[at:]) - len(text[at:].lstrip())
            if not spaces and not (_unspaced(words[number - 1][-1]) and _unspaced(word[0])):
                return False
            at += spaces
        if text[at : at + len(word)] != word:
            return False
        at += len(word)
    joins_before = start > 0 and _joined(words[0][0], text[start - 1])
    joins_after = at < len(text) and _joined(words[-1][-1], text[at])
    return not joins_before and not joins_after


def _joined(edge: str, around: str) -> bool:
    """Whether a sign around a phrase makes another word of it; letters of scripts without spaces do not, marks do."""
    if not (_of_words(edge) and _of_words(around)):
        return False
    return unicodedata.category(around)[0] == "M" or not (_unspaced(edge) or _unspaced(around))


def _unspaced(sign: str) -> bool:
    return any(name in unicodedata.name(sign, "") for name in ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI"))


def _of_words(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNM"


SIGNS = st.sampled_from("aabBıiIİßSsſΣςé\u0301\u0307कि的日กิ0_-'.?*[($\\ \t\n\u00a0|")


@given(st.text(SIGNS, max_size=6), st.text(SIGNS, max_size=12))
def test_whole_words_are_found_as_defined(phrase: str, sentence: str) -> None:
    assert matcher(phrase)(sentence) == holds(phrase, sentence)
    assert matcher(phrase)(f"{sentence} {phrase}") == holds(phrase, f"{sentence} {phrase}")


@given(st.text(SIGNS, max_size=6), st.text(SIGNS, max_size=12))
def test_any_part_is_found_as_defined(phrase: str, sentence: str) -> None:
    parts = [part.strip() for part in phrase.casefold().split("|")]
    expected = any(part and part in sentence.casefold() for part in parts)
    assert matcher(phrase, whole_words=False)(sentence) == expected


@pytest.mark.parametrize(
    ("phrase", "sentence", "found"),
    [
        ("was", "He was.", True),
        ("was", "They wash it.", False),
        ("was", "wash was", True),  # the first one stands in a word, the second one does not
        ("a a", "aa a a", True),
        ("was | were", "Where WERE you?", True),
        ("was | were", "Where are you?", False),
        ("in the", "It is in \t the box.", True),
        ("in the", "It is in, the box.", False),
        ("don", "I don't know.", True),
        ("don't", "I DON'T know.", True),
        ("?", "What?!", True),
        ("!?", "What?!", False),
        ("w.s", "He was.", False),
        ("(a*b)", "Take (A*B) twice.", True),
        ("cat_", "my cat_s", True),
        ("cat", "my_cat", True),
        ("straße", "in der STRASSE", True),
        ("strasse", "die Straße", True),
        ("ss", "Straße", False),
        ("ΟΔΟΣ", "η οδος", True),
        ("kapı", "KAPI", False),  # Turkish capitals lose the dot; case folding knows no language
        ("KAPI", "kapi", True),
        ("istanbul", "İstanbul", False),
        ("İSTANBUL", "İstanbul", True),
        ("stanbul", "İstanbul", False),  # the dot of its own is a part of the word
        ("привет", "Привет, мир!", True),
        ("мир", "мирно", False),
        ("क", "कि", False),
        ("कि", "कि वह", True),
        ("cafe", "cafe\u0301", False),
        ("日本", "日本語", True),  # no space says where a word ends
        ("日本 語", "日本語です", True),
        ("苹果", "我 吃苹果。", True),
        ("iphone", "我的iPhone手机", True),
        ("phone", "我的iPhone手机", False),
        ("ก", "กิน", False),  # its vowel is a mark on it
        ("กิน", "ฉันกินข้าว", True),
        ("日本", "日本 は", True),
    ],
)
def test_what_counts_as_holding_a_phrase(phrase: str, sentence: str, found: bool) -> None:
    assert matcher(phrase)(sentence) is found
    assert holds(phrase, sentence) is found


@pytest.mark.parametrize("phrase", ["", "  ", "|", " | \t||"])
@pytest.mark.parametrize("whole_words", [True, False])
def test_nothing_to_look_for_is_found_nowhere(phrase: str, whole_words: bool) -> None:
    made = matcher(phrase, whole_words)
    assert made.empty
    assert not any(made(sentence) for sentence in [*SENTENCES, phrase])
    assert not matcher(f"{phrase}| was", whole_words).empty


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[LatentCache]:
    path = tmp_path / "walk.h5"
    words = np.array([len(sentence.split()) for sentence in SENTENCES])
    with write_cache(path, run="walk", corpus_fingerprint="c", latent=2, sentences=SENTENCES, words=words):
        pass
    with LatentCache.open(path) as opened:
        yield opened


@pytest.mark.parametrize("chunk", [1, 4, 6, 100])
def test_a_walk_finds_every_phrase_in_one_pass_and_tells_how_far_it_is(cache: LatentCache, chunk: int) -> None:
    phrases = ["was | were", "", "here", "?"]
    matchers = [*map(matcher, phrases), matcher("was", whole_words=False)]
    steps = 0
    for found in search(cache, matchers, chunk):
        steps += 1
        assert found.searched == min(steps * chunk, cache.n)
        for number, each in enumerate(matchers):
            places = [i for i, sentence in enumerate(SENTENCES[: found.searched]) if each(sentence)]
            assert found.places(number).tolist() == places
            assert found.count(number) == len(places)
    assert steps == -(-cache.n // chunk)
    assert found.places(0).tolist() == [0, 2, 4]
    assert found.places(4).tolist() == [0, 1, 4]


def test_a_walk_reads_nothing_where_there_is_nothing_to_look_for(
    cache: LatentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(LatentCache, "sentences")
    for matchers in ([], [matcher("|"), matcher(" ")]):
        (found,) = search(cache, matchers)
        assert found.searched == cache.n
        assert found.masks.shape == (len(matchers), cache.n)
        assert not found.masks.any()


def test_a_cache_without_sentences_is_walked_through_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    with write_cache(path, run="walk", corpus_fingerprint="c", latent=2, sentences=[], words=np.zeros(0, np.int16)):
        pass
    with LatentCache.open(path) as cache:
        (found,) = search(cache, [matcher("was")])
    assert (found.searched, found.count()) == (0, 0)


@pytest.mark.parametrize("expression", ["^(the|was)", r"\?$", "here", "[aeiou]{2}", "", r"it\?  was", "straße|^$", "ẞ"])
@pytest.mark.parametrize("chunk", [2, 100])
def test_a_regular_expression_is_found_where_python_finds_it(cache: LatentCache, expression: str, chunk: int) -> None:
    *_, found = search(cache, [pattern_matcher(expression), matcher("was")], chunk)
    expected = [bool(expression) and bool(re.search(expression, text, re.IGNORECASE)) for text in SENTENCES]
    assert found.masks[0].tolist() == expected
    assert found.places(1).tolist() == [i for i, text in enumerate(SENTENCES) if holds("was", text)]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("(a", "missing )"), (r"(a)\1", "invalid escape"), ("(?=a)", "invalid perl"), ("*", "no arg")],
)
def test_what_is_no_regular_expression_is_refused_with_the_reason(expression: str, reason: str) -> None:
    with pytest.raises(LoomError, match=re.escape(f"/{expression}/ is no regular expression: {reason}")):
        pattern_matcher(expression)


def test_an_expression_that_holds_up_other_engines_is_found_at_once() -> None:
    """Python's `re` would try all of 2^200 ways; a test that ends proves that this one does not."""
    assert pattern_matcher("(a+)+$").mask(["a" * 200 + "!", "a" * 200], []).tolist() == [False, True]
