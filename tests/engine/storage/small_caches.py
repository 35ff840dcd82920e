"""Writing a small cache, and reading all of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from engine.storage.cache_writer import CacheWriter, write_cache
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import texts


def without_locks(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.endswith(".lock"))


def read_all(path: Path) -> None:
    """Read everything there is."""
    with LatentCache.open(path) as cache:
        cache.sentences()
        cache.words()
        for variant in cache.variants:
            for read in (cache.mu, cache.logvar, cache.nll, cache.kl):
                read(variant)
            for name in cache.projections(variant):
                cache.projection(variant, name)
                cache.projection_settings(variant, name)


def with_writer(path: Path, action: Callable[[CacheWriter], None]) -> None:
    with write_cache(
        path, run="test", corpus_fingerprint="corpus", latent=4, sentences=texts(20), words=[3] * 20
    ) as writer:
        action(writer)
