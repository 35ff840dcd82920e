"""Showing another of the kept maps than the one that was opened, and those that were made or deleted elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.run.atlas import Atlas, Opened
from app.run.map_shown import places_on, usual_map
from engine.errors import LoomError


def with_map(opened: Opened, path: Path, name: str) -> Iterator[Atlas]:
    """What was opened, with the places of another map, read from the file as it is now; for the reader's thread.

    Raises:
        LoomError: the file cannot be read, has other sentences or models by now, or no variant has such a map.
    """
    from engine.maps.kept_maps import kept_maps
    from engine.storage.latent_cache import LatentCache

    atlas = opened.atlas
    if atlas is None:
        return
    cache = LatentCache.open(path)
    try:
        before = {variant: atlas.cache.info(variant).model_fingerprint for variant in atlas.cache.variants}
        now = {variant: cache.info(variant).model_fingerprint for variant in cache.variants}
        if (before, atlas.cache.corpus_fingerprint) != (now, cache.corpus_fingerprint):
            raise LoomError("The latents were made anew meanwhile.", "Open the run again.")
        name = name or usual_map(cache)
        places = {variant: places_on(cache, variant, name) for variant in cache.variants}
        if all(each.coords is None for each in places.values()):
            raise LoomError(f"No model has a map {name!r} that can be read.", "Make it anew, or choose another one.")
        numbers = {
            variant: replace(each, places=places[variant], coords=places[variant].coords)
            for variant, each in atlas.numbers.items()
        }
        shown = replace(
            atlas, cache=cache, numbers=numbers, map=name, maps=tuple(kept_maps(cache)),
            unlisted=cache.maps.listed.problem, _placers={},
        )  # fmt: skip
    except LoomError:
        cache.close()
        raise
    opened.hold.callback(atlas.cache.close)  # the window shows it until it hears of the other one
    opened.atlas = shown
    yield shown


def changed_elsewhere(opened: Opened, path: Path) -> Iterator[Atlas | None]:
    """What was opened with the maps that there are by now, if a command has changed them; else None.

    The map that is shown stays, or gives way to the usual one where it is gone. Raises as `with_map`.
    """
    from engine.storage.latent_cache import LatentCache

    atlas = opened.atlas
    if atlas is None or atlas.cache.maps.are_those_of_now:
        yield None
        return
    with LatentCache.open(path) as cache:
        there = any(atlas.map in cache.projections(variant) for variant in cache.variants)
    yield from with_map(opened, path, atlas.map if there else "")
