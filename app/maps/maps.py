"""The maps put together: their state, controller and views, and what the state shows in the views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Signal

from app.core.picks import Pick
from app.core.refresh import Refresh
from app.maps import resolve
from app.maps.clicked_sentence import POINT_AT, ClickedSentence
from app.maps.colouring import Colours
from app.maps.colours import meaning
from app.maps.contours.contouring import Contouring
from app.maps.controller import MapsController
from app.maps.guess.guessing import Guessing
from app.maps.honesty.farness import Honesty
from app.maps.making import words as making_words
from app.maps.making.making import Making
from app.maps.panel import MapPanel
from app.maps.regions.finding import RegionFinder
from app.maps.regions.naming import Naming
from app.maps.row import MapRow
from app.maps.search import words as search_words
from app.maps.search.listing import Listing
from app.maps.selection.selecting import Selecting
from app.maps.state import MapsState
from app.maps.toolbar import Toolbar
from app.maps.tracing.tracing import Tracing
from app.run.atlas import Atlas
from app.run.context import Context
from app.run.kept import told_beside
from app.run.map_shown import Places
from engine.selections.conditions import search_for

if TYPE_CHECKING:
    from app.maps.search.hits import Hits

_CLICK = "Click a point to read what this model makes of it."


class Maps(QObject):
    """Everything behind the maps, the line above them and the clicked sentence beneath.

    Signals:
        complained: what went wrong with the clicked sentence.
        diagnosis_wanted: a verdict beneath a map was pressed.
        end_wanted: "A" or "B", and a test sentence's index: the point is to be that end of an interpolation.
        enclosed: indices (k,) of what is selected, or of all hits, which are to be kept, and the place on the screen.
        gather_wanted: the clicked sentence is to go to the table.
        retry_requested: opening the run is to be tried again.
    """

    complained = Signal(str)
    diagnosis_wanted = Signal()
    end_wanted = Signal(str, int)
    enclosed = Signal(object, QPoint)
    gather_wanted = Signal()
    retry_requested = Signal()

    def __init__(self, context: Context, row: MapRow, toolbar: Toolbar, clicked: ClickedSentence) -> None:
        """Args: context: of the open run; row, toolbar, clicked: the views, which the window has laid out."""
        super().__init__()
        self._context, self._explorer = context, context.state
        self.state = MapsState()
        self.controller = MapsController(context, self.state)
        self.listing = Listing(context, self.state, row, self.controller.sentence)
        self.selecting = Selecting(context, row, toolbar.selection, self.controller.sentence, self._kept)
        self._list_wanted = False
        self.row, self.toolbar, self.clicked = row, toolbar, clicked
        finder = RegionFinder()
        self.colours = Colours(context, self.state, row, toolbar, finder)
        self.colours.bright = lambda: self.selecting.bright
        self.naming, self.contouring = Naming(context, finder, row, self.state), Contouring(context, row, self.state)
        self.guessing, self.tracing = Guessing(context, row), Tracing(context, row)
        self.honesty, self.making = Honesty(context, row), Making(context, toolbar.chooser, row)
        self._drawn: Atlas | None = None
        self._pointed = ""
        self._connect()
        opened, only = ("maps", "columns"), ("only_span", "only_called")
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._show_columns: ("columns", "shown", "broken"),
            self._show_stage: ("maps", "columns", "broken"),
            self._show_points: ("maps", "columns", "broken"),
            self.colours.show_colours: (*opened, "colour_by", "column", "of", "density", "shown", "findings", *only),
            self.colours.show_measured: ("models",),
            self._show_findings: (*opened, "findings"),
            self.naming.show: (*opened, "findings", "names", "shown"),
            self.colours.show_dimming: (*opened, "colour_by", "column", "of", *only),
            self.contouring.show: (*opened, "findings", "contours", "shown"),
            self._show_switches: ("linked", "names", "contours"),
            self._show_hover: (*opened, "hover"),
            self._show_selection: (*opened, "selection"),
            self._show_marks: (*opened, "on_maps"),
            self._show_way_step: (*opened, "on_maps", "way_step"),
            self.guessing.renew: (*opened, "shown", "choice"),
            self.tracing.show: (*opened, "shown", "broken", "models", "choice", "line", "way", "places", "at"),
            self.honesty.show: (*opened, "on_maps", "way_step"),
            self._show_source: ("hover", "selection", "selected"),
            self._show_selected: ("selected", "columns", "shown", "broken", "models"),
            self._show_search: ("search", "matches", "listed", "column", *opened),
            self._show_hits: ("search", "matches", "hit", "listed", "shown", *opened),
            self._show_fold: ("unfolded", "tab", "faces"),
        }
        self.refresh = Refresh(renders, [self.state, self._explorer, self.tracing.state])

    def _connect(self) -> None:
        bar, controller = self.toolbar, self.controller
        self.row.panel_made.connect(self._connect_panel)
        self.row.placeholder.action_requested.connect(self.retry_requested)
        bar.search_changed.connect(controller.search)
        bar.search_changed.connect(self._search_anew)
        bar.search.stepped.connect(self.step_hit)
        bar.search.list_wanted.connect(self._enter_list)
        for finds in (bar.search, self.listing):
            finds.escaped.connect(self.clear_search)
            finds.select_wanted.connect(self.select_hits)
        bar.list_toggled.connect(self._list_hits)
        self.listing.keep_wanted.connect(lambda: self._complain(self.keep_hits()))
        self.listing.put_away.connect(self._put_away)
        self.hits.chosen.connect(controller.select)
        self._explorer.events.selection.connect(self.hits.follow, check_nargs=False, max_args=1)
        self.colours.follow(controller)
        self.colours.values.changed.connect(self._colours_changed)
        shows = {self.naming: self.naming.show, self.contouring: self.contouring.show, self.honesty: self.honesty.show}
        shows |= {self.tracing: self.tracing.show, self.guessing: self._show_marks, self.hits: self._show_hits}
        for part, show in shows.items():
            part.changed.connect(lambda show=show: self.refresh.mark(show))  # type: ignore[attr-defined]
        for part in (self.naming, self.contouring, self.guessing, self.hits, self.colours.values, self.making):
            part.failed.connect(self.complained)
        self.guessing.began.connect(self.tracing.remove)  # their windows stand in the same place
        self.tracing.began.connect(self.guessing.forget)
        self.tracing.chosen.connect(controller.select)
        bar.density_toggled.connect(controller.show_density)
        bar.contours_toggled.connect(controller.show_contours)
        bar.names_toggled.connect(controller.show_names)
        bar.linked_toggled.connect(controller.link)
        bar.shown_changed.connect(controller.show_variant)
        self.clicked.source.end_chosen.connect(lambda end: self.end_wanted.emit(end, self.pointed))
        self.clicked.source.add_requested.connect(self.gather_wanted)
        self.clicked.fold_wanted.connect(controller.fold)
        self._connect_selecting()
        controller.found.connect(self._found)
        controller.failed.connect(self.complained)
        if bar.search.text():
            controller.search(bar.search.text())  # typed while there was nothing behind the field yet

    def _connect_selecting(self) -> None:
        selecting = self.selecting
        selecting.changed.connect(lambda: self.refresh.mark(self.colours.show_dimming))
        selecting.chosen.connect(self.controller.select)
        selecting.enclosed.connect(self.enclosed)
        selecting.left.connect(self._leave_search)
        selecting.failed.connect(self.complained)
        selecting.state.events.listed.connect(self._list_one, check_nargs=False, max_args=1)

    def _kept(self, variant: str) -> NDArray[np.bool_] | None:
        return self.colours.kept(variant)

    def _connect_panel(self, panel: MapPanel) -> None:
        panel.map.hovered.connect(partial(self._hover, panel))
        panel.map.clicked.connect(self.controller.select)
        panel.map.mark_requested.connect(self.end_wanted)
        panel.map.set_sentences(self.controller.sentence)
        panel.map.escaped.connect(self._escape)
        panel.diagnosis_requested.connect(self.diagnosis_wanted)

    @property
    def pointed(self) -> int:
        """The point under the pointer, or else the clicked one; -1 if there is neither."""
        return self.state.hover if self.state.hover >= 0 else self._explorer.selection

    def _hover(self, panel: MapPanel, index: int) -> None:
        self._pointed = panel.variant  # the sentence is written beside the point there
        self.controller.hover(index)

    def _found(self, mask: NDArray[np.bool_] | None) -> None:
        """The sentences (n,) that match the search; the others are dimmed. None for all."""
        self.colours.mask = mask
        self._colours_changed()
        self.hits.take(mask)
        self.selecting.controller.take_hits(mask, self.state.search)

    def _colours_changed(self) -> None:
        """What the colours are of is there, or has changed."""
        atlas = self._context.atlas
        if atlas is None or self.state.colour_by not in atlas.ranges:
            self.refresh.mark(self.colours.show_colours)
        self.refresh.mark(self.colours.show_dimming)

    # the hits of the search

    @property
    def hits(self) -> Hits:
        """What the search has found, and the way through it."""
        return self.listing.hits

    def select_hits(self) -> None:
        """What the search has found is selected, in place of what was, as soon as it is found."""
        self.selecting.controller.select_hits("new", self.controller.searching)
        self.controller.hasten()

    def step_hit(self, by: int) -> None:
        """Choose the next hit (1) or the one before (-1), as soon as they are found."""
        if self.controller.searching:
            self.hits.step_later(by)
            self.controller.hasten()
        else:
            self.hits.step(by)

    def keep(self) -> str:
        """Ask where what stands out is to be kept, as `keep_hits`: the hits, or what is selected."""
        if (self.selecting.state.in_front or not len(self.hits.places)) and self.selecting.keep():
            return ""
        return self.keep_hits()

    def keep_hits(self) -> str:
        """Ask where all hits are to be kept; where there are none, that is said in the answer, which else is ""."""
        if self.controller.searching or not len(self.hits.places):
            return search_words.nothing_to_keep(self.state.search, self.controller.searching)
        below = self.listing.place_for_menu(self.toolbar.search)
        self.enclosed.emit(self.hits.places, below.mapToGlobal(below.rect().bottomLeft()))
        return ""

    def escape(self) -> bool:
        """Let go of the guess or the path; whether there was one."""
        return self.guessing.escape() or self.tracing.escape()

    def _escape(self) -> None:
        """Let go of what stands out: guess, path, what is selected, or what the search has found."""
        if not self.escape() and not self.selecting.escape():
            self.clear_search()

    def clear_search(self) -> None:
        """Search for nothing; the keyboard goes from the search to the maps."""
        self.controller.search("")
        if self.toolbar.search.hasFocus():
            self._leave_search()

    def _leave_search(self) -> None:
        shown = [panel.map for panel in self.row.panels.values() if panel.isVisible()]
        if shown:
            shown[0].setFocus()
        else:
            self.toolbar.search.clearFocus()

    def _list_hits(self, on: bool) -> None:
        self.state.listed = on
        if on:
            self.selecting.controller.list_chosen(False)

    def _list_one(self, selection: bool) -> None:
        """There is room for one list."""
        if selection:
            self.state.listed = False

    def _put_away(self) -> None:
        self.toolbar.search.setFocus()
        self.state.listed = False

    def _enter_list(self) -> None:
        """The keyboard goes into the list, as soon as something is found; the list is there from then on."""
        self.state.listed = self._list_wanted = True
        self.controller.hasten()
        self.refresh.mark(self._show_hits)
        self.refresh.flush()

    def _search_anew(self) -> None:
        self._list_wanted = False  # who types on stays in the field, and what was wanted of the hits was of others
        self.hits.step_later(0)
        self.selecting.controller.await_hits(None)

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
        self._drawn = self._drawn if atlas is not None else None
        if atlas is None or self._explorer.maps.kind != "ready":
            return
        if fresh := atlas is not self._drawn:
            self.colours.drifting.forget()
        for name, panel in self.row.panels.items():
            numbers = atlas.numbers.get(name)
            coords = numbers.coords if numbers is not None else None
            if fresh:
                self.colours.drifting.change(panel.map, coords, self._drawn)
                self.row.in_turn(panel, partial(self._show_numbers, panel))
                places = numbers.places if numbers is not None else Places()
                panel.set_caption(*making_words.caption(places, atlas.n))
            if coords is None:
                problem = numbers.places.problem if numbers is not None else ""
                reason = self._explorer.broken.get(name, problem or "The cache holds no map of this variant.")
                failed = name in self._explorer.broken
                panel.set_state("failed" if failed else "empty", "No map of this model", reason)
            elif numbers is not None and numbers.places.settings.get("warning"):
                warning = str(numbers.places.settings["warning"])
                panel.set_state("stale", warning.partition(":")[0], warning)
            else:
                panel.set_state("ready")
        self._drawn = atlas

    def _show_numbers(self, panel: MapPanel) -> None:
        atlas = self._context.atlas
        numbers = atlas.numbers.get(panel.variant) if atlas is not None else None
        panel.set_numbers(resolve.map_numbers(numbers, atlas.latent) if atlas is not None else ())

    def _show_findings(self) -> None:
        for name, panel in self.row.panels.items():
            panel.badge.set_finding(self._explorer.findings.get(name))

    def _show_switches(self) -> None:
        self.toolbar.set_switches(self.state.contours, self.state.names, self.state.linked)
        self.row.set_linked(self.state.linked)

    def _beside(self, index: int) -> str:
        """What stands beside a test sentence, in words."""
        atlas = self._context.atlas
        return told_beside(tuple(atlas.kept.values()), index) if atlas is not None and 0 <= index < atlas.n else ""

    def _show_hover(self) -> None:
        told = self.colours.told(self.state.hover, self._pointed), self._beside(self.state.hover)
        beside = " · ".join(filter(None, told))
        text = "\n".join(filter(None, (self.state.hover_text, beside)))
        for name, panel in self.row.panels.items():
            panel.map.set_hover(self.state.hover, text if name == self._pointed else "")

    def _show_selection(self) -> None:
        for panel in self.row.panels.values():
            panel.map.set_selection(self._explorer.selection)

    def _show_marks(self) -> None:
        if self._context.atlas is not None:
            self.row.show_marks(self._explorer.on_maps, self.guessing.marks)

    def _show_way_step(self) -> None:
        for panel in self.row.panels.values():
            panel.map.set_path_position(self._explorer.way_step)

    def _show_source(self) -> None:
        state, explorer = self.state, self._explorer
        hovering = state.hover >= 0 and explorer.selection < 0  # the cards beneath belong to the clicked sentence
        clicked = explorer.selection, explorer.selection_text
        index, text = (state.hover, state.hover_text) if hovering else clicked
        caption = f"Test sentence {index + 1:,}" if index >= 0 else ""
        pick = Pick(explorer.selection_text, index=explorer.selection) if explorer.selection >= 0 else None
        self.clicked.source.set_sentence(caption, text if index >= 0 else POINT_AT, pick, self._beside(index))

    def _show_selected(self) -> None:
        explorer, selected = self._explorer, self.state.selected
        awaited = replace(selected, busy=selected.busy and explorer.models.kind != "failed")
        self.clicked.show_decoded(awaited, explorer.broken, explorer.models.note(_CLICK))
        self._complain(selected.problem)

    def _complain(self, problem: str) -> None:
        if problem:
            self.complained.emit(problem)

    def _show_search(self) -> None:
        state = self.state
        self.toolbar.set_search(state.search, state.matches, state.listed)
        entries = meaning.colouring(self._context.atlas, state.colour_by, state.column).entries
        found = [each.value for each in entries if each.value and state.search == search_for(state.column, each.value)]
        self.toolbar.set_searched(next(iter(found), None))

    def _show_hits(self) -> None:
        state = self.state
        wanted = state.matches is not None and state.listed and bool(state.search.strip())
        if wanted and self._explorer.maps.kind == "ready":
            drawer = self.listing.show(state.search, state.hit)
            if self._list_wanted and not self.controller.searching:
                self._list_wanted = False
                if len(self.hits.places) and self.toolbar.search.hasFocus():
                    drawer.list.setFocus()
        else:
            self.listing.hide(self._leave_search)

    def _show_fold(self) -> None:
        self.clicked.set_folded(self._explorer.in_view not in self.state.unfolded)
