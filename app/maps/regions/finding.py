"""The regions of the maps and their names, found in the thread that owns the cache and kept as long as it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from app.run.atlas import Atlas

if TYPE_CHECKING:
    from engine.maps.telling.names import Named, Sample
    from engine.maps.telling.regions import Found


@dataclass
class _Kept:
    """What is known of one atlas: the words of its sentences, once they are counted, and regions by variant."""

    sample: Sample | None = None
    by_variant: dict[str, tuple[Found, tuple[Named, ...]]] = field(default_factory=dict)


class RegionFinder:
    """Finds the regions of a variant once; none of a model whose z carries nothing, whatever its map looks like."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Atlas, _Kept] = WeakKeyDictionary()  # goes with its atlas

    def find(self, atlas: Atlas, variant: str) -> Iterator[tuple[Found, tuple[Named, ...]] | None]:
        """The regions of a variant's map and their names; None in between, where it can be given up.

        Nothing at all of a variant without a map, or which has collapsed.
        """
        from engine.maps.telling.names import named, sample
        from engine.maps.telling.regions import find_regions

        kept = self._kept.setdefault(atlas, _Kept())
        numbers = atlas.numbers.get(variant)
        if numbers is None or numbers.coords is None or not numbers.carrying_units:
            return
        if variant not in kept.by_variant:
            found = find_regions(numbers.coords)
            yield None
            if found.regions and kept.sample is None:
                for read in sample(atlas.cache):
                    kept.sample = read
                    yield None
            kept.by_variant[variant] = found, named(found, kept.sample) if kept.sample is not None else ()
        yield kept.by_variant[variant]
