"""Which sentences meet the conditions of a line: their texts, their lengths and what is kept beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.selections.chosen import Mask
from engine.selections.conditions import Conditions, no_column
from engine.storage.kept_values import KeptValues
from engine.storage.sentence_search import Matcher, PatternMatcher, Searched, matcher, pattern_matcher, search

_SHOWN = 10
"""Categories in a message."""


def meeting(
    line: Sequence[Conditions],
    sentences: Searched,
    lengths: NDArray[np.signedinteger],
    beside: Mapping[str, KeptValues],
    whole_words: bool = True,
) -> Iterator[Mask | None]:
    """Which sentences meet one of several alternatives, (n,), once it is known; before, None after every block.

    Args:
        line: the alternatives; no sentence meets one of none.
        sentences: their texts.
        lengths: tokens of each, (n,) or more.
        beside: columns of them, (n,) or more.
        whole_words: whether words are looked for as a whole.

    Raises:
        LoomError: there is no such column or value, or an expression is none.
    """
    known = [_known(each, sentences.n, lengths, beside) for each in line]
    texts = [[matcher(text, whole_words) for text in each.holding] for each in line]
    expressions = [[pattern_matcher(expression) for expression in each.matching] for each in line]
    looked_for: list[list[Matcher | PatternMatcher]] = [
        [*plain, *patterns] for plain, patterns in zip(texts, expressions, strict=True)
    ]
    for found in search(sentences, [each for several in looked_for for each in several]):
        if found.searched < sentences.n:
            yield None
            continue
        met, masks = np.zeros(sentences.n, np.bool_), iter(found.masks)
        for mask, several in zip(known, looked_for, strict=True):
            for _ in several:
                mask = mask & next(masks)
            met |= mask
        yield met


def _known(
    conditions: Conditions, n: int, lengths: NDArray[np.signedinteger], beside: Mapping[str, KeptValues]
) -> Mask:
    """Which sentences meet what needs no look at their texts, (n,)."""
    mask = np.ones(n, np.bool_)
    if conditions.least:
        mask &= lengths[:n] >= conditions.least
    if conditions.most:
        mask &= lengths[:n] <= conditions.most
    for column, wanted in conditions.where:
        mask &= _column(column, beside).mask(wanted)[:n]
    return mask


def _column(name: str, beside: Mapping[str, KeptValues]) -> KeptValues:
    """A column by its name, case aside where none is called just so.

    Raises:
        LoomError: there is none.
    """
    folded = {each.casefold(): each for each in beside}
    found = name if name in beside else folded.get(name.casefold())
    if found is None:
        raise no_column(name, beside)
    return beside[found]


def told_of_beginnings(line: Sequence[Conditions], beside: Mapping[str, KeptValues]) -> list[str]:
    """What is to be told where a value is no category's name and those were taken that begin so.

    Raises:
        LoomError: there is no such column.
    """
    told = []
    for column, wanted in dict.fromkeys(pair for each in line for pair in each.where):
        meant = _column(column, beside).completed(wanted)
        if meant:
            shown = ", ".join(meant[:_SHOWN]) + (f" and {len(meant) - _SHOWN:,} more" if len(meant) > _SHOWN else "")
            told.append(f"Nothing in {column} is called {wanted!r}: taken is what begins so, {shown}.")
    return told
