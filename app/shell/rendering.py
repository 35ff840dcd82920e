"""State to views: what changed is shown once a turn of the event loop, however many answers came in meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.core import readings as resolve
from app.core import theme
from app.core.picks import Pick
from app.core.refresh import Refresh
from app.core.state import Decoded, Series
from app.run.atlas import Atlas
from app.run.context import Context
from app.shell.main_window import MainWindow

_Answers = TypeVar("_Answers", Decoded, Series)

_CLICK = "Click a point to read what this model makes of it."
_TYPE = "What this model makes of your sentence will stand here."
_ENDS = "Choose A and B: type them, click points and press A and B, or take a random pair."
_DRAW = "Press New seed to draw sentences."
_MARK_COLOURS = {"A": "good", "B": "warning"}


class Renderer(QObject):
    """Calls the setters of the views; the only one who does."""

    def __init__(self, context: Context, window: MainWindow) -> None:
        super().__init__()
        self._context, self._state, self._window = context, context.state, window
        self._mask: NDArray[np.bool_] | None = None
        self._drawn: Atlas | None = None
        self._pointed = ""
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._title: ("run", "runs", "step", "page"),
            self._page: ("page",),
            self._columns: ("columns", "shown", "broken"),
            self._stage: ("maps", "columns", "broken"),
            self._points: ("maps", "columns", "broken"),
            self._colours: ("maps", "columns", "colour_by", "density"),
            self._dimming: ("maps", "columns"),
            self._linked: ("linked",),
            self._hover: ("maps", "columns", "hover"),
            self._selection: ("maps", "columns", "selection"),
            self._marks: ("maps", "columns", "tab", "a", "through", "b", "path", "reconstructed"),
            self._path_step: ("maps", "columns", "path", "position"),
            self._source: ("hover", "selection", "selected"),
            self._selected: ("selected", "columns", "shown", "broken", "models"),
            self._search: ("search", "matches"),
            self._choice: ("choice",),
            self._tab: ("tab",),
            self._reconstructed: ("typed", "point", "reconstructed", "columns", "shown", "broken", "models"),
            self._stops: ("a", "through", "b", "steps", "slerp", "fold"),
            self._path: ("path", "fold", "columns", "shown", "broken", "models"),
            self._step: ("position",),
            self._samples: ("samples", "draw", "memory", "columns", "shown", "broken", "models"),
            self._table: ("gathered", "columns", "shown"),
        }
        self.refresh = Refresh(renders, [self._state])

    def set_mask(self, mask: NDArray[np.bool_] | None) -> None:
        """The sentences (n,) that match the search; the others are dimmed. None for all."""
        self._mask = mask
        self.refresh.mark(self._dimming)

    def set_pointed(self, variant: str) -> None:
        """The map under the pointer; the sentence is also written beside the point there."""
        self._pointed = variant

    # what the setters are told

    def _title(self) -> None:
        state = self._state
        self._window.setWindowTitle(f"Latent Loom - {state.subject}" if state.subject else "Latent Loom")
        self._window.header.set_subject(state.subject if state.page == "Explore" else "")
        self._window.strip.set_step(state.run, state.step)

    def _page(self) -> None:
        self._window.show_page(self._state.page)

    def _columns(self) -> None:
        state = self._state
        self._window.toolbar.set_columns(state.columns, state.shown, state.broken)
        self._window.set_columns(state.columns, state.visible())

    def _stage(self) -> None:
        stage, maps = self._state.maps, self._window.maps
        if stage.kind == "none" and stage.text:
            self._window.set_welcome(stage.text, stage.hint)
            return
        self._window.set_explorer()
        if stage.kind == "ready":
            maps.set_ready()
        elif stage.kind == "failed":
            maps.set_busy("failed", stage.text, stage.hint, action="Try again")
        else:
            maps.set_busy("loading", stage.text or "Opening the run", stage.hint, stage.fraction)

    def _points(self) -> None:
        atlas = self._context.atlas
        if atlas is None or self._state.maps.kind != "ready":
            return
        fresh = atlas is not self._drawn
        for name, panel in self._window.maps.panels.items():
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
                reason = self._state.broken.get(name, "The cache holds no map of this variant.")
                panel.set_state("empty" if name not in self._state.broken else "failed", "No map of this model", reason)
            else:
                panel.set_state("ready")
        self._drawn = atlas

    def _colours(self) -> None:
        state, atlas = self._state, self._context.atlas
        by = state.colour_by
        low, high = atlas.ranges[by] if atlas is not None else (0.0, 1.0)
        label = resolve.COLOUR_LABELS[by] if atlas is not None else ""
        self._window.toolbar.set_colouring(by, state.density, label, low, high)
        if atlas is None:
            return
        for name, panel in self._window.maps.panels.items():
            if self._has_map(name):
                panel.map.set_colours(resolve.colour_values(atlas, name, by), low, high)
                panel.map.set_density(state.density)

    def _dimming(self) -> None:
        atlas = self._context.atlas
        mask = self._mask if atlas is not None and self._mask is not None and len(self._mask) == atlas.n else None
        for name, panel in self._window.maps.panels.items():
            if self._has_map(name):
                panel.map.set_dimmed(None if mask is None else ~mask)

    def _linked(self) -> None:
        self._window.toolbar.set_linked(self._state.linked)
        self._window.maps.set_linked(self._state.linked)

    def _hover(self) -> None:
        for name, panel in self._window.maps.panels.items():
            panel.map.set_hover(self._state.hover, self._state.hover_text if name == self._pointed else "")

    def _selection(self) -> None:
        for panel in self._window.maps.panels.values():
            panel.map.set_selection(self._state.selection)

    def _marks(self) -> None:
        atlas, now = self._context.atlas, theme.current()
        if atlas is None:
            return
        for name, panel in self._window.maps.panels.items():
            marks = resolve.marks(self._state, atlas, name)
            panel.map.set_marks(
                [(label, place, getattr(now, _MARK_COLOURS.get(label, "accent"))) for label, place in marks]
            )
            path = self._state.path.paths.get(name) if self._state.tab == "Interpolate" else None
            panel.map.set_path(np.array(path) if path else None)

    def _path_step(self) -> None:
        for panel in self._window.maps.panels.values():
            panel.map.set_path_position(self._state.position)

    def _source(self) -> None:
        state = self._state
        hovering = state.hover >= 0 and state.selection < 0  # the cards beneath belong to the clicked sentence
        index, text = (state.hover, state.hover_text) if hovering else (state.selection, state.selection_text)
        caption = f"Test sentence {index + 1:,}" if index >= 0 else ""
        text = text if index >= 0 else "Point at a sentence to find it in all maps; click it to decode it."
        pick = Pick(state.selection_text, index=state.selection) if state.selection >= 0 else None
        self._window.decoded.source.set_sentence(caption, text, pick)

    def _selected(self) -> None:
        self._window.decoded.show_decoded(self._awaited(self._state.selected), self._state.broken, self._note(_CLICK))
        if self._state.selected.problem:
            self._window.banner.complain(self._state.selected.problem)

    def _search(self) -> None:
        self._window.toolbar.set_search(self._state.search, self._state.matches)

    def _choice(self) -> None:
        self._window.decoding.set_choice(self._state.choice)

    def _tab(self) -> None:
        self._window.bench.show_tab(self._state.tab)
        self._window.decoding.set_prior(self._state.tab == "Prior samples")

    def _reconstructed(self) -> None:
        state = self._state
        given = state.point if state.point.is_point else Pick(state.typed)
        self._window.reconstruct.show_typed(given, self._awaited(state.reconstructed), state.broken, self._note(_TYPE))

    def _stops(self) -> None:
        state = self._state
        self._window.interpolate.show_choices(state.stops(), state.steps, state.slerp, state.fold)

    def _path(self) -> None:
        s = self._state
        self._window.interpolate.show_path(self._awaited(s.path), s.position, s.fold, s.broken, self._note(_ENDS))

    def _step(self) -> None:
        self._window.interpolate.show_position(self._state.position)

    def _samples(self) -> None:
        s, view = self._state, self._window.samples
        view.show_draw(s.draw, s.memory)
        view.show_samples(self._awaited(s.samples), s.memory, s.broken, self._note(_DRAW))

    def _table(self) -> None:
        self._window.table.show_rows(self._state.gathered)

    def _has_map(self, variant: str) -> bool:
        atlas = self._context.atlas
        return atlas is not None and variant in atlas.numbers and atlas.numbers[variant].coords is not None

    def _awaited(self, answers: _Answers) -> _Answers:
        """Nobody waits for models that could not be loaded."""
        return replace(answers, busy=answers.busy and self._state.models.kind != "failed")

    def _note(self, usual: str) -> str:
        """What stands where there is no sentence yet."""
        return self._state.models.note(usual)
