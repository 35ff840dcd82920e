"""Words that somebody cut before: what stands between spaces. And sentences that a person types, read like them.

The field's corpora mark what their vocabulary lacked in three ways (`<unk>`, `UNK`, `_UNK`); all are the unknown word.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from engine.corpus.tokens import BLANK, WRITTEN_BLANK, token_places

UNKNOWN = "<unk>"
UNKNOWN_WORDS = frozenset((UNKNOWN, "<UNK>", "UNK", "_UNK", "[UNK]", "@UNK@"))
_PADDING = frozenset(("<pad>", "<PAD>", "_PAD"))
_UNKNOWN = re.compile(r"(<unk>|<UNK>|\[UNK\]|@UNK@|(?<!\w)_?UNK(?!\w))")
_BRACKETS = {"(": "lrb", ")": "rrb", "[": "lsb", "]": "rsb", "{": "lcb", "}": "rcb"}


def given_words(pieces: Iterable[str], lower: bool) -> list[str]:
    """The words of a sentence that is cut already: its pieces between spaces, with `UNKNOWN` for the unknown word
    and without padding.

    Args:
        pieces: of one sentence, without white space.
        lower: whether they are read in small letters.
    """
    return [
        UNKNOWN if piece in UNKNOWN_WORDS else piece.lower() if lower else piece
        for piece in pieces
        if piece not in _PADDING
    ]


def read_like(text: str, known: Container[str]) -> tuple[str, ...]:
    """Cut a sentence that a person typed as the text of a vocabulary was cut.

    What stands between spaces is a word where the vocabulary has it, as it is or in small letters. The rest is cut by
    our own rules (`it's` to `it 's`), and brackets and quotes are written as the vocabulary writes them.

    Args:
        text: the sentence; two underscores or more are a blank.
        known: the words of the vocabulary.
    """
    opened = False
    words: list[str] = []
    for part_number, part in enumerate(WRITTEN_BLANK.split(text)):
        if part_number:
            words.append(BLANK)
        for piece in _UNKNOWN.sub(r" \1 ", part).split():
            if piece in UNKNOWN_WORDS:
                words.append(UNKNOWN)
            elif piece in known or piece.lower() in known:
                words.append(piece if piece in known else piece.lower())
            else:
                for token, start, end in token_places(piece):
                    form = piece[start:end]
                    # As it was written; of signs that were joined, as "--" and "...", only the last has a place.
                    forms = (token,) if form in token else (form, token)
                    word = next((each for each in forms if each in known), None)
                    if word is None:
                        word = _as_written(token, opened, known)
                    opened ^= token == '"'
                    words.append(word)
    return tuple(words)


def _as_written(token: str, opened: bool, known: Container[str]) -> str:
    """How a vocabulary may write a token that it lacks; the token itself where it has none of these."""
    if token == '"':
        forms: tuple[str, ...] = ("''",) if opened else ("``",)
    elif token in _BRACKETS:
        forms = (f"-{_BRACKETS[token]}-", f"-{_BRACKETS[token].upper()}-")
    else:
        forms = ()
    return next((form for form in forms if form in known), token)
