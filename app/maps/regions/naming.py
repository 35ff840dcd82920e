"""The names of the regions on the maps while they are wanted: asked for beside the window, kept, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from app.maps.drawing.layers import Beneath
from app.maps.regions.finding import RegionFinder
from app.maps.regions.labels import LabelPainter, RegionLabel, paint_no_names
from app.run.atlas import Opened
from app.run.context import Context
from app.run.per_variant import PerVariant

if TYPE_CHECKING:
    from app.maps.row import MapRow
    from app.maps.state import MapsState
    from engine.maps.telling.names import Named

Labels = tuple[str, tuple[RegionLabel, ...]]
"""A variant, and the names of its regions."""


class Naming(PerVariant):
    """The names of the regions of each map that is shown."""

    def __init__(self, context: Context, finder: RegionFinder, row: MapRow, state: MapsState) -> None:
        """Args: context, row, state: of the maps; finder: used in the thread that owns the cache alone."""
        super().__init__(context, "regions", lambda variants: partial(_names, finder=finder, variants=variants))
        self._row, self._state = row, state

    def show(self) -> None:
        """Have the names on the maps, or off; none where all has collapsed: such a map shows no structure."""
        self.renew()
        named = self._context.state.structured() if self._state.names else ()
        if named:
            self.want(named)
        for name, panel in self._row.panels.items():
            panel.map.set_beneath(names=self.painter_of(name) if name in named else None)

    def painter_of(self, variant: str) -> Beneath | None:
        """What paints the names of a variant's map, or that there are none; None while that is not known."""
        labels: tuple[RegionLabel, ...] | None = self.of(variant)
        if labels is None:
            return None
        return LabelPainter(labels) if labels else paint_no_names


def _names(opened: Opened, finder: RegionFinder, variants: tuple[str, ...]) -> Iterator[Labels | None]:
    if opened.atlas is None:
        return
    for variant in variants:
        names: tuple[Named, ...] = ()
        for read in finder.find(opened.atlas, variant):
            if read is None:
                yield None
            else:
                names = read[1]
        yield variant, labels_of(names)


def labels_of(names: tuple[Named, ...]) -> tuple[RegionLabel, ...]:
    """The names as they are drawn, for those regions that have one.

    Depths count from the first at which the map has regions. A region gives way where parts of it have names.
    """
    first = min((each.region.depth for each in names), default=0)
    parted: dict[int, int] = {}
    for each in names:
        if each.words and each.region.parent >= 0:
            parted.setdefault(each.region.parent, each.region.depth - first)
    return tuple(
        RegionLabel(
            each.words, each.region.x, each.region.y, each.region.count, each.region.depth - first, parted.get(at)
        )
        for at, each in enumerate(names)
        if each.words
    )
