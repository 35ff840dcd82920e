"""How words are written within the sentences of a text: `Boston`, `French`, `I`.

Models read small letters. So that people read what they write with the capitals of the text, every form with a capital
is counted, and where one is more frequent than small letters, it is kept with the vocabulary. A capital at the start of
a sentence, or after a quotation mark or a bracket, says nothing: it comes from its place.

Nine of ten pieces of a text are in small letters. They are not looked at: how often a word stands in small letters is
what is left of all its places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from engine.corpus.tokens import plain_core, token_places

_STRAIGHT = str.maketrans(dict.fromkeys("‘’‛ʼ′´`", "'"))


@dataclass(frozen=True, slots=True)
class Capitals:
    """How often each form with capitals stands within sentences, and each word (in small letters) behind a mark, where
    a capital says nothing.
    """

    forms: Counter[str] = field(default_factory=Counter)
    unclear: Counter[str] = field(default_factory=Counter)

    def add(self, other: Capitals) -> None:
        """Count those of other sentences as well."""
        self.forms.update(other.forms)
        self.unclear.update(other.unclear)


def telling(pieces: Sequence[str]) -> list[str]:
    """The pieces of a sentence, white space between them, whose capitals are to be counted."""
    return [piece for piece in pieces[1:] if not piece.islower()]


def capitals_of(sentences: Iterable[Sequence[str]]) -> Capitals:
    """Count the forms with capitals in the `telling` pieces of sentences."""
    return forms_in(Counter(chain.from_iterable(sentences)).items())


def forms_in(pieces: Iterable[tuple[str, int]]) -> Capitals:
    """Count the forms with capitals in pieces that stand so many times within sentences."""
    forms: dict[str, int] = {}
    unclear: dict[str, int] = {}
    for piece, times in pieces:
        behind, written = _forms(piece)
        if behind:
            unclear[behind] = unclear.get(behind, 0) + times
        for form in written:
            forms[form] = forms.get(form, 0) + times
    return Capitals(Counter(forms), Counter(unclear))


@lru_cache(maxsize=200_000)
def _forms(piece: str) -> tuple[str, tuple[str, ...]]:
    """The word behind the mark that a piece begins with, in small letters, "" for none; and its other words that have a
    capital, as they are written.
    """
    core = plain_core(piece) or plain_core(piece.replace("'s", ""))
    if core:  # most are plain and need no rules
        forms: tuple[str, ...] = (core,)
    else:
        written = ((token, piece[start:end].translate(_STRAIGHT)) for token, start, end in token_places(piece))
        forms = tuple(form for token, form in written if form[:1].isalpha() and form.lower() == token)
    if piece[0].isalnum() or not forms:
        return "", tuple(form for form in forms if form != form.lower())
    return forms[0].lower(), tuple(form for form in forms[1:] if form != form.lower())


def usual_forms(counts: Iterable[tuple[str, int]], capitals: Capitals) -> tuple[str, ...]:
    """How words are written that most often have a capital within sentences; of two equally frequent forms the first in
    alphabetical order.

    Args:
        counts: words in small letters, and in how many places they stand that are not the start of a sentence.
        capitals: of the same sentences.

    Returns:
        forms, in the order of their words.
    """
    best: dict[str, tuple[int, str]] = {}
    written: Counter[str] = Counter()
    for form, times in capitals.forms.items():
        word, rank = form.lower(), (-times, form)
        written[word] += times
        if word not in best or rank < best[word]:
            best[word] = rank
    usual = []
    for word, times in counts:
        if word in best and -best[word][0] > times - written[word] - capitals.unclear[word]:
            usual.append(best[word][1])
    return tuple(usual)
