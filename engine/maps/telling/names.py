"""The regions of a variant's map with their names, from the cache: what lies where, and which words tell it apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.maps.telling.distinctive import WordCounts, distinctive
from engine.maps.telling.regions import Found, Region
from engine.storage.latent_cache import LatentCache

READ = 60_000
"""Sentences that are read for the names at most: runs of them, spread evenly over all."""
_RUN = 500
WHOLE = 0.75
"""A region that is more than this of what it is compared with is the rule there, and has no name."""


@dataclass(frozen=True, slots=True)
class Named:
    """A region, and the words that tell its sentences from the others around; () where none do."""

    region: Region
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sample:
    """Sentences of a cache whose words are counted: which, and the counts."""

    rows: NDArray[np.int64]
    counts: WordCounts


def sample(cache: LatentCache) -> Iterator[Sample | None]:
    """Count the words of the sentences of a cache, or of many of them.

    Yields:
        None after each part that was read, and at last the sample.

    Raises:
        LoomError: the file is damaged.
    """
    starts = np.arange(0, cache.n, _RUN)
    if cache.n > READ:
        starts = starts[np.linspace(0, len(starts) - 1, READ // _RUN).astype(np.int64)]
    texts: list[str] = []
    for start in starts.tolist():
        texts += cache.sentences(slice(start, min(start + _RUN, cache.n)))
        yield None
    rows = np.concatenate([np.arange(start, min(start + _RUN, cache.n)) for start in starts.tolist()] or [starts])
    yield Sample(rows, WordCounts(texts))


def named(found: Found, known: Sample) -> tuple[Named, ...]:
    """The regions of a map with their names.

    A region is compared with all other sentences of the map, a part of a region with the rest of that region.
    """
    made = []
    for at, region in enumerate(found.regions):
        inside = found.of_point[region.depth][known.rows] == at
        around = np.ones(len(inside), np.bool_)
        if region.parent >= 0:
            parent = found.regions[region.parent]
            around = found.of_point[parent.depth][known.rows] == region.parent
        rule = inside.sum() > WHOLE * around.sum()
        made.append(Named(region, () if rule else distinctive(known.counts, inside & around, around & ~inside)))
    return tuple(made)
