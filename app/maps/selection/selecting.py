"""The selection put together: its state and controller, the tools, the list, and the popup with all the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QWidget

from app.core.refresh import Refresh
from app.maps.drawing.pen import Drawn, Tool
from app.maps.row import MapRow
from app.maps.search.listing import Listing
from app.maps.search.words import SELECTION
from app.maps.selection import words
from app.maps.selection.controller import SelectionController
from app.maps.selection.exports import Exports
from app.maps.selection.finding import Quantity, quantities
from app.maps.selection.saving import Saving
from app.maps.selection.state import SelectionState
from app.maps.selection.tools import SelectionTools
from app.run.context import Context
from engine.selections.chosen import How, Mask

if TYPE_CHECKING:
    from app.maps.panel import MapPanel
    from app.maps.selection.popup import SelectionPopup


class Selecting(QObject):
    """Everything behind the tools above the maps, and what they choose.

    Attributes:
        state, controller: of the selection.
        listing: the list of the chosen sentences.

    Signals:
        changed: other sentences are chosen, or others stand out.
        chosen: the index of a test sentence that is to be clicked.
        enclosed: indices (k,) of all chosen sentences, which are to be kept, and the place on the screen.
        left: the keyboard is to go to the maps.
        told: a word to the person.
        failed: what went wrong.
    """

    changed = Signal()
    chosen = Signal(int)
    enclosed = Signal(object, QPoint)
    left = Signal()
    told = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        context: Context,
        row: MapRow,
        tools: SelectionTools,
        sentence: Callable[[int], str],
        among: Callable[[str], Mask | None],
    ) -> None:
        """Put the selection together.

        Args:
            context: of the open run.
            row: the maps.
            tools: of the line above them.
            sentence: the sentence at an index.
            among: which sentences (n,) are coloured on a variant's map, so that they can be drawn round; None for all.
        """
        super().__init__()
        self._context, self._row, self._tools, self._among = context, row, tools, among
        self.state = SelectionState()
        self.controller = SelectionController(context, self.state)
        self.saving = Saving(context, self.state)
        self.exports = Exports(context, tools)
        self.popup: SelectionPopup | None = None
        self._stale = False
        self.listing = Listing(context, self.state, row, sentence, SELECTION)
        self._connect()
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._show_tool: ("tool",),
            self._show_count: ("chosen", "n"),
            self._show_list: ("listed", "hit", "chosen", "n"),
            self._show_saved: ("saved", "saved_elsewhere"),
            self._show_popup: ("chosen", "n", "how", "searched", "finding", "problem", "columns", "selection"),
        }
        self.refresh = Refresh(renders, [self.state, context.state])

    def _connect(self) -> None:
        controller, listing, explorer = self.controller, self.listing, self._context.state
        self._row.panel_made.connect(self._connect_panel)
        self._tools.tool_chosen.connect(self.use)
        self._tools.opened.connect(self.open)
        controller.told.connect(self.told)
        controller.failed.connect(self.failed)
        self.exports.told.connect(self.told)
        self.saving.told.connect(self.told)
        self.saving.failed.connect(self.failed)
        explorer.events.maps.connect(self.saving.maps_changed, check_nargs=False, max_args=0)
        self.exports.failed.connect(lambda message, hint: self.failed.emit(f"{message} {hint}".strip()))
        controller.changed.connect(self._changed)
        explorer.events.maps.connect(controller.maps_changed, check_nargs=False, max_args=0)
        explorer.events.selection.connect(listing.hits.follow, check_nargs=False, max_args=1)
        listing.hits.chosen.connect(self.chosen)
        listing.hits.failed.connect(self.failed)
        listing.hits.changed.connect(lambda: self.refresh.mark(self._show_list))
        listing.keep_wanted.connect(lambda: self.keep())
        listing.put_away.connect(lambda: controller.list_chosen(False))
        listing.escaped.connect(lambda: controller.list_chosen(False))

    def _connect_panel(self, panel: MapPanel) -> None:
        panel.map.set_tool(self.state.tool)
        panel.map.drawn.connect(partial(self._draw, panel))
        panel.map.picked.connect(self.controller.pick)

    def _draw(self, panel: MapPanel, drawn: Drawn) -> None:
        self.controller.draw(drawn, *panel.map.places, self._among(panel.variant))

    @property
    def bright(self) -> Mask | None:
        """Which sentences (n,) stand out: those chosen, or those found, whichever came last; None for all alike."""
        mask, found = self.controller.mask, self.controller.hits
        stands_out = mask if mask is not None and (self.state.in_front or found is None) else found
        return stands_out if stands_out is not None and len(stands_out) == self.state.n else None

    def use(self, tool: str) -> None:
        """Take a tool in the hand: "look", "box", "lasso" or "path"."""
        self.controller.set_tool(cast(Tool, tool))

    def list_chosen(self) -> None:
        """List the chosen sentences, or put their list away; where there are none, that is told."""
        if self.controller.mask is None:
            self.told.emit(words.NOTHING_CHOSEN)
        self.controller.list_chosen(not self.state.listed)

    def open(self) -> None:
        """Show what is selected and ways to select."""
        if self.popup is None:
            self.popup = self._made_popup()
        self.state.problem = ""
        self._show_popup()
        self._show_saved()
        self.popup.open_beneath(self._tools.count)

    def _made_popup(self) -> SelectionPopup:
        from app.maps.selection.popup import SelectionPopup

        popup, controller = SelectionPopup(self._tools), self.controller
        popup.how_chosen.connect(lambda how: controller.set_how(cast(How, how)))
        popup.hits_wanted.connect(lambda: controller.select_hits(self.state.how))
        popup.neighbours_wanted.connect(lambda name, k: controller.select_neighbours(name, k, self.state.how))
        popup.values_wanted.connect(self._select_values)
        popup.save_wanted.connect(self._save)
        popup.rename_wanted.connect(self._rename)
        popup.delete_wanted.connect(self.saving.delete)
        popup.saved_wanted.connect(self._select_saved)
        popup.list_wanted.connect(popup.hide)
        popup.list_wanted.connect(lambda: controller.list_chosen(True))
        popup.copy_wanted.connect(controller.copy)
        popup.keep_wanted.connect(popup.hide)
        popup.keep_wanted.connect(lambda: self.keep(popup.keep))
        popup.export_wanted.connect(self._open_exports)
        popup.invert_wanted.connect(controller.invert)
        popup.clear_wanted.connect(controller.clear)
        return popup

    def _save(self, name: str) -> None:
        if self.saving.save(name):
            self._mark_saved(name)

    def _rename(self, before: str, name: str) -> None:
        if self.saving.rename(before, name):
            self._mark_saved(name)

    def _mark_saved(self, name: str) -> None:
        self._show_saved()
        if self.popup is not None:
            self.popup.mark(" ".join(name.split()))

    def _select_saved(self, name: str) -> None:
        chosen = self.saving.chosen(name)
        if chosen is not None:
            self.controller.take(chosen, f"“{name}”", self.state.how)

    def close(self) -> None:
        """The window is closed."""
        self.refresh.stop()
        self.saving.close()

    def _open_exports(self) -> None:
        popup, mask = self.popup, self.controller.mask
        if popup is not None and mask is not None:
            self.exports.menu(popup, mask).popup(popup.export.mapToGlobal(popup.export.rect().bottomLeft()))

    def forget(self) -> None:
        """Another run is opened."""
        self.controller.forget()
        self.exports.leave()

    def _select_values(self, quantity: Quantity, variant: str, least: str, most: str) -> None:
        labels = {column.name: column.label for column in self._context.state.columns}
        called = next((text for text, each in self._quantities() if each == quantity), "").partition(",")[0]
        if quantity.of_variant:
            quantity, called = replace(quantity, name=variant), f"{called} of {labels.get(variant, variant)}"
        self.controller.select_values(quantity, called, least, most, self.state.how)

    def _quantities(self) -> list[tuple[str, Quantity]]:
        return quantities(self._context.atlas) if self._context.atlas is not None else []

    def escape(self) -> bool:
        """Escape was pressed on a map: let go of what is chosen, if that is what stands out; whether it was."""
        if not self.state.in_front:
            return False
        self.controller.clear()
        return True

    def keep(self, asked_at: QWidget | None = None) -> bool:
        """Ask where all chosen sentences are to be kept, beneath what was pressed; whether there are any."""
        if self.controller.mask is None:
            return False
        below: QWidget = asked_at or self.listing.place_for_menu(self._tools.count)
        self.enclosed.emit(np.flatnonzero(self.controller.mask), below.mapToGlobal(below.rect().bottomLeft()))
        return True

    def _changed(self) -> None:
        self._stale = True
        self.refresh.mark(self._show_list)
        self.changed.emit()

    # what the views are told

    def _show_tool(self) -> None:
        self._tools.set_tool(self.state.tool)
        for panel in self._row.panels.values():
            panel.map.set_tool(self.state.tool)

    def _show_count(self) -> None:
        chosen = self.state.chosen.count if self.controller.mask is not None else 0
        self._tools.set_count(chosen, self.state.n)

    def _show_list(self) -> None:
        if self.state.listed and self.state.n and self.controller.mask is not None:
            if self._stale:  # of millions they are looked up only where they are seen
                self._stale = False
                self.listing.hits.take(self.controller.mask)
            self.listing.show("", self.state.hit)
        else:
            self.listing.hide(self.left.emit)

    def _show_popup(self) -> None:
        popup, state, explorer = self.popup, self.state, self._context.state
        if popup is None:
            return
        hits = self.controller.hits
        popup.set_selection(state.chosen.count if self.controller.mask is not None else 0, state.n)
        popup.set_how(state.how)
        popup.set_hits(state.searched, None if hits is None else int(np.count_nonzero(hits)))
        popup.set_clicked(explorer.selection_text if explorer.selection >= 0 else "")
        popup.set_variants([(column.name, column.label) for column in explorer.columns])
        popup.set_quantities(self._quantities())
        popup.set_problem(
            state.problem or (f"{state.finding[:1].upper()}{state.finding[1:]} …" if state.finding else "")
        )

    def _show_saved(self) -> None:
        if self.popup is not None:
            saved = [(each.name, each.chosen.count) for each in self.state.saved]
            self.popup.set_saved(saved, self.state.saved_elsewhere)
