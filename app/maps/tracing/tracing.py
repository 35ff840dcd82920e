"""A path over a map, from the line that was drawn to the sentences along it, in a window and on the maps."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.core.choice import Choice
from app.core.values import Column, Reading, Spot
from app.maps.tracing import requests, words
from app.maps.tracing.layer import PathLayer
from app.maps.tracing.requests import Question, Steps
from app.maps.tracing.state import Line, TracingState, TracingWish, Way
from app.run.atlas import Atlas
from app.run.context import Context

if TYPE_CHECKING:
    from app.core.requests import Result
    from app.maps.panel import MapPanel
    from app.maps.row import MapRow
    from app.maps.tracing.trace_window import TraceWindow

_ALONG, _DECODE = "along a path", "path"


class Tracing(QObject):
    """The path that is looked at, if there is one. What is wanted of it is `state`; all else is derived from that.

    Attributes:
        state: the line, and how it is read.
        steps: what lies along it, as far as it is known.
        window: made when a path is drawn first.

    Signals:
        began: a line is looked at, which was drawn or brought back.
        chosen: the index of a test sentence that is to be clicked.
        changed: more of it is known.
    """

    began = Signal()
    chosen = Signal(int)
    changed = Signal()

    def __init__(self, context: Context, row: MapRow) -> None:
        """Args: context: of the open run; row: of the maps."""
        super().__init__()
        self._context, self._row = context, row
        self.state = TracingState()
        self.window: TraceWindow | None = None
        self.steps: Steps | None = None
        self._question: Question | None = None
        self._of: Atlas | None = None
        self._choice: Choice | None = None
        self._problem = ""
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._placed: dict[str, tuple[Spot, ...]] = {}
        self._refused: dict[str, str] = {}
        row.panel_made.connect(self._watch)

    # what is wanted

    def wish(self) -> TracingWish:
        """The line, and how it is read."""
        return TracingWish(self.state.line, self.state.way, self.state.places)

    def want(self, wish: TracingWish) -> None:
        """Read this line, in this way."""
        self.state.way, self.state.places = wish.way, wish.places
        self._take_line(wish.line)

    def draw(self, variant: str, corners: NDArray[np.floating]) -> None:
        """A line (k, 2) was drawn over a variant's map."""
        atlas = self._context.atlas
        if atlas is not None and len(corners) > 1:
            with self._deed("draw a path"):
                places = tuple((float(x), float(y)) for x, y in corners)
                self._take_line(Line(variant, requests.known_by(atlas, variant), places))

    def remove(self) -> None:
        """The path is not looked at any more."""
        if self.state.line is not None:
            with self._deed("remove the path"):
                self._take_line(None)

    def escape(self) -> bool:
        """Escape was pressed: let go of the path, if one is in view; whether it was."""
        shown = self.shown
        if shown:
            self.remove()
        return shown

    def read(self, way: str) -> None:
        """Read the line as it is drawn, or along sentences."""
        with self._deed("read a path along sentences" if way == "sentences" else "read a path as it is drawn"):
            self.state.way, self.state.at = cast(Way, way), -1

    def read_at(self, places: int) -> None:
        """At how many places a line is read."""
        with self._deed(f"read a path at {places} places", "places of a path"):
            self.state.places, self.state.at = places, -1

    def go(self, at: int) -> None:
        """A step is looked at; that along sentences is a sentence that is clicked."""
        self.state.at = at
        if self.state.way == "sentences":
            self.choose(at)

    def choose(self, at: int) -> None:
        """Click the test sentence of a step."""
        if self.steps is not None and 0 <= at < len(self.steps.indices):
            self.chosen.emit(self.steps.indices[at])

    def forget(self) -> None:
        """Another run is opened: nothing that was asked of this one is waited for."""
        self._leave()
        self._take_line(None)

    def _take_line(self, line: Line | None) -> None:
        if line != self.state.line:
            self.state.line, self.state.at = line, -1
            if line is not None:
                self.began.emit()

    def _deed(self, told: str, key: str = "") -> AbstractContextManager[None]:
        return self._context.history.deed(told, key)

    def _watch(self, panel: MapPanel) -> None:
        panel.map.traced.connect(lambda corners: self.draw(panel.variant, corners))

    # what follows from it

    @property
    def shown(self) -> bool:
        """Whether the line is of the map that is shown."""
        line, atlas = self.state.line, self._context.atlas
        if line is None or atlas is None or self._context.state.maps.kind != "ready":
            return False
        return requests.known_by(atlas, line.variant) == line.map

    @property
    def waiting(self) -> bool:
        """Whether more of it is to come."""
        return self._context.archive.awaits(_ALONG) or self._context.models.awaits(_DECODE)

    @property
    def said(self) -> str:
        """What the numbers and the line on the maps are of, in words, for pictures."""
        if self.steps is None or not self.shown:
            return ""
        return f"{words.TITLE[self.steps.asked.way]}, {len(self.steps.indices)} steps"

    def show(self) -> None:
        """Show the path, and ask for what is not known of it yet."""
        state, explorer = self.state, self._context.state
        if not self.shown or state.line is None:
            self._leave()
        else:
            places = state.places if state.way == "drawn" else 0
            question = Question(state.line, state.way, places, explorer.usable())
            if question != self._question or self._context.atlas is not self._of:
                self._leave()
                self._question, self._of = question, self._context.atlas
                work = partial(requests.read_along, asked=question)
                self._context.archive.ask(_ALONG, work, self._found, self._looked)
            elif explorer.choice != self._choice and self.steps is not None:
                self._decode(self.steps)
        self._show_window()
        self.lay()

    def lay(self) -> None:
        """Show the steps on the maps."""
        for name, panel in self._row.panels.items():
            layer = self._layer(name)
            panel.traced = self.said
            if panel.map.beneath.path != layer:
                panel.map.set_beneath(path=layer)

    def _leave(self) -> None:
        self._context.archive.forget(_ALONG)
        self._context.models.forget(_DECODE)
        self._question = self._of = self.steps = self._choice = None
        self._readings, self._placed, self._refused, self._problem = {}, {}, {}, ""

    def _found(self, steps: Steps | None) -> None:
        if steps is not None:
            self.steps = steps
            self._decode(steps)
            self.changed.emit()

    def _looked(self, problem: str) -> None:
        self._problem = problem
        self.changed.emit()

    def _decode(self, steps: Steps) -> None:
        self._choice = self._context.state.choice
        place = self._context.place if steps.asked.way == "drawn" else None
        work = partial(requests.decode, steps=steps, choice=self._choice, place=place)
        self._context.models.ask(_DECODE, work, self._decoded, self._looked)

    def _decoded(self, result: Result) -> None:
        from app.core.requests import Answer, Failure

        if isinstance(result, Failure):
            self._refused[result.variant] = result.reason
            self._readings.pop(result.variant, None)
            self._placed.pop(result.variant, None)
        elif isinstance(result, Answer):
            self._refused.pop(result.variant, None)
            self._readings[result.variant] = result.readings
            self._placed[result.variant] = result.spots
        self.changed.emit()

    def _show_window(self) -> None:
        state, explorer, atlas = self.state, self._context.state, self._context.atlas
        if state.line is None or atlas is None or not self.shown:
            if self.window is not None:
                self.window.hide()
            return
        window, steps = self._made_window(), self.steps
        window.set_way(state.way, state.places)
        columns = explorer.visible()
        own = next((each for each in explorer.columns if each.name == state.line.variant), Column("", "", ""))
        heads = [(words.FIRST[state.way], ""), *((column.label, column.colour) for column in columns)]
        if steps is None:
            window.show_steps(self._problem or words.READING[state.way], bool(self._problem), heads, ())
        else:
            about = self._problem or words.about(steps, own.label, atlas.n)
            refused = {**self._refused, **explorer.broken}
            if explorer.models.kind == "failed":
                refused = {column.name: explorer.models.text for column in columns}
            rows = words.rows_of(steps, columns, self._readings, refused, own.colour)
            window.show_steps(about, bool(self._problem) or state.way == "drawn", heads, rows)
        window.set_at(state.at)
        window.show()

    def _made_window(self) -> TraceWindow:
        if self.window is None:
            from app.maps.tracing.trace_window import TraceWindow

            window = self.window = TraceWindow(self._row.window())
            window.way_chosen.connect(self.read)
            window.places_changed.connect(self.read_at)
            window.step_chosen.connect(self.go)
            window.sentence_chosen.connect(self.choose)
            window.rejected.connect(self.remove)
            history = self._context.history
            window.undo_wanted.connect(lambda undo: history.undo() if undo else history.redo())
        return self.window

    def _layer(self, variant: str) -> PathLayer | None:
        line = self.state.line
        if line is None or not self.shown:
            return None
        own = variant == line.variant
        if self.steps is None:
            return PathLayer((), meant=line.corners) if own else None
        spots = self.steps.spots.get(variant) or self._placed.get(variant, ())
        if self.state.way == "drawn":
            layer = PathLayer(spots, line.corners if own else spots, role="warning")
        else:
            layer = PathLayer(spots, spots, line.corners if own else (), role="good")  # neighbours have the accent
        return replace(layer, at=self.state.at)
