"""Finding the sentences that hold a word or a phrase: what counts as holding it, and the walk through a cache.

Commands go through all sentences in one pass, for several phrases at once. The window takes one step of the walk at a
time and lets other requests have their turn between two.

    for found in search(cache, [matcher("was | were"), matcher("?")]):
        ...  # after every block; found.searched of cache.n sentences are done
    places = found.places(0)

A regular expression is found by RE2, which takes a time that grows with the text alone: one of the many expressions
that hold up other engines for hours, and with them the window, takes no longer than any.

Needs neither torch nor pandas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.storage.latent_cache import blocks
from engine.unspaced_letters import UNSPACED

CHUNK = 8192
"""Sentences between two steps of a walk: about a hundredth of a second."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Whether a sentence holds a phrase; made by `matcher`, called with a sentence.

    Attributes:
        phrase: as it was given.
    """

    phrase: str
    _alternatives: tuple[_Alternative, ...]

    @property
    def empty(self) -> bool:
        """Whether the phrase has nothing to look for, so that no sentence holds it."""
        return not self._alternatives

    def __call__(self, sentence: str) -> bool:
        folded = sentence.casefold()
        return any(each.stands_in(folded) for each in self._alternatives)

    def mask(self, sentences: Sequence[str], folded: Sequence[str]) -> NDArray[np.bool_]:
        """Which of many sentences hold the phrase, (len(folded),); `folded` are they as `str.casefold` makes them."""
        found = np.zeros(len(folded), dtype=bool)
        for each in self._alternatives:
            found |= each.among(folded)
        return found


@dataclass(frozen=True, slots=True)
class PatternMatcher:
    """Whether a regular expression is found in a sentence; made by `pattern_matcher`.

    Attributes:
        phrase: the expression.
    """

    phrase: str

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.phrase

    def mask(self, sentences: Sequence[str], folded: Sequence[str]) -> NDArray[np.bool_]:
        """Which of many sentences it is found in, (len(sentences),), letter case aside."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.match_substring_regex(pa.array(sentences, pa.large_string()), self.phrase, ignore_case=True)
        mask: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
        return mask


def pattern_matcher(expression: str) -> PatternMatcher:
    r"""What finds a regular expression in sentences, anywhere in them, letter case aside.

    As RE2 has them (github.com/google/re2/wiki/Syntax): no looking around and no references back; \w, \d and \b know
    the letters of English only, \pL stands for any letter.

    Raises:
        UsageError: the expression is none.
    """
    import pyarrow as pa

    made = PatternMatcher(expression)
    try:
        made.mask([""], [""])
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise UsageError(
            f"/{expression}/ is no regular expression: {reason}.", "A sign that is meant as it is has a \\ before it."
        ) from error
    return made


def matcher(phrase: str, whole_words: bool = True) -> Matcher:
    """What finds a phrase in sentences.

    Bars part a phrase into alternatives, of which a sentence must hold one, as in "was | were". White space around
    them does not count. Alternatives with nothing in them are left out; if none is left, no sentence holds the phrase.

    Upper and lower case are alike by Unicode's full case folding (`str.casefold`): "ß" is "ss", "Σ" is "σ" and "ς"; the
    dotless "ı" of Turkish is not "i", and its "İ" is an "i" with a dot of its own. Accents count; nothing is composed
    or taken apart. No sign but the bar has a meaning of its own.

    Args:
        phrase: what to look for.
        whole_words: an alternative is one or several words, which stand in the sentence in this order with any white
            space and nothing else between them. Where it begins or ends with a letter, a digit, or a mark on one (an
            accent, a vowel sign of Hindi), no other may join on there: "was" is not in "wash", but "don" is in "don't".
            Where it begins or ends with another sign, such as "?", anything may. False finds an alternative in any part
            of a sentence, its inner white space just as it is given.
    """
    parts = [part.strip() for part in phrase.casefold().split("|")]
    return Matcher(
        phrase,
        tuple(_Alternative.of_words(part.split()) if whole_words else _Alternative(part) for part in parts if part),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Which sentences of a cache hold some phrases, as far as the walk has come.

    Attributes:
        searched: sentences looked through, the first so many.
        masks: (phrases, n), True where a sentence holds a phrase, False where it does not or was not looked at yet. It
            is one array that every step of the walk fills further.
    """

    searched: int
    masks: NDArray[np.bool_]

    def count(self, phrase: int = 0) -> int:
        """How many sentences hold a phrase, given by its place among the phrases."""
        return int(np.count_nonzero(self.masks[phrase]))

    def places(self, phrase: int = 0) -> NDArray[np.int64]:
        """(count,) places in the cache of the sentences that hold a phrase, ascending."""
        return np.flatnonzero(self.masks[phrase])


class Searched(Protocol):
    """Sentences that can be walked through, such as a cache has."""

    @property
    def n(self) -> int:
        """How many there are."""

    def sentences(self, rows: slice) -> Sequence[str]:
        """Those of a slice."""


def search(cache: Searched, matchers: Sequence[Matcher | PatternMatcher], chunk: int = CHUNK) -> Iterator[Found]:
    """Walk through the sentences of a cache once, for several phrases.

    Args:
        cache: is read `chunk` sentences at a time.
        matchers: what to look for.
        chunk: sentences between two steps, 1 or more.

    Yields:
        what was found so far, after every `chunk` sentences; the last has searched == cache.n. There is one at least.
        Nothing is read where there is nothing to look for.

    Raises:
        LoomError: the cache is damaged.
    """
    masks = np.zeros((len(matchers), cache.n), dtype=bool)
    sought = [(mask, each) for mask, each in zip(masks, matchers, strict=True) if not each.empty]
    if not sought or not cache.n:
        yield Found(cache.n, masks)
        return
    for rows in blocks(cache.n, chunk):
        sentences = cache.sentences(rows)
        folded = [sentence.casefold() for sentence in sentences]
        for mask, each in sought:
            mask[rows] = each.mask(sentences, folded)
        yield Found(rows.stop, masks)


_UNSPACED = re.compile(f"[{UNSPACED}]")
_AROUND = f"[^\\W_{UNSPACED}]"
"""A letter or digit that makes another word of what it stands at; of scripts without spaces none does."""


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One alternative of a phrase, case folded.

    Attributes:
        part: of it that a sentence must hold in any case, which is looked for first as most sentences lack it.
        pattern: the whole of it, not within words of letters and digits; None where `part` is enough.
        begins, ends: whether no mark may stand before, or after it; the pattern knows nothing of marks.
    """

    part: str
    pattern: re.Pattern[str] | None = None
    begins: bool = False
    ends: bool = False

    @classmethod
    def of_words(cls, words: Sequence[str]) -> _Alternative:
        """Words one after the other, white space between them and no letter around them.

        In scripts without spaces words stand at each other, and nobody can tell by the letters where one ends.
        """
        begins, ends = _in_word(words[0][0]), _in_word(words[-1][-1])
        if len(words) == 1 and not (begins or ends):
            return cls(words[0])
        first, *others = map(re.escape, words)
        # What stands before is looked at after the first word: a pattern that begins with plain letters is found fast.
        before = f"(?<!{_AROUND}{first})" if begins and not _UNSPACED.match(words[0][0]) else ""
        after = f"(?!{_AROUND})" if ends and not _UNSPACED.match(words[-1][-1]) else ""
        pattern = first + before
        for last, word, escaped in zip(words, words[1:], others, strict=False):
            pattern += (r"\s*" if _UNSPACED.match(last[-1]) and _UNSPACED.match(word[0]) else r"\s+") + escaped
        return cls(max(words, key=len), re.compile(pattern + after), begins, ends)

    def among(self, folded: Sequence[str]) -> list[bool]:
        """Which of many folded sentences hold it."""
        part, stands_in = self.part, self.stands_in
        if self.pattern is None:
            return [part in sentence for sentence in folded]
        return [part in sentence and stands_in(sentence) for sentence in folded]

    def stands_in(self, folded: str) -> bool:
        """Whether a folded sentence holds it."""
        if self.pattern is None:
            return self.part in folded
        found = self.pattern.search(folded)
        if found is None or folded.isascii():
            return found is not None
        while found is not None:
            start, end = found.span()
            mark_before = self.begins and start > 0 and _is_mark(folded[start - 1])
            mark_after = self.ends and end < len(folded) and _is_mark(folded[end])
            if not (mark_before or mark_after):
                return True
            found = self.pattern.search(folded, start + 1)
        return False


def _in_word(sign: str) -> bool:
    """Whether a sign is a part of words: a letter, a digit, or a mark on one."""
    return sign.isalnum() or _is_mark(sign)


def _is_mark(sign: str) -> bool:
    """Whether a sign is a mark on a letter, such as an accent that stands apart or a vowel sign of Hindi."""
    return unicodedata.category(sign)[0] == "M"
