"""What the colours of the points mean now, brought to the maps, and which points are grey."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.maps.colours import meaning
from app.maps.colours.kinds import BY_NAME
from app.maps.colours.meaning import Colouring
from app.maps.colours.values import Values, Wanted
from app.maps.drawing.turns import Turns
from app.maps.drifting import Drifting
from app.maps.given_back.measuring import GivingBack
from app.maps.given_back.tools import Measured
from app.maps.regions.finding import RegionFinder
from app.run.context import Context

if TYPE_CHECKING:
    from app.maps.controller import MapsController
    from app.maps.panel import MapPanel
    from app.maps.row import MapRow
    from app.maps.state import MapsState
    from app.maps.toolbar import Toolbar

_AT_ONCE = 300_000
"""Points of which all maps are dimmed at once; of more, one map at each turn of the event loop."""


_LEGENDS = {"search": "nothing searched", "region": "one cloud, no regions"}
"""What has a legend, and what is said where that has no entries."""


class Colours(QObject):
    """Colours and dims the points of all maps as the state says.

    Attributes:
        values: those that are not in the atlas.
        mask: the sentences (n,) that match the search; None while nothing is searched.
        bright: which sentences (n,) stand out, as far as it is not for their colours; None for all.
    """

    def __init__(self, context: Context, state: MapsState, row: MapRow, toolbar: Toolbar, finder: RegionFinder) -> None:
        super().__init__()
        self._context, self._state, self._row, self._toolbar = context, state, row, toolbar
        self._turns = Turns(self)
        self.values = Values(context, finder)
        self.drifting = Drifting(context)
        self.given_back = GivingBack(context)
        self._scored: tuple[str, ...] = ()  # the maps that are coloured by what comes back
        self.given_back.changed.connect(self.show_measured)
        self.given_back.advanced.connect(lambda: self.values.read_again("score"))
        self.given_back.failed.connect(self.values.failed)
        self.mask: NDArray[np.bool_] | None = None
        self.bright: Callable[[], NDArray[np.bool_] | None] = lambda: self.mask

    def follow(self, controller: MapsController) -> None:
        """Tell the controller what a person chooses of the colours."""
        chooser, legend = self._toolbar.colours, self._toolbar.legend
        chooser.kind_chosen.connect(controller.colour_by)
        chooser.column_chosen.connect(controller.colour_by_column)
        chooser.of_chosen.connect(controller.colour_of)
        chooser.span_chosen.connect(controller.colour_span)
        chooser.play_wanted.connect(self.play)
        chooser.given_back.wanted.connect(lambda: self.given_back.start(self._measurable()))
        chooser.given_back.cancelled.connect(self.given_back.stop)
        legend.entry_chosen.connect(controller.colour_entry)
        legend.chosen.connect(lambda value: controller.search_category(self._state.column, value))

    @property
    def of(self) -> str:
        """The variant that colours are of, where they are of one."""
        names = [column.name for column in self._context.state.visible()]
        wanted = self._state.of
        return wanted if wanted in {column.name for column in self._context.state.columns} else next(iter(names), "")

    @property
    def meant(self) -> Colouring:
        """What the colours mean."""
        state, atlas = self._state, self._context.atlas
        usual = meaning.colouring(atlas, state.colour_by, state.column)
        if atlas is None or usual.kept is not None or state.colour_by in atlas.ranges:
            return usual
        kind = BY_NAME[state.colour_by]
        if self.values.entries:
            return Colouring(kind.label, entries=self.values.entries, by=kind.name)
        low, high = self.values.range
        if kind.name == "score" and self.values.known and not any(self.values.counts):
            return Colouring("", by=kind.name, known=False)  # of how many it is known stands beside it
        if self.values.known and kind.name not in _LEGENDS:
            return Colouring(kind.label, low, high, by=kind.name)
        why = _LEGENDS.get(kind.name, f"{kind.label}: not known")
        if kind.name == "region" and self._collapsed(self.of):
            why = "collapsed, no regions"
        return Colouring(f"{kind.label} …" if self.values.awaited else why, by=kind.name, known=False)

    def of_panel(self, variant: str, meant: Colouring) -> NDArray[np.float32] | None:
        """What colours each sentence (n,) on a variant's map; None while nothing does."""
        atlas = self._context.atlas
        if atlas is None:
            return None
        if meant.kept is not None:
            return meaning.column_values(meant.kept)
        if meant.by in atlas.ranges:
            return meaning.colour_values(atlas, variant, meant.by)
        return self.values.of(variant)

    def told(self, index: int, variant: str) -> str:
        """What colours a sentence on a variant's map, in words; "" where that is nothing, or stands there anyway."""
        atlas, state = self._context.atlas, self._state
        if atlas is None or variant not in atlas.numbers or not 0 <= index < atlas.n:
            return ""
        meant = self.meant
        if meant.kept is not None or meant.entries or state.density:
            return ""
        values = atlas.words if meant.by == "length" else self.of_panel(variant, meant)  # not all of them turned
        if values is None or not np.isfinite(values[index]):
            return ""
        value = f"{float(values[index]):,.4g}".replace("-", "\N{MINUS SIGN}")
        name, _, unit = meant.label.partition(", ")
        return f"{value} {name}" if meant.by in ("length", "unknown") else f"{name} {value} {unit}".strip()

    def show_colours(self) -> None:
        """Colour the points, and say what that means."""
        state, explorer, atlas = self._state, self._context.state, self._context.atlas
        bar = self._toolbar
        bar.colours.set_kept(tuple(atlas.kept) if atlas is not None else ())
        bar.colours.set_columns(explorer.columns)
        plain = not state.density and (atlas is None or state.column not in atlas.kept)
        shown = tuple(column.name for column in explorer.visible() if self._has_map(column.name)) if plain else ()
        of = self.of if BY_NAME[state.colour_by].of_one else ""
        if state.colour_by == "search" and self.mask is not None:
            of = state.search.strip()
        if state.colour_by == "region" and self._collapsed(of):
            of = ""  # what such a map shows is no structure
        self.values.want(Wanted(state.colour_by, of), shown)
        meant = self.meant
        column = meant.kept.name if meant.kept is not None else ""
        bar.set_colouring(meant, state.density, column, self.of, state.only_span, meant.places(state.only_called))
        self._scored = shown if state.colour_by == "score" else ()
        self.show_measured()
        label, low, high, entries = bar.meaning
        if plain and BY_NAME[state.colour_by].of_one:  # a picture of a map says whose it is that all maps show
            whose = next((each.label for each in explorer.columns if each.name == self.of), "")
            label = f"{label} of {whose}" if whose else label
        self._row.set_meaning(label, low, high, entries)
        if atlas is None:
            return
        for name, panel in self._row.panels.items():
            if self._has_map(name):
                values = self.of_panel(name, meant)
                if values is not None and meant.entries:
                    panel.map.set_categories(values)
                else:
                    panel.map.set_colours(values, meant.low, meant.high)
                panel.map.set_density(state.density)

    def show_measured(self) -> None:
        """Say of how many sentences it is known what comes back, where that colours them, and how far measuring is."""
        atlas, going = self._context.atlas, self.given_back
        scored = tuple(name for name in self._scored if name not in self.values.refused)
        count = self.values.count(scored) if atlas is not None else None
        of = atlas.n if atlas is not None and count is not None else 0
        offered = bool(self._measurable())
        measured = Measured(count or 0, of, offered, going.running, going.fraction, going.said)
        self._toolbar.show_measured(measured)

    def _measurable(self) -> tuple[str, ...]:
        """The variants in view whose models can be had."""
        explorer = self._context.state
        shown = {column.name for column in explorer.visible()}
        return tuple(name for name in explorer.usable() if name in shown) if explorer.models.kind != "failed" else ()

    def play(self) -> None:
        """Let the points of the maps in view come from where the variant has them that drift is from."""
        shown = {each.name for each in self._context.state.visible()}
        maps = {name: panel.map for name, panel in self._row.panels.items() if name in shown and self._has_map(name)}
        self.drifting.play(self.of, maps)

    def show_dimming(self) -> None:
        """Grey what does not stand out (see `bright`), and what is not among the values that keep their colour."""
        atlas = self._context.atlas
        if atlas is None:
            return
        for name, panel in self._row.panels.items():
            if self._has_map(name):
                if atlas.n <= _AT_ONCE:
                    self._dim(panel)
                else:
                    self._turns.ask(panel, partial(self._dim, panel))

    def _dim(self, panel: MapPanel) -> None:
        atlas = self._context.atlas
        if atlas is None or not self._has_map(panel.variant):
            return
        bright, kept = self.bright(), self.kept(panel.variant)
        bright = bright if bright is not None and len(bright) == atlas.n else None
        if kept is not None:
            bright = kept if bright is None else bright & kept
        panel.map.set_dimmed(None if bright is None else ~bright)

    def kept(self, variant: str) -> NDArray[np.bool_] | None:
        """Which sentences (n,) keep their colour on a variant's map; None while all do."""
        state, meant = self._state, self.meant
        only = meant.places(state.only_called)
        if state.only_span is None and not only:
            return None
        values = self.of_panel(variant, meant)
        return None if values is None else meaning.kept_coloured(values, meant, state.only_span, only)

    def _collapsed(self, variant: str) -> bool:
        finding = self._context.state.findings.get(variant)
        return finding is not None and finding.verdict == "collapsed"

    def _has_map(self, variant: str) -> bool:
        atlas = self._context.atlas
        return atlas is not None and variant in atlas.numbers and atlas.numbers[variant].coords is not None
