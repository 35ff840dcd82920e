"""The contours of the maps while they are wanted: found beside the window, kept, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.maps.contours.painting import ContourPainter
from app.run.atlas import Opened
from app.run.context import Context
from app.run.per_variant import PerVariant

if TYPE_CHECKING:
    from app.maps.row import MapRow
    from app.maps.state import MapsState


class Contouring(QObject):
    """The contours of density of each map that is shown.

    Signals:
        changed: more of them are known.
        failed: why they cannot be.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: Context, row: MapRow, state: MapsState) -> None:
        """Args: of the maps."""
        super().__init__()
        self._explorer, self._row, self._state = context.state, row, state
        self._kept = PerVariant(context, "contours", lambda variants: partial(_contours, variants=variants))
        self._kept.changed.connect(self.changed)
        self._kept.failed.connect(self.failed)

    @property
    def awaited(self) -> bool:
        """Whether some are being found."""
        return self._kept.awaited

    def show(self) -> None:
        """Have the contours on the maps, or off; none where all has collapsed: such a map shows no structure."""
        drawn = self._explorer.structured() if self._state.contours else ()
        if drawn:
            self._kept.want(drawn)
        for name, panel in self._row.panels.items():
            paint: ContourPainter | None = self._kept.of(name) if name in drawn else None
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
