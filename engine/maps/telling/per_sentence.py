"""Numbers a sentence that can colour a map and stand in no array of the cache, a block of sentences at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import SentenceStore
from engine.corpus.vocabulary import UNK
from engine.storage.latent_cache import LatentCache, blocks

Floats = NDArray[np.float32]


def mean_sigma(cache: LatentCache, variant: str) -> Iterator[Floats]:
    """sigma of q(z|x) of every sentence, mean over the dimensions of z, in standard deviations of the prior.

    exp(logvar / 2), averaged: 1 is a sentence of which z tells nothing, 0 one whose z is a point.

    Yields:
        (b,) of one block of sentences after the other.

    Raises:
        LoomError: no such variant, numbers that are not finite, or a damaged file.
    """
    for rows in blocks(cache.n):
        yield np.exp(0.5 * cache.logvar(variant, rows)).mean(axis=1, dtype=np.float64).astype(np.float32)


def unknown_words(store: SentenceStore) -> Iterator[Floats]:
    """How many tokens of every sentence are not in the vocabulary, so that the models read `<unk>` for them.

    Yields:
        (b,) of one block of sentences after the other.

    Raises:
        LoomError: the corpus was changed or cannot be read.
    """
    for rows in blocks(len(store)):
        ids, offsets = store.block(rows.start, rows.stop)
        before = np.concatenate(([0], np.cumsum(ids == UNK)))
        yield (before[offsets[1:]] - before[offsets[:-1]]).astype(np.float32)


def in_frame(coords: Floats, reference: Floats) -> Floats:
    """(n, 2) the places of a map, moved and stretched evenly to the mean and the size of another one.

    The size is that of `drift`; a map whose points coincide lies at the mean.
    """
    means = [points.mean(axis=0, dtype=np.float64) for points in (coords, reference)]
    sizes = [
        float(np.sqrt(np.square(points - mean).sum(axis=1).mean()))
        for points, mean in zip((coords, reference), means, strict=True)
    ]
    stretch = sizes[1] / sizes[0] if sizes[0] > 0 else 0.0
    return ((coords - means[0]) * stretch + means[1]).astype(np.float32)


def drift(coords: Floats, reference: Floats) -> Floats:
    """How far every sentence lies on one map from where it lies on another, in sizes of a map.

    |a_i / s_a - b_i / s_b|, where s is the root of the mean squared distance of a map's points from their mean. Maps of
    a run are turned onto each other when they are made (`engine.maps.alignment`), so what is left is that the sentence
    lies elsewhere among the others. 0 is the same place; two places drawn at random are about 1.4 apart.

    Args:
        coords, reference: (n, 2), of the same sentences.

    Returns:
        (n,); NaN where all points of one of the maps coincide.
    """
    scaled = []
    for points in (coords, reference):
        centred = points - points.mean(axis=0, dtype=np.float64)
        size = float(np.sqrt(np.square(centred).sum(axis=1).mean())) if len(points) else 0.0
        scaled.append(centred / size if size > 0 else np.full(points.shape, np.nan))
    return np.linalg.norm(scaled[0] - scaled[1], axis=1).astype(np.float32)
