"""The maps of a latent cache: adding, deleting and renaming them.

The cache is copied, the copy changed and published whole: a reader sees all of a change or none. Meanwhile nobody else
writes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import LoomError
from engine.storage.cache_file import damage_told
from engine.storage.files import publish
from engine.storage.guarded_file import GuardedFile
from engine.storage.hdf5_writing import dataset_in_chunks, hdf5_file, set_attributes
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import wait_until_free


def add_projections(
    path: Path,
    maps: Mapping[str, tuple[ArrayLike, Mapping[str, Any]]],
    name: str,
    made_from: Mapping[str, str] | None = None,
) -> None:
    """Add a named map per variant to an existing cache, in place of those of that name.

    The cache is copied, the copy changed and published whole: a reader sees all the new maps or none. Meanwhile nobody
    else writes it.

    Args:
        path: the cache.
        maps: per variant the (n, 2) coordinates and the settings that made them, kept as attributes.
        name: of the maps, such as `umap`.
        made_from: per variant the fingerprint of the model whose latents were mapped; by default those of the cache.

    Raises:
        LoomError: no such cache or variant, coordinates of another shape or not finite, the disk is full, or the cache
            holds latents of other weights by now; then the maps of the other variants were added.
    """
    with wait_until_free(path):
        with LatentCache.open(path) as cache:
            now = {variant: cache.info(variant).model_fingerprint for variant in maps}
            known = {**now, **(made_from or {})}
            checked = {each: checked_map(name, each, values, cache.n) for each, (values, _) in maps.items()}
        fitting = [variant for variant in maps if now[variant] == known[variant]]
        with _changed(path) as (file, guard):
            for variant in fitting:
                settings = {**maps[variant][1], "made_from": known[variant]}
                with damage_told(path):
                    put_map(file, variant, name, checked[variant], settings)
                guard.check()
    if len(fitting) < len(maps):
        others = [variant for variant in maps if variant not in fitting]
        raise LoomError(
            f"{path}: {' and '.join(others)} was encoded anew with other weights while the map was made, so that map "
            "was not kept.",
            f"Make it again: python main.py project {cache.run} --variants {','.join(others)}",
        )


def delete_projections(path: Path, name: str, variants: Sequence[str] | None = None) -> list[str]:
    """Take the maps of a name out of a cache, also those that were made from other weights.

    Args:
        path: the cache.
        name: of the maps.
        variants: whose; None for all.

    Returns:
        the variants that had such a map.

    Raises:
        LoomError: no such cache, variant or map, or the disk is full.
    """
    with wait_until_free(path):
        having = _having(path, name, variants)
        with _changed(path) as (file, guard):
            for variant in having:
                with damage_told(path):
                    del file["variants"][variant]["projections"][name]
                guard.check()
    return having


def rename_projections(path: Path, name: str, new: str, variants: Sequence[str] | None = None) -> list[str]:
    """Give the maps of a name another one.

    Args:
        path: the cache.
        name, new: of the maps, before and after.
        variants: whose; None for all.

    Returns:
        the variants that had such a map.

    Raises:
        LoomError: no such cache, variant or map, maps of the new name are there already, or the disk is full.
    """
    with wait_until_free(path):
        having = _having(path, name, variants)
        with LatentCache.open(path) as cache:
            taken = [variant for variant in having if new in cache.kept_projections(variant)]
        if taken:
            raise LoomError(
                f"{path} has a map {new!r} of {' and '.join(taken)} already.",
                "Choose another name, or delete that one.",
            )
        with _changed(path) as (file, guard):
            for variant in having:
                with damage_told(path):
                    file["variants"][variant]["projections"].move(name, new)
                guard.check()
    return having


def _having(path: Path, name: str, variants: Sequence[str] | None) -> list[str]:
    """The variants, of those that are asked for, that have a map of a name."""
    with LatentCache.open(path) as cache:
        asked = cache.variants if variants is None else tuple(dict.fromkeys(variants))
        having = [variant for variant in asked if name in cache.kept_projections(variant)]
        if not having:
            known = sorted({each for variant in asked for each in cache.kept_projections(variant)})
            raise LoomError(
                f"{path} has no map {name!r}; it has {', '.join(known) or 'none'}.",
                f"See them: python main.py project {cache.run} --list",
            )
    return having


@contextmanager
def _changed(path: Path) -> Iterator[tuple[h5py.File, GuardedFile]]:
    """A copy of a cache to be changed, published afterwards."""
    with publish(path) as scratch:
        shutil.copyfile(path, scratch)
        with hdf5_file(scratch, "r+") as (file, guard):
            yield file, guard


def checked_map(name: str, variant: str, coordinates: ArrayLike, n: int) -> NDArray[np.float32]:
    """The coordinates as they are kept; a LoomError where they are of another shape or not finite."""
    values = np.asarray(coordinates, dtype=np.float32)
    if values.shape != (n, 2) or not np.isfinite(values).all():
        raise LoomError(f"The map {name} of {variant} must be {n} x 2 finite numbers, not {values.shape}.")
    return values


def put_map(file: h5py.File, variant: str, name: str, values: NDArray[np.float32], settings: Mapping[str, Any]) -> None:
    """Write a map in the place of an earlier one, which is never read: it may be damaged."""
    group = file["variants"][variant].require_group("projections")
    if name in group:
        del group[name]  # the library gives its place to what follows
    dataset = dataset_in_chunks(group, name, values.shape)
    dataset[:] = values
    set_attributes(dataset, **settings)
