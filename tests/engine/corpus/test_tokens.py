"""Cutting sentences into words, and putting words together for people."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.corpus import tokens
from engine.corpus.tokens import cut, detokenize, join_words, tokenize, tokenize_batch

EXAMPLES = [
    ("I don't know.", "i do n't know ."),
    ("I'll go, can't you?", "i 'll go , ca n't you ?"),
    ("I CANNOT stay!", "i cannot stay !"),
    ("They'd've won't", "they 'd 've wo n't"),
    ("It’s “fine”, isn’t it…", "it 's \" fine \" , is n't it ..."),
    ("``Quoted'' text....", '" quoted " text ...'),
    ("Mr. Smith's dogs' house in the U.S. is nice.", "mr. smith 's dogs ' house in the u.s. is nice ."),
    ("We met at 10:30, paid $3.50 (or 50%).", "we met at 10:30 , paid $ 3.50 ( or 50 % ) ."),
    ("A well-known o'clock—y'all, ma'am--'tis", "a well-known o'clock -- y'all , ma'am -- 'tis"),
    ("He said 'no'!?", "he said ' no ' ! ?"),
    ("In the 1990s the 90's came 2nd.", "in the 1990s the 90 's came 2nd ."),
    ("and/or #tag a@b", "and / or # tag a @ b"),
    ("<unk> <s>", "< unk > < s >"),
    ("Naïve café\u00a0au\u200b lait\u00ad", "naïve café au lait"),
    ("", ""),
    (" \t\n ", ""),
]


@pytest.mark.parametrize(("text", "words"), EXAMPLES)
def test_text_is_cut_in_the_style_of_the_penn_treebank(text: str, words: str) -> None:
    assert tokenize(text) == words.split()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("i do n't know .", "I don't know."),
        ("yes , i 'll go . it 's late ...", "Yes, I'll go. It's late..."),
        ('" hello , " she said .', '"Hello," she said.'),
        ("he said ' no ' to me !", "He said 'no' to me!"),
        ("the dogs ' house ( red ) costs $ 5 , or 5 % .", "The dogs' house (red) costs $5, or 5%."),
        ("<unk> is here , i think .", "<unk> is here, I think."),
        ("we met at 10:30 a.m. .", "We met at 10:30 a.m."),
        ("", ""),
    ],
)
def test_words_are_put_together_for_people(words: str, text: str) -> None:
    assert detokenize(words.split()) == text


_USUAL = "I you we don't can't it's they'll he'd I'm I've the house o'clock well-known Mr. u.s. 10:30 1,000 cannot"
_PLAIN = st.sampled_from(_USUAL.split())
_SENTENCE = st.builds(
    lambda front, quoted, back, end: " ".join([*front, '"' + " ".join(quoted) + ',"', *back, "today"]) + end,
    st.lists(_PLAIN, max_size=6),
    st.lists(_PLAIN, min_size=1, max_size=4),
    st.lists(_PLAIN, max_size=6),
    st.sampled_from([" .", "!", "?", " ...", "?!"]),
)


@settings(deadline=None, max_examples=60)
@given(_SENTENCE)
def test_a_sentence_put_together_has_the_same_words_again(sentence: str) -> None:
    words = tokenize(sentence)
    assert tokenize(detokenize(words)) == words


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_any_text_gives_words_without_white_space_and_without_capitals(text: str) -> None:
    for word in tokenize(text):
        assert word.split() == [word]
        assert not any("A" <= letter <= "Z" for letter in word)


_PIECES = st.text(alphabet=st.sampled_from("aBnt'.,;:!?\"()-’“…é1 mrsLLdve"), max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(_PIECES, max_size=20))
def test_the_quick_way_cuts_as_the_rules_do(texts: list[str]) -> None:
    plain = [[word for piece in text.split() for word in cut(piece)] for text in texts]
    assert tokenize_batch(texts) == plain


def test_forgetting_seen_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text, _ in EXAMPLES]
    before = tokenize_batch(texts)
    monkeypatch.setattr(tokens, "_SEEN_AT_MOST", 3)
    assert [tokenize(text) for text in texts] == before
    assert len(tokens._seen) < 30


@pytest.mark.parametrize(
    "text",
    [
        "i do n't think it 's (really) $ 5 , is it ? yes !",
        '" hello , " she said . i \'ll go ...',
        "straße ist lang . ßa",
        "<unk> likes i and i 'm here",
        "",
    ],
)
def test_words_are_joined_one_by_one_as_in_the_whole_sentence(text: str) -> None:
    words = text.split()
    joined = join_words(words)
    assert len(joined) == len(words)
    assert "".join(t if glue or not i else f" {t}" for i, (t, glue) in enumerate(joined)) == detokenize(words)
