"""Cutting sentences into words, and putting words together for people."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.corpus import tokens
from engine.corpus.tokens import (
    BLANK,
    cut,
    detokenize,
    is_word,
    join_words,
    tokenize,
    tokenize_batch,
    words_in,
    words_of,
)

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
    ("<unk> <s>", "<unk> < s >"),
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


_PIECES = st.text(alphabet=st.sampled_from("aBnt'.,;:!?\"()-’“…é1 mrsLLdveצהל״ים"), max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(_PIECES, max_size=20))
def test_the_quick_way_cuts_as_the_rules_do(texts: list[str]) -> None:
    plain = [[word for piece in text.split() for word in cut(piece)] for text in texts]
    assert tokenize_batch(texts) == plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('צה"ל ניצח.', ['צה"ל', "ניצח", "."]),
        ("ד״ר כהן, מנכ”ל ארה״ב!", ['ד"ר', "כהן", ",", 'מנכ"ל', 'ארה"ב', "!"]),
        ('המנכ"לית והרמטכ"לים', ['המנכ"לית', 'והרמטכ"לים']),
        ('ב"צה"ל"', ["ב", '"', 'צה"ל', '"']),
        ('ה"מלך" בא', ["ה", '"', "מלך", '"', "בא"]),
        ('"שלום"', ['"', "שלום", '"']),
        ('ה"מלך הגדול"', ["ה", '"', "מלך", "הגדול", '"']),
        ("ג׳ירפה", ["ג'ירפה"]),
    ],
)
def test_a_quote_within_a_hebrew_abbreviation_is_part_of_it(text: str, words: list[str]) -> None:
    assert tokenize(text) == words


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


WORDS = [
    ("I think we should go home now, really.", "i think we should go home now really"),
    ("I don't know, it's Smith's!", "i don't know it's smith's"),
    ("They'd've won’t…", "they'd've won't"),
    ("A well-known o'clock -- 3.50 at 5:30", "a well-known o'clock 3.50 at 5:30"),
    ("हिन्दी 你好, Ünï!", "हिन्दी 你好 ünï"),
    ('?! ... "" \U0001f600', ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words_are_what_people_count_and_punctuation_is_none(text: str, words: str) -> None:
    assert words_of(tokenize(text)) == tuple(words.split())
    assert [word for word, _, _ in words_in(text)] == words.split()


def test_what_stands_for_a_word_is_one_and_a_mark_is_none() -> None:
    assert [token for token in (BLANK, "<unk>", "_", ".", "...", "'", "--", "´", "a", "½", "é") if is_word(token)] == [
        BLANK, "<unk>", "a", "½", "é",
    ]  # fmt: skip
    assert words_of(("n't", ".", "'s", "he", "'s")) == ("n't", "'s", "he's")


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_words_lie_in_their_order_in_the_text_and_have_letters_or_digits(text: str) -> None:
    found, at = words_in(text), 0
    assert tuple(word for word, _, _ in found) == words_of(tokenize(text.encode("utf-8", "replace").decode("utf-8")))
    for word, start, end in found:
        assert at <= start < end <= len(text)
        assert any(sign.isalnum() for sign in word)
        at = end


TOKENS = ("a", "dog", "n't", "'s", "'ll", ".", ",", "?", "...", "(", ")", "--", "½", "<unk>", "___", "well-known")


@given(st.lists(st.sampled_from(TOKENS), max_size=12))
def test_marks_never_change_the_words_but_where_they_part_them(tokens: list[str]) -> None:
    clitics = ("n't", "'s", "'ll")
    marks = [token for token in tokens if not is_word(token)]
    joined = sum(second in clitics and is_word(first) for first, second in pairwise(tokens))
    assert len(words_of(tokens)) == len(tokens) - len(marks) - joined
    assert words_of([*marks, *words_of(tokens), *marks]) == words_of(words_of(tokens))
