"""The maps put together: their state, controller and views, and what the state shows in the views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Signal

from app.core import theme
from app.core.picks import Pick
from app.core.refresh import Refresh
from app.maps import resolve
from app.maps.clicked_sentence import POINT_AT, ClickedSentence
from app.maps.controller import MapsController
from app.maps.row import MapRow
from app.maps.state import MapsState
from app.maps.toolbar import Toolbar
from app.run.atlas import Atlas
from app.run.context import Context

_CLICK = "Click a point to read what this model makes of it."


class Maps(QObject):
    """Everything behind the maps, the line above them and the clicked sentence beneath.

    Signals:
        complained: what went wrong with the clicked sentence.
        end_wanted: "A" or "B", and a test sentence's index: the point is to be that end of an interpolation.
        enclosed: indices (k,) of points that were drawn round on a map, and the place on the screen.
        gather_wanted: the clicked sentence is to go to the table.
        retry_requested: opening the run is to be tried again.
    """

    complained = Signal(str)
    end_wanted = Signal(str, int)
    enclosed = Signal(object, QPoint)
    gather_wanted = Signal()
    retry_requested = Signal()

    def __init__(
        self,
        context: Context,
        row: MapRow,
        toolbar: Toolbar,
        clicked: ClickedSentence,
    ) -> None:
        """Put the maps together.

        Args:
            context: of the open run.
            row, toolbar, clicked: the views, which the window has laid out.
        """
        super().__init__()
        self._context, self._explorer = context, context.state
        self.state = MapsState()
        self.controller = MapsController(context, self.state)
        self.row, self.toolbar, self.clicked = row, toolbar, clicked
        self._mask: NDArray[np.bool_] | None = None
        self._drawn: Atlas | None = None
        self._pointed = ""
        self._connect()
        opened = ("maps", "columns")
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._show_columns: ("columns", "shown", "broken"),
            self._show_stage: ("maps", "columns", "broken"),
            self._show_points: ("maps", "columns", "broken"),
            self._show_colours: (*opened, "colour_by", "density"),
            self._show_dimming: opened,
            self._show_linked: ("linked",),
            self._show_hover: (*opened, "hover"),
            self._show_selection: (*opened, "selection"),
            self._show_marks: (*opened, "on_maps"),
            self._show_way_step: (*opened, "on_maps", "way_step"),
            self._show_source: ("hover", "selection", "selected"),
            self._show_selected: ("selected", "columns", "shown", "broken", "models"),
            self._show_search: ("search", "matches"),
            self._show_fold: ("unfolded", "tab"),
        }
        self.refresh = Refresh(renders, [self.state, self._explorer])

    def _connect(self) -> None:
        bar, controller = self.toolbar, self.controller
        self.row.panels_changed.connect(self._connect_panels)
        self.row.placeholder.action_requested.connect(self.retry_requested)
        bar.search_changed.connect(controller.search)
        bar.colour_by_chosen.connect(controller.colour_by)
        bar.density_toggled.connect(controller.show_density)
        bar.linked_toggled.connect(controller.link)
        bar.shown_changed.connect(controller.show_variant)
        self.clicked.source.end_chosen.connect(lambda end: self.end_wanted.emit(end, self.pointed))
        self.clicked.source.add_requested.connect(self.gather_wanted)
        self.clicked.fold_wanted.connect(controller.fold)
        controller.found.connect(self._found)
        controller.failed.connect(self.complained)

    def _connect_panels(self) -> None:
        for name, panel in self.row.panels.items():
            panel.map.hovered.connect(partial(self._hover, name))
            panel.map.clicked.connect(self.controller.select)
            panel.map.mark_requested.connect(self.end_wanted)
            panel.map.set_sentences(self.controller.sentence)
            panel.map.enclosed.connect(self.enclosed)

    @property
    def pointed(self) -> int:
        """The point under the pointer, or else the clicked one; -1 if there is neither."""
        return self.state.hover if self.state.hover >= 0 else self._explorer.selection

    def _hover(self, variant: str, index: int) -> None:
        self._pointed = variant  # the sentence is written beside the point there
        self.controller.hover(index)

    def _found(self, mask: NDArray[np.bool_] | None) -> None:
        """The sentences (n,) that match the search; the others are dimmed. None for all."""
        self._mask = mask
        self.refresh.mark(self._show_dimming)

    # what the views are told

    def _show_columns(self) -> None:
        explorer = self._explorer
        self.toolbar.set_columns(explorer.columns, explorer.shown, explorer.broken)
        self.row.set_columns(explorer.columns)
        self.row.set_shown(tuple(column.name for column in explorer.visible()))
        self.clicked.set_columns(explorer.visible())

    def _show_stage(self) -> None:
        stage = self._explorer.maps
        if stage.kind == "ready":
            self.row.set_ready()
        elif stage.kind == "failed":
            self.row.set_busy("failed", stage.text, stage.hint, action="Try again")
        elif stage.kind != "none" or not stage.text:
            self.row.set_busy("loading", stage.text or "Opening the run", stage.hint, stage.fraction)

    def _show_points(self) -> None:
        atlas = self._context.atlas
        if atlas is None or self._explorer.maps.kind != "ready":
            return
        fresh = atlas is not self._drawn
        for name, panel in self.row.panels.items():
            numbers = atlas.numbers.get(name)
            coords = numbers.coords if numbers is not None else None
            if fresh:
                panel.map.set_points(coords)
                panel.set_numbers(resolve.map_numbers(numbers, atlas.latent))
                kind = numbers.method.upper() if numbers is not None else ""
                panel.set_caption(
                    f"{kind} · {atlas.n:,}" if kind else "", f"{atlas.n:,} test sentences.\n{resolve.AXES}"
                )
            if coords is None:
                reason = self._explorer.broken.get(name, "The cache holds no map of this variant.")
                panel.set_state(
                    "empty" if name not in self._explorer.broken else "failed", "No map of this model", reason
                )
            else:
                panel.set_state("ready")
        self._drawn = atlas

    def _show_colours(self) -> None:
        state, atlas = self.state, self._context.atlas
        by = state.colour_by
        low, high = atlas.ranges[by] if atlas is not None else (0.0, 1.0)
        label = resolve.COLOUR_LABELS[by] if atlas is not None else ""
        self.toolbar.set_colouring(by, state.density, label, low, high)
        if atlas is None:
            return
        for name, panel in self.row.panels.items():
            if self._has_map(name):
                panel.map.set_colours(resolve.colour_values(atlas, name, by), low, high)
                panel.map.set_density(state.density)

    def _show_dimming(self) -> None:
        atlas = self._context.atlas
        mask = self._mask if atlas is not None and self._mask is not None and len(self._mask) == atlas.n else None
        for name, panel in self.row.panels.items():
            if self._has_map(name):
                panel.map.set_dimmed(None if mask is None else ~mask)

    def _show_linked(self) -> None:
        self.toolbar.set_linked(self.state.linked)
        self.row.set_linked(self.state.linked)

    def _show_hover(self) -> None:
        for name, panel in self.row.panels.items():
            panel.map.set_hover(self.state.hover, self.state.hover_text if name == self._pointed else "")

    def _show_selection(self) -> None:
        for panel in self.row.panels.values():
            panel.map.set_selection(self._explorer.selection)

    def _show_marks(self) -> None:
        if self._context.atlas is None:
            return
        now, shown = theme.current(), self._explorer.on_maps
        for name, panel in self.row.panels.items():
            marks = shown.marks.get(name, ())
            panel.map.set_marks([(mark.label, mark.spot, getattr(now, mark.role)) for mark in marks])
            way = shown.ways.get(name)
            panel.map.set_path(np.array(way) if way else None)

    def _show_way_step(self) -> None:
        for panel in self.row.panels.values():
            panel.map.set_path_position(self._explorer.way_step)

    def _show_source(self) -> None:
        state, explorer = self.state, self._explorer
        hovering = state.hover >= 0 and explorer.selection < 0  # the cards beneath belong to the clicked sentence
        clicked = explorer.selection, explorer.selection_text
        index, text = (state.hover, state.hover_text) if hovering else clicked
        caption = f"Test sentence {index + 1:,}" if index >= 0 else ""
        text = text if index >= 0 else POINT_AT
        pick = Pick(explorer.selection_text, index=explorer.selection) if explorer.selection >= 0 else None
        self.clicked.source.set_sentence(caption, text, pick)

    def _show_selected(self) -> None:
        explorer, selected = self._explorer, self.state.selected
        awaited = replace(selected, busy=selected.busy and explorer.models.kind != "failed")
        self.clicked.show_decoded(awaited, explorer.broken, explorer.models.note(_CLICK))
        if selected.problem:
            self.complained.emit(selected.problem)

    def _show_search(self) -> None:
        self.toolbar.set_search(self.state.search, self.state.matches)

    def _show_fold(self) -> None:
        self.clicked.set_folded(self._explorer.tab not in self.state.unfolded)

    def _has_map(self, variant: str) -> bool:
        atlas = self._context.atlas
        return atlas is not None and variant in atlas.numbers and atlas.numbers[variant].coords is not None
