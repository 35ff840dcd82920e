"""Latent spaces with groups in them, mapped."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from engine.config import ProjectionConfig
from engine.events import Done
from engine.maps.projection import project
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache

N, LATENT = 240, 6


def clusters(seed: int = 0) -> np.ndarray:
    """(N, LATENT) points in four well separated groups; the group of row i is i % 4."""
    random = np.random.default_rng(seed)
    centres = np.eye(4, LATENT) * 8
    return (centres[np.arange(N) % 4] + random.normal(size=(N, LATENT)) * 0.5).astype(np.float32)


def cache_of(path: Path, **mus: np.ndarray) -> Path:
    """A cache whose variants have these mu."""
    return make_cache(path, {name: {**arrays(*mu.shape), "mu": mu} for name, mu in mus.items()})


def run(path: Path, config: ProjectionConfig, variants: list[str] | None = None) -> dict[str, object]:
    """Project without any warning; the result."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ImportWarning)  # umap misses tensorflow when it is imported
        last = list(project(path, variants, config))[-1]
    assert isinstance(last, Done)
    return dict(last.result)


def maps(path: Path, name: str) -> dict[str, np.ndarray]:
    with LatentCache.open(path) as cache:
        return {variant: cache.projection(variant, name) for variant in cache.variants}


def separation(places: np.ndarray) -> float:
    """Smallest distance between two groups' middles over the largest spread within a group."""
    groups = [places[group::4] for group in range(4)]
    middles = np.array([group.mean(axis=0) for group in groups])
    between = np.linalg.norm(middles[:, None] - middles, axis=2)[~np.eye(4, dtype=bool)].min()
    return float(between / max(group.std(axis=0).max() for group in groups))
