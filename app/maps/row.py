"""The maps in their columns, and what ties them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.core import theme
from app.maps.drawing.turns import Turns
from app.maps.placeholder import MapsPlaceholder
from app.widgets.parts import EDGE, SPACING, InColumns, columns_layout
from app.widgets.state_overlay import State

if TYPE_CHECKING:
    from app.core.values import Column, Mark, OnMaps
    from app.maps.drawing.studio import Studio
    from app.maps.panel import MapPanel
    from app.widgets.categories.colours import Entry
    from app.widgets.pictures.figure import Figure


class MapRow(QWidget):
    """The map panels of all shown variants. While they are linked, what the hand does to one is done to all.

    Signals:
        panel_made: a panel that was made; it may come to show other variants than its first.
    """

    panel_made = Signal(object)
    figure_name = "all maps"

    def __init__(self) -> None:
        super().__init__()
        self._row = columns_layout(self)
        self._turns = Turns(self)
        self._studio: Studio | None = None
        self._in_columns: InColumns[MapPanel] = InColumns(self._row, self._made_panel, lambda panel: panel.clear())
        self.placeholder = MapsPlaceholder()
        self._row.addWidget(self.placeholder, 1)
        self._columns: tuple[Column, ...] = ()
        self._shown: tuple[str, ...] = ()
        self._ready = False
        self._linked = True
        self._meaning: tuple[str, str, str, tuple[Entry, ...]] = ("", "", "", ())

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Have a panel for each of these variants; what they show is kept for those that stay."""
        if columns == self._columns:
            return
        self._columns = columns
        self._in_columns.arrange([column.name for column in columns])
        for column in columns:
            self.panels[column.name].set_variant(column.name, column.label, column.colour)
            self.panels[column.name].set_meaning(self._meaning)
        self._arrange()

    @property
    def panels(self) -> dict[str, MapPanel]:
        """By the names of their variants."""
        return self._in_columns.by_name

    def _made_panel(self) -> MapPanel:
        from app.maps.drawing.studio import Studio
        from app.maps.panel import MapPanel  # brings what draws maps, which the first paint does without
        from app.maps.view import MapView

        panel = MapPanel()
        if self._studio is None:
            self._studio = Studio(self)
        panel.map.sit_for(self._studio)
        panel.map.panned.connect(partial(self._along, panel, MapView.pan_along))
        panel.map.zoomed.connect(partial(self._along, panel, MapView.zoom_along))
        panel.map.went_home.connect(partial(self._along, panel, MapView.reset_view))
        self.panel_made.emit(panel)
        return panel

    def set_shown(self, shown: tuple[str, ...]) -> None:
        """Show the panels of these variants only."""
        self._shown = shown
        self._arrange()

    def in_turn(self, panel: MapPanel, work: Callable[[], None]) -> None:
        """Do something for a panel as soon as the window has a turn for it; asking again before changes nothing."""
        self._turns.ask(panel, work)

    def set_linked(self, linked: bool) -> None:
        """Whether all maps are moved and zoomed together."""
        self._linked = linked

    def make_room(self, width: int) -> None:
        """Leave so many pixels free at the left of the maps, where something else lies; 0 for none."""
        self._row.setContentsMargins(EDGE + width, 0, EDGE, 0)
        self._tell_width()

    def reset_views(self) -> None:
        """Show all points in all maps."""
        for panel in self.panels.values():
            panel.map.reset_view()

    def set_ready(self) -> None:
        """Show the maps."""
        self._ready = True
        self._arrange()

    def set_meaning(self, label: str, low: str, high: str, entries: tuple[Entry, ...] = ()) -> None:
        """What the colours mean, for pictures of the maps: a name and the ends of its scale, or its legend."""
        self._meaning = label, low, high, entries
        for panel in self.panels.values():
            panel.set_meaning(self._meaning)

    def set_said(self, said: str) -> None:
        """What flags, numbers and lines on the maps are of, in words, for pictures."""
        for panel in self.panels.values():
            panel.said = said

    def show_marks(self, shown: OnMaps, guess: Mapping[str, tuple[Mark, ...]]) -> None:
        """Flags, numbers with the lines to them, and ways of the open tab on each map, and the flag of a guess."""
        import numpy as np  # not at the top: the first paint needs none

        from app.maps.drawing.overlay import Spokes

        now = theme.current()
        self.set_said(shown.said)
        for name, panel in self.panels.items():
            marks = (*shown.marks.get(name, ()), *guess.get(name, ()))
            panel.map.set_marks([(mark.label, mark.spot, getattr(now, mark.role)) for mark in marks])
            dots, hub = shown.dots.get(name, ()), shown.hubs.get(name)
            panel.map.set_dots([(dot.label, dot.spot, getattr(now, dot.role)) for dot in dots])
            panel.map.set_beneath(spokes=Spokes(hub, tuple(dot.spot for dot in dots)) if hub is not None else None)
            way = shown.ways.get(name)
            panel.map.set_path(np.array(way) if way else None)

    def figure(self) -> Figure | None:
        """The maps in view side by side; None where there are none."""
        from app.maps.picture import Meaning, maps_figure

        panels = [self.panels[name] for name in self.panels if name in self._shown] if self._ready else []
        shown = [each for panel in panels if (each := panel.shown) is not None]
        width = sum(panel.width() + SPACING for panel in panels) - SPACING
        return maps_figure(shown, Meaning(*self._meaning), width) if shown else None

    @property
    def drawn(self) -> bool:
        """Whether every map has been drawn as it is to be seen."""
        return self._turns.idle and (self._studio is None or self._studio.idle)

    def set_busy(
        self, state: State, text: str, hint: str = "", fraction: float | None = None, action: str = ""
    ) -> None:
        """One panel over the whole width says why there are no maps yet, or any more."""
        self._ready = False
        self.placeholder.show_message(state, text, hint, fraction, action)
        self._arrange()

    def _arrange(self) -> None:
        ready = self._ready and bool(self.panels)
        self.placeholder.setVisible(not ready)
        for name, panel in self.panels.items():
            panel.setVisible(ready and name in self._shown)
        self._tell_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_width()

    def _tell_width(self) -> None:
        """Tell the panels in view the width of the narrowest of them, which is known before they are laid out."""
        shown = [panel for name, panel in self.panels.items() if name in self._shown]
        room = self._row.contentsMargins()
        width = self.width() - room.left() - room.right() - SPACING * (len(shown) - 1)
        for panel in shown:
            panel.set_column(width // len(shown))

    def _along(self, moved: MapPanel, move: Callable[..., None], *how: float) -> None:
        """Do to the other maps what was done to `moved`; hidden ones too, so that they fit when they are shown."""
        if self._linked:
            for panel in self.panels.values():
                if panel is not moved:
                    move(panel.map, *how)
