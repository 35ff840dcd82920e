"""How far the points that a tab has decoded are from any sentence, and how many sentences lie under the pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.core.values import OnMaps
from app.maps.honesty.words import FAR, density_words, farness_words, several_words, short_several, short_words
from app.run.atlas import Atlas, Opened
from app.run.context import Context

if TYPE_CHECKING:
    from app.core.values import Made
    from app.maps.panel import MapPanel
    from app.maps.row import MapRow
    from engine.maps.telling.off_manifold import Spacing

_CHANNEL = "how far off"

Read = tuple[str, tuple[float, ...]]
"""A variant, and the share of each of its points."""


class Spacings:
    """The distances between the sentences of each variant of the open cache, used in the thread that owns it alone."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Atlas, dict[str, Spacing]] = WeakKeyDictionary()  # goes with its atlas

    def of(self, atlas: Atlas, variant: str) -> Spacing:
        """Those of a variant, which are read once."""
        from engine.maps.telling.off_manifold import Spacing

        kept = self._kept.setdefault(atlas, {})
        if variant not in kept:
            kept[variant] = Spacing(atlas.cache, variant)
        return kept[variant]


class Honesty(QObject):
    """Keeps the shares of the decoded points in `ExplorerState.on_maps`, and says them on the maps.

    Signals:
        changed: others are known.
    """

    changed = Signal()

    def __init__(self, context: Context, row: MapRow) -> None:
        """Args: context: of the open run; row: of the maps."""
        super().__init__()
        self._context, self._row = context, row
        row.panel_made.connect(self._watch)
        self._spacings = Spacings()
        self._asked: Mapping[str, tuple[Made, ...]] = {}
        self._atlas: Atlas | None = None
        self._shares: dict[str, tuple[float, ...]] = {}

    def show(self) -> None:
        """Say on each map how far the decoded points are; nothing where z tells nothing: all distances are noise."""
        shown, step = self._context.state.on_maps, self._context.state.way_step
        self._want(shown)
        for name, panel in self._row.panels.items():
            text, short, far = _said(shown, name, self._shares.get(name, ()), step)
            panel.farness.set_text(text, "warning" if far else "muted", short)

    def _watch(self, panel: MapPanel) -> None:
        """Say on a map how many sentences lie under the pointer, while it is there."""
        panel.map.looked.connect(lambda count: panel.density.set_text(density_words(count) if count >= 0 else ""))

    def _want(self, shown: OnMaps) -> None:
        atlas = self._context.atlas
        if atlas is not self._atlas or shown.made != self._asked:
            kept = atlas is self._atlas and shown.made.keys() == self._asked.keys()
            self._shares = self._shares if kept and _alike(shown.made, self._asked) else {}
            self._atlas, self._asked = atlas, shown.made
            points = {
                name: made
                for name, made in shown.made.items()
                if atlas is not None and name in atlas.numbers and atlas.numbers[name].carrying_units
            }
            if points:
                work = partial(_shares, points=points, spacings=self._spacings)
                self._context.archive.follow(_CHANNEL, work, self._take, lambda problem: None)
            else:
                self._context.archive.forget(_CHANNEL)

    def _take(self, read: Read) -> None:
        name, shares = read
        if len(shares) == len(self._asked.get(name, ())):
            self._shares[name] = shares
            self.changed.emit()


def _alike(now: Mapping[str, tuple[Made, ...]], before: Mapping[str, tuple[Made, ...]]) -> bool:
    """Whether these are the same points moved: what was said of them stays until more is known."""
    return all([each.label for each in made] == [each.label for each in before[name]] for name, made in now.items())


def _shares(opened: Opened, points: Mapping[str, tuple[Made, ...]], spacings: Spacings) -> Iterator[Read]:
    for name, made in points.items():
        if opened.atlas is not None and made and len(made[0].z) == opened.atlas.latent:  # else of a run that has gone
            spacing = spacings.of(opened.atlas, name)
            far = spacing.of(np.array([each.z for each in made], np.float64), made[0].drawn)
            yield name, tuple(far.shares.tolist())


def _said(shown: OnMaps, variant: str, shares: tuple[float, ...], step: int) -> tuple[str, str, bool]:
    """What is said on a map, the same in short, and whether the point in view is off."""
    made = shown.made.get(variant, ())
    if not made or len(shares) != len(made):
        return "", "", False
    if shown.by_step:
        step = min(max(step, 0), len(made) - 1)
        made, shares = made[step : step + 1], shares[step : step + 1]
    label = made[0].label
    if not made[0].drawn:
        return farness_words(label, shares[0]), short_words(label, shares[0]), shares[0] >= FAR
    far = sum(share >= FAR for share in shares) > len(shares) / 2
    return several_words(label, shares), short_several(label, shares), far
