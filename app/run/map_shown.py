"""Which of the kept maps of a cache is shown, and its places for every variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.storage.latent_cache import LatentCache

USUAL = "umap"


@dataclass(frozen=True)
class Places:
    """One variant's places on a map.

    Attributes:
        coords: (n, 2), or None where it has no such map, or one that cannot be read: `problem` says so.
        name: of the map.
        settings: what it was made with, and how far it can be trusted.
    """

    coords: NDArray[np.float32] | None = None
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def usual_map(cache: LatentCache) -> str:
    """The map that is shown first: that which most variants have, and of those `umap`, or the first by name."""
    count: dict[str, int] = {}
    for variant in cache.variants:
        for name in cache.projections(variant):
            count[name] = count.get(name, 0) + 1
    return min(count, key=lambda name: (-count[name], name != USUAL, name), default="")


def first_map(cache: LatentCache, chosen: str) -> tuple[str, dict[str, Places]]:
    """The map that a person chose, or the usual one where that is gone or cannot be read of any variant; its places."""
    names = {name for variant in cache.variants for name in cache.projections(variant)}
    for name in (chosen,) if chosen in names else ():
        places = {variant: places_on(cache, variant, name) for variant in cache.variants}
        if any(each.coords is not None for each in places.values()):
            return name, places
    name = usual_map(cache)
    return name, {variant: places_on(cache, variant, name) for variant in cache.variants}


def places_on(cache: LatentCache, variant: str, name: str) -> Places:
    """A variant's places on the map of a name."""
    if name not in cache.projections(variant):
        return Places(problem=f"The map “{name}” was not made of this model." if name else "")
    try:
        return Places(cache.projection(variant, name), name, cache.projection_settings(variant, name))
    except LoomError as error:
        return Places(problem=f"{error.message} {error.hint}")
