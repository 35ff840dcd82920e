"""The maps of a latent cache: adding, deleting and renaming them, at the cost of the maps and not of the cache.

Maps are added in a file of their own beside the cache, and every change is one of the list of maps, which is published
whole (`maps.map_list`): a reader sees all of it or none. Meanwhile nobody else writes the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from engine.errors import LoomError
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import wait_until_free
from engine.storage.maps.map_file import checked_map, write_map_file
from engine.storage.maps.map_list import MapList, clear_files, list_is_damaged, put_list, remove_list, set_aside
from engine.workspace import naming


def add_projections(
    path: Path,
    maps: Mapping[str, tuple[ArrayLike, Mapping[str, Any]]],
    name: str,
    made_from: Mapping[str, str] | None = None,
) -> None:
    """Add a named map per variant to an existing cache, in place of those of that name.

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
            cache.maps.listed.checked(path)
            now = {variant: cache.info(variant).model_fingerprint for variant in maps}
            known = {**now, **(made_from or {})}
            checked = {each: checked_map(name, each, values, cache.n) for each, (values, _) in maps.items()}
        fitting = [variant for variant in maps if now[variant] == known[variant]]
        if fitting:
            with _tidied(path, cache.maps.listed) as put:
                made = {each: (checked[each], {**maps[each][1], "made_from": known[each]}) for each in fitting}
                file, listed = write_map_file(path, cache.corpus_fingerprint, made), cache.maps.listed
                for variant in fitting:
                    listed = listed.added(variant, name, file, cache.maps.named_within(variant, name))
                put(listed)
    if len(fitting) < len(maps):
        others = [variant for variant in maps if variant not in fitting]
        raise LoomError(
            f"{path}: {' and '.join(others)} was encoded anew with other weights while the map was made, so that map "
            "was not kept.",
            f"Make it again: python main.py project {naming(path)} --variants {','.join(others)}",
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
        with LatentCache.open(path) as cache:
            having = _having(cache, name, variants)
        _rename(cache, having, name, "")
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
        with LatentCache.open(path) as cache:
            having = _having(cache, name, variants)
            taken = [variant for variant in having if new in cache.kept_projections(variant)]
        if taken:
            raise LoomError(
                f"{path} has a map {new!r} of {' and '.join(taken)} already.",
                "Choose another name, or delete that one.",
            )
        _rename(cache, having, name, new)
    return having


def _having(cache: LatentCache, name: str, variants: Sequence[str] | None) -> list[str]:
    """The variants, of those that are asked for, that have a map of a name, where maps can be changed."""
    cache.maps.listed.checked(cache.path)
    asked = cache.variants if variants is None else tuple(dict.fromkeys(variants))
    having = [variant for variant in asked if name in cache.kept_projections(variant)]
    if not having:
        known = sorted({each for variant in asked for each in cache.kept_projections(variant)})
        raise LoomError(
            f"{cache.path} has no map {name!r}; it has {', '.join(map(repr, known)) or 'none'}.",
            f"See them: python main.py project {naming(cache.path)} --list",
        )
    return having


def _rename(cache: LatentCache, variants: Sequence[str], name: str, new: str) -> None:
    """Give maps another name; with "" none, so that they are gone. The cache itself stays as it is."""
    with _tidied(cache.path, cache.maps.listed) as put:
        listed = cache.maps.listed
        for variant in variants:
            listed = listed.renamed(variant, name, new, cache.maps.named_within(variant, name))
        put(listed)


@contextmanager
def _tidied(path: Path, listed: MapList) -> Iterator[Callable[[MapList], None]]:
    """Change the list of a cache by a call; afterwards, or after a failure, files that it does not name are removed."""

    def put(changed: MapList) -> None:
        nonlocal listed
        put_list(path, changed)
        listed = changed

    try:
        yield put
    finally:
        clear_files(path, listed.files)


@contextmanager
def replacing(path: Path) -> Iterator[None]:
    """Hold the lock of a cache while one that has all that is kept is put in its place; then nothing is left beside it.

    Should this be killed in between: a list says of which cache it is, so what it names is no part of the new one.
    """
    with wait_until_free(path):
        yield
        remove_beside(path)


def remove_beside(path: Path) -> None:
    """Remove all maps that lie beside a cache, for who holds its lock; those of a damaged list are set aside instead.

    Raises:
        LoomError: that cannot be done.
    """
    if list_is_damaged(path):
        set_aside(path)
        return
    remove_list(path)
    clear_files(path)
