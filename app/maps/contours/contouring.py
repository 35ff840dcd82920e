"""The contours of the maps while they are wanted: found beside the window, kept, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from app.maps.contours.painting import ContourPainter
from app.run.atlas import Opened
from app.run.context import Context
from app.run.per_variant import PerVariant

if TYPE_CHECKING:
    from app.maps.row import MapRow
    from app.maps.state import MapsState


class Contouring(PerVariant):
    """The contours of density of each map that is shown."""

    def __init__(self, context: Context, row: MapRow, state: MapsState) -> None:
        """Args: of the maps."""
        super().__init__(context, "contours", lambda variants: partial(_contours, variants=variants))
        self._row, self._state = row, state

    def show(self) -> None:
        """Have the contours on the maps, or off; none where all has collapsed: such a map shows no structure."""
        self.renew()
        drawn = self._context.state.structured() if self._state.contours else ()
        if drawn:
            self.want(drawn)
        for name, panel in self._row.panels.items():
            paint: ContourPainter | None = self.of(name) if name in drawn else None
            panel.map.set_beneath(contours=paint, shares=paint.shares if paint is not None else None)


def _contours(opened: Opened, variants: tuple[str, ...]) -> Iterator[tuple[str, ContourPainter | None] | None]:
    from engine.maps.telling.contours import density_contours

    for variant in variants:
        numbers = opened.atlas.numbers.get(variant) if opened.atlas is not None else None
        depths = []
        if numbers is not None and numbers.coords is not None and numbers.carrying_units:
            for contours in density_contours(numbers.coords):
                depths.append(contours)
                yield None
        yield variant, ContourPainter(depths) if depths else None
