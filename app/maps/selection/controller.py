"""What is chosen of the test sentences: drawn round, clicked, found, inverted, let go, undone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.core.requester import Take
from app.maps.drawing.pen import Drawn, Tool
from app.maps.selection import finding, words
from app.maps.selection.finding import Quantity, Span
from app.maps.selection.outline import in_box, in_lasso
from app.maps.selection.state import SelectionState, SelectionWish
from app.run.atlas import Opened
from app.run.context import Context
from engine.errors import LoomError
from engine.selections.chosen import NONE, Chosen, How, Mask, combined, inverted

_CHANNEL, _COPYING = "selection", "copied sentences"

Floats = NDArray[np.float32]

Find = Callable[[Opened], Iterator[Mask | None]]
"""Finds sentences in the thread of the opened cache: None after every moment's work, at last a mask (n,)."""


@dataclass(frozen=True, slots=True)
class Search:
    """Something that is to be found: what, in words, what becomes of it, and what to say where nothing is found."""

    what: str
    find: Find
    how: How
    nothing: str


class SelectionController(QObject):
    """Turns what a person does with the points into a selection, and keeps it as a mask beside the state.

    Attributes:
        mask: which sentences are chosen, (n,); None for none.
        hits: which the search has found, (n,); None while nothing is searched or found yet.

    Signals:
        changed: something else is chosen than before.
        told: a word to the person.
        failed: what went wrong.
    """

    changed = Signal()
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, context: Context, state: SelectionState) -> None:
        """Args: context: of the open run; state: to keep."""
        super().__init__()
        self._context, self._state = context, state
        self._searches: deque[Search] = deque()
        self._under_way: Search | None = None
        self._awaited: How | None = None
        self.mask: Mask | None = None
        self.hits: Mask | None = None

    # what is wanted

    def wish(self) -> SelectionWish:
        """What is chosen."""
        return SelectionWish(self._state.chosen)

    def want(self, wish: SelectionWish) -> None:
        """Choose this; where the maps are not there yet, once they are and have these sentences."""
        if wish.chosen != self._state.chosen:
            self._state.chosen = wish.chosen
            self._follow_maps(front=True)

    def maps_changed(self) -> None:
        """Other maps are there, or none: what is chosen of other sentences is let go."""
        atlas = self._context.atlas
        if atlas is None or self._context.state.maps.kind != "ready":
            self.mask, self._state.n = None, 0
            self.changed.emit()
            return
        self._state.n = atlas.n
        self._follow_maps(front=self._state.in_front or self.hits is None)

    def _follow_maps(self, front: bool) -> None:
        atlas, chosen = self._context.atlas, self._state.chosen
        if atlas is None:
            self.mask = None
            return
        if not chosen.is_of(atlas.fingerprints[0], atlas.n):
            chosen = NONE
        mask: Mask | None = None
        try:
            mask = chosen.mask() if chosen.count else None
        except ValueError:
            chosen = NONE
            self.told.emit("What was selected at the last time is damaged and was let go.")
        self._put(chosen, mask, front)

    def _put(self, chosen: Chosen, mask: Mask | None, front: bool = True) -> None:
        self.mask = mask
        self._state.in_front = front and mask is not None
        self._state.chosen = self._context.state.chosen = chosen
        self._state.listed = self._state.listed and mask is not None
        self.changed.emit()

    def forget(self) -> None:
        """Another run is opened: nothing that was asked of this one is waited for."""
        for channel in (_CHANNEL, _COPYING):
            self._context.archive.forget(channel)
        self._searches.clear()
        self._awaited = None
        self._under_way, self._state.finding, self._state.problem = None, "", ""

    # choosing

    def set_tool(self, tool: Tool) -> None:
        """What the mouse does on the maps."""
        self._state.tool = tool

    def set_how(self, how: How) -> None:
        """What becomes of what is found by the form."""
        self._state.how = how

    def take_hits(self, mask: Mask | None, text: str = "") -> None:
        """What the search for a text has found, (n,), None for all: it stands out, and alone can be drawn round."""
        self.hits, self._state.searched = mask, text
        self._state.in_front = self.mask is not None and mask is None
        self.changed.emit()
        how, self._awaited = self._awaited, None
        if how is not None:
            self.select_hits(how)

    def draw(self, drawn: Drawn, x: Floats, y: Floats, among: Mask | None = None) -> None:
        """A line was drawn round points of a map.

        Args:
            drawn: the line.
            x, y: (n,) where the points lie.
            among: which of them (n,) count, of those that the search has found; None for all.
        """
        grey = among is not None or self.hits is not None
        hits = among if self.hits is None else self.hits if among is None else self.hits & among
        nothing = words.NOTHING_INSIDE_FOUND if grey else words.NOTHING_INSIDE
        what = "what a box encloses" if drawn.shape == "box" else "what a lasso encloses"
        find = partial(_inside, drawn=drawn, x=x, y=y, hits=hits)
        self.ask(Search(what, find, drawn.taking, nothing))

    def pick(self, index: int, how: str) -> None:
        """One sentence is chosen, or let go; "turn" does the one or the other."""
        atlas = self._context.atlas
        if atlas is None or not 0 <= index < atlas.n:
            return
        if how == "turn":
            how = "subtract" if self.mask is not None and self.mask[index] else "add"
        found = np.zeros(atlas.n, np.bool_)
        found[index] = True
        self._take(found, how, "a sentence")  # type: ignore[arg-type]

    def ask(self, search: Search) -> None:
        """Find sentences; those that were asked for before are found first."""
        self._state.problem = ""
        self._searches.append(search)
        self._next()

    def select_hits(self, how: How, later: bool = False) -> None:
        """What the search has found is chosen, or what it finds next."""
        self.await_hits(how if later else None)
        if not later and self.hits is not None:
            if self.hits.any():
                self._take(self.hits, how, "what the search has found")
            else:
                self.told.emit(words.NOTHING_FOUND)

    def await_hits(self, how: How | None) -> None:
        """What becomes of that which the search finds next; None for nothing."""
        self._awaited = how

    def select_neighbours(self, variant: str, k: int, how: How) -> None:
        """The clicked sentence and the k nearest to it in a variant's z are chosen."""
        index = self._context.state.selection
        if index >= 0:
            labels = {column.name: column.label for column in self._context.state.columns}
            find = partial(finding.by_neighbours, variant=variant, index=index, k=k)
            self.ask(Search(words.nearest(k, labels.get(variant, variant)), find, how, ""))

    def select_values(self, quantity: Quantity, called: str, least: str, most: str, how: How) -> None:
        """The sentences whose number lies between two are chosen.

        Args:
            quantity: what has the number, with the variant where it is a model's.
            called: what that is called.
            least, most: as a person typed them; what is wrong with them is kept as the state's `problem`.
        """
        try:
            span = Span.of(least, most)
        except LoomError as error:
            self._state.problem = error.message
            return
        nothing = words.nothing_between(called, least.strip(), most.strip())
        find = partial(finding.by_values, quantity=quantity, span=span)
        self.ask(Search(f"sentences by {called}", find, how, nothing))

    def invert(self) -> None:
        """Choose all others."""
        atlas = self._context.atlas
        if atlas is not None and atlas.n:
            with self._deed("invert the selection"):
                self._choose(inverted(self.mask, atlas.n))

    def clear(self) -> None:
        """Choose nothing."""
        if self._state.chosen.count:
            with self._deed("clear the selection"):
                self._put(NONE, None)

    def copy(self) -> None:
        """The chosen sentences go to the clipboard, a line each, the first `MOST_COPIED` of them."""
        if self.mask is None:
            return
        places, of = np.flatnonzero(self.mask)[: words.MOST_COPIED].tolist(), self._state.chosen.count

        def take(found: list[str] | None) -> None:
            if found is not None:
                QGuiApplication.clipboard().setText("".join(f"{text}\n" for text in found))
                self.told.emit(words.copied(len(found), of))

        work = partial(finding.texts, places=places)
        self._context.archive.ask(_COPYING, work, take, lambda problem: self.failed.emit(problem) if problem else None)

    def list_chosen(self, on: bool) -> None:
        """List the chosen sentences beside the maps, or put the list away."""
        self._state.listed = on and self.mask is not None

    def take(self, chosen: Chosen, what: str, how: How) -> None:
        """Choose what is a value already; of other sentences than these, or damaged, it is refused in words."""
        atlas = self._context.atlas
        if atlas is None:
            return
        if not chosen.is_of(atlas.fingerprints[0], atlas.n):
            self.failed.emit(f"{what} is a selection of other sentences than those of the open run.")
            return
        try:
            self._take(chosen.mask(), how, what)
        except ValueError as error:
            self.failed.emit(f"{what} cannot be used: {error}.")

    def _next(self) -> None:
        if self._under_way is None and self._searches:
            search = self._under_way = self._searches.popleft()
            self._state.finding = search.what
            found: Take = partial(self._found, search)
            self._context.archive.ask(_CHANNEL, search.find, found, self._finished)

    def _found(self, search: Search, mask: Mask | None) -> None:
        atlas = self._context.atlas
        if mask is None or atlas is None or len(mask) != atlas.n:
            return
        if mask.any():
            self._take(mask, search.how, search.what)
        else:
            self._state.problem = search.nothing
            self.told.emit(search.nothing)

    def _finished(self, problem: str) -> None:
        self._under_way, self._state.finding = None, ""
        if problem:
            self._state.problem = problem
            self.failed.emit(problem)
        self._next()

    def _take(self, found: Mask, how: How, what: str) -> None:
        with self._deed(words.deed(how, what)):
            self._choose(combined(self.mask, found, how))

    def _choose(self, mask: Mask) -> None:
        atlas = self._context.atlas
        if atlas is not None:
            chosen = Chosen.of(mask, atlas.fingerprints[0])
            self._put(chosen, mask if chosen.count else None)

    def _deed(self, told: str) -> AbstractContextManager[None]:
        return self._context.history.deed(told)


def _inside(opened: Opened, drawn: Drawn, x: Floats, y: Floats, hits: Mask | None) -> Iterator[Mask | None]:
    if drawn.shape == "box":
        inside = in_box(x, y, drawn.corners[0], drawn.corners[-1])
    else:
        inside = in_lasso(x, y, drawn.corners)
    yield inside if hits is None or len(hits) != len(inside) else inside & hits
