"""The regions of the maps and their names, found in the thread that owns the cache and kept as long as it is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.run.atlas import Atlas

if TYPE_CHECKING:
    from engine.maps.telling.names import Named, Sample
    from engine.maps.telling.regions import Found


class RegionFinder:
    """Finds the regions of a variant once; none of a model whose z carries nothing, whatever its map looks like."""

    def __init__(self) -> None:
        self._atlas: Atlas | None = None
        self._sample: Sample | None = None
        self._by_variant: dict[str, tuple[Found, tuple[Named, ...]]] = {}

    def find(self, atlas: Atlas, variant: str) -> Iterator[tuple[Found, tuple[Named, ...]] | None]:
        """The regions of a variant's map and their names; None in between, where it can be given up.

        Nothing at all of a variant without a map, or which has collapsed.
        """
        from engine.maps.telling.names import named, sample
        from engine.maps.telling.regions import find_regions

        if atlas is not self._atlas:
            self._atlas, self._sample, self._by_variant = atlas, None, {}
        kept = self._by_variant  # another atlas may be asked about before this one is through
        numbers = atlas.numbers.get(variant)
        if numbers is None or numbers.coords is None or not numbers.carrying_units:
            return
        if variant not in kept:
            found = find_regions(numbers.coords)
            yield None
            words = self._sample if atlas is self._atlas else None
            if found.regions and words is None:
                for read in sample(atlas.cache):
                    words = read
                    yield None
                if atlas is self._atlas:
                    self._sample = words
            kept[variant] = found, named(found, words) if words is not None else ()
        yield kept[variant]
