"""Small caches for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.storage.cache_writer import write_cache
from engine.storage.latent_cache import VariantInfo

Arrays = dict[str, np.ndarray]


def arrays(n: int, latent: int, seed: int = 0) -> Arrays:
    """mu, logvar, nll and kl of n sentences, random."""
    random = np.random.default_rng(seed)
    return {
        "mu": random.normal(size=(n, latent)).astype(np.float32),
        "logvar": random.normal(size=(n, latent)).astype(np.float32),
        "nll": random.uniform(1, 40, n).astype(np.float32),
        "kl": random.uniform(0, 9, n).astype(np.float32),
    }


def texts(n: int) -> list[str]:
    """Sentences that are not all ASCII."""
    return [f"Sentence {i} is no. {i} – naïve, “quoted”, 日本." for i in range(n)]


def info(name: str, position: int = 0) -> VariantInfo:
    """A description in which no field has its default."""
    return VariantInfo(name, name.upper(), "#112233", 0.5 + position, f"print of {name}", position, {"kind": "none"})


Maps = Mapping[str, Mapping[str, tuple[Any, Mapping[str, Any]]]]
"""By variant and name the coordinates of a map, and what it was made with."""


def make_cache(path: Path, variants: dict[str, Arrays], within: Maps | None = None, **changed: str) -> Path:
    """Write a cache of these variants, in their order, with some maps within it."""
    n, latent = next(iter(variants.values()))["mu"].shape
    settings = {"run": "test", "corpus_fingerprint": "corpus", **changed}
    with write_cache(path, latent=latent, sentences=texts(n), words=np.arange(n) % 30, **settings) as writer:
        for position, (name, values) in enumerate(variants.items()):
            writer.add_variant(info(name, position), **values)
            for each, (coordinates, made_with) in (within or {}).get(name, {}).items():
                writer.add_projection(name, each, coordinates, made_with)
    return path
