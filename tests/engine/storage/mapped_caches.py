"""Caches with maps within them or beside them, and what there is of maps at a path."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.storage.cache_maps import add_projections
from engine.storage.latent_cache import LatentCache
from engine.storage.maps.map_list import folder_of, list_of
from tests.engine.storage.caches import arrays, make_cache

N = 30
VARIANTS = ("a", "b")
Content = dict[tuple[str, str], tuple[float, str]]


def cache_at(path: Path, where: str) -> Path:
    """A cache of two variants with maps `umap`, filled with 1, and of one with `pca`, filled with 2."""
    maps = {
        "a": {"umap": (np.ones((N, 2)), {"method": "umap"}), "pca": (np.full((N, 2), 2.0), {"method": "pca"})},
        "b": {"umap": (np.ones((N, 2)), {"method": "umap"})},
    }
    made = make_cache(path, {each: arrays(N, 3) for each in VARIANTS}, maps if where == "within" else None)
    if where == "beside":
        add_projections(made, {each: maps[each]["umap"] for each in VARIANTS}, "umap")
        add_projections(made, {"a": maps["a"]["pca"]}, "pca")
    return made


def names(path: Path) -> dict[str, tuple[str, ...]]:
    with LatentCache.open(path) as cache:
        return {variant: cache.kept_projections(variant) for variant in cache.variants}


def content(path: Path) -> Content:
    """The number that each map is filled with, and its method."""
    with LatentCache.open(path) as cache:
        return {
            (variant, name): (
                float(np.unique(cache.projection(variant, name)).item()),
                cache.projection_settings(variant, name)["method"],
            )
            for variant in cache.variants
            for name in cache.projections(variant)
        }


def file_of(path: Path, variant: str, name: str) -> Path:
    with LatentCache.open(path) as cache:
        return cache.maps.file_of(variant, name)


def lying_beside(path: Path) -> set[str]:
    return {each.name for each in folder_of(path).glob("*")} | {each.name for each in folder_of(path).glob(".*")}


def no_more_than_listed(path: Path) -> bool:
    with LatentCache.open(path) as cache:
        files = set(cache.maps.listed.files)
    return lying_beside(path) == (files | {"maps.json"} if list_of(path).exists() else set())


def filled(number: float) -> dict[str, tuple[np.ndarray, dict[str, str]]]:
    return {each: (np.full((N, 2), number), {"method": "tsne"}) for each in VARIANTS}
