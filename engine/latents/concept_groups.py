"""The two groups of sentences that a concept is made from: typed, chosen, or found by a phrase in the test set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.corpus.tokens import tokenize_batch
from engine.errors import UsageError
from engine.latents.starts import quoted, readable
from engine.storage.latent_cache import LatentCache, blocks
from engine.storage.sentence_search import matcher, search

Floats = NDArray[np.float32]

MOST = 2000
"""Sentences of a group at most; of more that a search finds so many are drawn, and of more chosen ones.
All pairs of two groups are compared."""
POOL = 10_000
"""Test sentences at most that random groups are drawn from."""
_SENTENCES = 8192
"""Texts read at a time."""


@dataclass(frozen=True, slots=True)
class Group:
    """Which sentences a group has.

    Args:
        texts: typed ones.
        searches: phrases; all test sentences that hold one of them as whole words (`sentence_search.matcher`).
        indices: test sentences by their place in the cache.
    """

    texts: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    indices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """The sentences of a group, each once.

    Attributes:
        texts: typed ones.
        indices: those of the test set, ascending.
        how: a line from which the group can be put together again.
    """

    texts: tuple[str, ...]
    indices: tuple[int, ...]
    how: str

    @property
    def count(self) -> int:
        """Sentences in all."""
        return len(self.texts) + len(self.indices)


def members(cache: LatentCache, group_with: Group, group_without: Group, seed: int = 0) -> tuple[Members, Members]:
    """The sentences of both groups.

    A sentence that a search finds for both groups is left out of both, and one that stands in the other group already
    is left to it. Equal sentences, word for word, count once, so that a sentence is never judged by its own copy.

    Args:
        cache: of the run.
        group_with, group_without: which sentences.
        seed: of the draw where there are more than 2,000.

    Raises:
        UsageError: a group has fewer than two sentences, a sentence was given to both, there is no such index, or a
            phrase has nothing to look for.
    """
    groups = tuple(_fitting(cache, group, seed) for group in (group_with, group_without))
    given = [_given(cache, group) for group in groups]
    for words in given[0].keys() & given[1].keys():
        both = given[0][words]
        text = both if isinstance(both, str) else cache.sentence(both)
        raise UsageError(
            f"{quoted(text)} is in both groups.", "A sentence has the concept or has it not; leave one out."
        )
    found = _searched(cache, (group_with, group_without))
    common = found[0] & found[1]
    result = []
    for side, (name, group) in enumerate(zip(("with", "without"), groups, strict=True)):
        chosen = dict(given[side])
        matches = np.flatnonzero(found[side] & ~common)
        drawn = _drawn(matches, max(0, MOST - len(chosen)), seed)
        for index, words in zip(drawn.tolist(), _words(cache, drawn), strict=True):
            if words not in given[1 - side]:
                chosen.setdefault(words, index)
        made = Members(
            tuple(each for each in chosen.values() if isinstance(each, str)),
            tuple(sorted(each for each in chosen.values() if not isinstance(each, str))),
            _how(group, len(matches), len(drawn), int(common.sum()), seed),
        )
        if made.count < 2:
            raise UsageError(
                f"The group of sentences {name} the concept has {made.count}; a direction needs two or more.",
                _more(group, int(common.sum())),
            )
        result.append(made)
    return result[0], result[1]


def _searched(cache: LatentCache, groups: Sequence[Group]) -> NDArray[np.bool_]:
    """(groups, n): which test sentences the searches of each group find; one walk through all sentences."""
    if any(matcher(phrase).empty for group in groups for phrase in group.searches):
        raise UsageError(
            "Nothing was given to search for.", 'Give a word or a phrase, or several with bars between: "was | were".'
        )
    *_, found = search(cache, [matcher(" | ".join(group.searches)) for group in groups])
    return found.masks


def pool(cache: LatentCache, seed: int = 0) -> NDArray[np.int64]:
    """(p,) places of the sentences to draw random groups from, ascending: all, or 10,000 drawn by the seed."""
    return _places(cache.n, POOL, seed)


def gathered(cache: LatentCache, variant: str, indices: NDArray[np.int64]) -> Floats:
    """mu of single sentences, (len(indices), latent), read in blocks; raises like `LatentCache.mu`."""
    chosen = np.empty((len(indices), cache.latent), dtype=np.float32)
    for rows in blocks(cache.n):
        within = np.flatnonzero((indices >= rows.start) & (indices < rows.stop))
        if len(within):
            chosen[within] = cache.mu(variant, rows)[indices[within] - rows.start]
    return chosen


def _given(cache: LatentCache, group: Group) -> dict[tuple[str, ...], str | int]:
    """What was typed or chosen, by its words."""
    if len(group.texts) > MOST:
        raise UsageError(f"{len(group.texts):,} sentences are too many for a group.", f"Type {MOST:,} at most.")
    given: dict[tuple[str, ...], str | int] = {
        tuple(words): text for words, text in zip(tokenize_batch(map(readable, group.texts)), group.texts, strict=True)
    }
    indices = np.asarray(group.indices, dtype=np.int64)
    for index, words in zip(group.indices, _words(cache, indices), strict=True):
        given.setdefault(words, index)
    return given


def _fitting(cache: LatentCache, group: Group, seed: int) -> Group:
    """The group with no more chosen sentences than are compared."""
    outside = [index for index in group.indices if not 0 <= index < cache.n]
    if outside:
        raise UsageError(f"There is no test sentence {outside[0] + 1}.", f"They are numbered from 1 to {cache.n:,}.")
    indices = _drawn(np.unique(np.asarray(group.indices, dtype=np.int64)), MOST, seed)
    return replace(group, indices=tuple(indices.tolist()))


def _words(cache: LatentCache, indices: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """The words of single sentences, read in blocks."""
    texts = [""] * len(indices)
    for rows in blocks(cache.n, _SENTENCES):
        within = np.flatnonzero((indices >= rows.start) & (indices < rows.stop))
        if len(within):
            sentences = cache.sentences(rows)
            for place in within.tolist():
                texts[place] = sentences[indices[place] - rows.start]
    return [tuple(words) for words in tokenize_batch(texts)]


def _drawn(indices: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    return indices[_places(len(indices), most, seed)]


def _places(n: int, most: int, seed: int) -> NDArray[np.int64]:
    """`most` of n places, ascending, drawn without a list of all n; all where there are no more."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng([seed, n]).choice(n, most, replace=False))


def _how(group: Group, matches: int, drawn: int, common: int, seed: int) -> str:
    parts = [quoted(text) for text in group.texts]
    if group.indices:
        parts.append(f"test sentences {', '.join(str(index + 1) for index in group.indices)}")
    if group.searches:
        what = f"test sentences that hold {' or '.join(map(quoted, group.searches))}"
        if common:
            what += f" and are not found for the other group too ({common:,} are)"
        parts.append(f"{drawn:,} of {matches:,} {what}, drawn with seed {seed}" if drawn < matches else what)
    return "; ".join(parts)


def _more(group: Group, common: int) -> str:
    if common:
        return "The other group's search finds the same sentences: search for something else in one of them."
    if group.searches:
        return f"Search for a commoner word than {' or '.join(map(quoted, group.searches))}, or add sentences."
    return "Add sentences, typed or searched for, each different from the others."
