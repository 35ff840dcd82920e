"""The names of the regions on the maps while they are wanted: asked for beside the window, kept, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.maps.regions.finding import RegionFinder
from app.maps.regions.labels import LabelPainter, RegionLabel
from app.run.atlas import Atlas, Opened
from app.run.context import Context

if TYPE_CHECKING:
    from app.maps.row import MapRow
    from app.maps.state import MapsState
    from engine.maps.telling.names import Named

_CHANNEL = "regions"
Labels = tuple[str, tuple[RegionLabel, ...]]
"""A variant, and the names of its regions."""


class Naming(QObject):
    """The names of the regions of each map that is shown.

    Signals:
        changed: more of them are known.
        failed: why they cannot be.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: Context, finder: RegionFinder, row: MapRow, state: MapsState) -> None:
        """Args: context, row, state: of the maps; finder: used in the thread that owns the cache alone."""
        super().__init__()
        self._context, self._finder, self._row, self._state = context, finder, row, state
        self._atlas: Atlas | None = None
        self._by_variant: dict[str, LabelPainter] = {}
        self._asked: frozenset[str] = frozenset()

    def want(self, variants: tuple[str, ...]) -> None:
        """Have the names of these variants' maps; what is known already stays known."""
        atlas = self._context.atlas
        if atlas is not self._atlas:
            self._context.archive.forget(_CHANNEL)
            self._atlas, self._by_variant, self._asked = atlas, {}, frozenset()
        lacking = frozenset(variants) - self._by_variant.keys()
        if atlas is not None and lacking and not lacking <= self._asked:
            self._asked = lacking
            work = partial(_names, finder=self._finder, variants=tuple(name for name in variants if name in lacking))
            self._context.archive.ask(_CHANNEL, work, self._take, self._finish)

    def show(self) -> None:
        """Have the names on the maps, or off; none where all has collapsed: such a map shows no structure."""
        explorer, on = self._context.state, self._state.names
        collapsed = {name for name, finding in explorer.findings.items() if finding.verdict == "collapsed"}
        if on:
            self.want(tuple(each.name for each in explorer.visible() if each.name not in collapsed))
        for name, panel in self._row.panels.items():
            panel.map.beneath = self.painter_of(name) if on and name not in collapsed else None
            panel.map.update()

    @property
    def awaited(self) -> bool:
        """Whether some are being found."""
        return self._context.archive.awaits(_CHANNEL)

    def painter_of(self, variant: str) -> LabelPainter | None:
        """What paints the names of a variant's map; None while they are not known, or there are none."""
        painter = self._by_variant.get(variant)
        return painter if painter is not None and painter.labels else None

    def _take(self, read: Labels | None) -> None:
        if read is not None and self._context.atlas is self._atlas:
            self._by_variant[read[0]] = LabelPainter(read[1])
            self.changed.emit()

    def _finish(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)


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
