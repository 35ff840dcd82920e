"""The maps: hovering, clicking, searching, colours, and which variants are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from app.core import requests
from app.core.answers import take_decoded
from app.core.picks import NOTHING, Pick
from app.core.values import Decoded
from app.maps.colours.kinds import BY_NAME
from app.maps.state import MapsState, MapsWish, Span
from app.run.atlas import ColourBy, Opened, search_sentences
from app.run.context import Context
from app.widgets.categories.colours import title
from app.widgets.text_field import typed_on
from engine.selections.conditions import search_for

_SEARCH_MS = 120
_CHANNEL = "select"
_SEARCH = "search"


class MapsController(QObject):
    """Turns what a person does with the maps and the toolbar into state.

    Signals:
        found: the mask (n,) of the sentences that match the search, or None while nothing is searched.
        failed: why it could not be searched.
        mended: what was said so before, as the search is another now, or none.
    """

    found = Signal(object)
    failed = Signal(str)
    mended = Signal(str)

    def __init__(self, context: Context, state: MapsState) -> None:
        """Args: context: of the open run; state: to keep."""
        super().__init__()
        self._context, self._explorer, self._state = context, context.state, state
        self._refused = self._told = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_MS)
        self._pause.timeout.connect(self._search)

    def fold(self, folded: bool) -> None:
        """Fold the cards of the clicked sentence away, or unfold them, above what is in view of the bench."""
        here = {self._explorer.in_view}
        self._state.unfolded = self._state.unfolded - here if folded else self._state.unfolded | here

    def hover(self, index: int) -> None:
        """The pointer is on a point, or on none (-1)."""
        index = self._known(index)
        if index != self._state.hover:
            self._state.hover_text = self.sentence(index)
            self._state.hover = index

    def select(self, index: int) -> None:
        """A point was clicked: decode its sentence in every column. -1 lets go of it."""
        index = self._known(index)
        with self._deed("click a sentence" if index >= 0 else "let go of the clicked sentence"):
            self._explorer.selection_text = self.sentence(index)
            self._explorer.selection = index
            self.decode()

    def wish(self) -> MapsWish:
        """How the maps are looked at, and what is clicked."""
        state, explorer = self._state, self._explorer
        clicked = Pick(explorer.selection_text, index=explorer.selection) if explorer.selection >= 0 else NOTHING
        hidden = len(explorer.shown) < len(explorer.columns)
        shown = explorer.shown if hidden else ()
        unfolded = tuple(sorted(state.unfolded))
        return MapsWish(
            clicked,
            state.search,
            state.colour_by,
            state.density,
            state.linked,
            shown,
            unfolded,
            state.column,
            state.of,
            state.only_span,
            state.only_called,
            state.names,
            state.contours,
        )

    def want(self, wish: MapsWish) -> None:
        """Look at the maps this way. A sentence that the open maps do not have is not clicked."""
        explorer, state = self._explorer, self._state
        state.colour_by, state.density, state.linked = wish.colour_by, wish.density, wish.linked
        state.column, state.of = wish.column, wish.of
        state.names, state.contours = wish.names, wish.contours
        state.only_span, state.only_called = wish.only_span, wish.only_called
        if wish.unfolded is not None:
            state.unfolded = frozenset(wish.unfolded)
        names = tuple(column.name for column in explorer.columns)
        wanted = tuple(name for name in names if name in wish.shown) or names
        if wanted != explorer.shown:
            explorer.shown = wanted
        if wish.search != state.search:
            self.search(wish.search)
        if (wish.selection.index, wish.selection.text) != (explorer.selection, explorer.selection_text):
            self.select(wish.selection.index)

    def _deed(self, words: str, key: str = "") -> AbstractContextManager[None]:
        return self._context.history.deed(words, key)

    def sentence(self, index: int) -> str:
        """The test sentence at an index, "" for -1."""
        atlas = self._context.atlas
        return atlas.sentence(index) if atlas is not None and self._known(index) >= 0 else ""

    def _known(self, index: int) -> int:
        """An index if the open maps have such a point, else -1: one of maps that are gone is none of these."""
        atlas = self._context.atlas
        return index if atlas is not None and 0 <= index < atlas.n else -1

    def colour_by(self, value: str) -> None:
        """What the colours mean."""
        by = cast(ColourBy, value)
        with self._deed(f"colour by {BY_NAME[by].text}"):
            self._state.colour_by, self._state.column = by, ""
            self._colour_all()

    def colour_by_column(self, name: str) -> None:
        """Colour by what a column says beside the sentences."""
        with self._deed(f"colour by {title(name)}"):
            self._state.column = name
            self._colour_all()

    def colour_of(self, variant: str) -> None:
        """Which variant the colours are of, where they are of one."""
        label = next((column.label for column in self._explorer.columns if column.name == variant), variant)
        with self._deed(f"colour by {BY_NAME[self._state.colour_by].text} of {label}"):
            self._state.of = variant
            self._colour_all()

    def colour_span(self, span: Span) -> None:
        """Which values of the scale keep their colour; None for all."""
        with self._deed("colour a part of the scale" if span is not None else "colour the whole scale", "colour span"):
            self._state.only_span = span

    def colour_entry(self, called: str) -> None:
        """An entry of the legend alone keeps its colour, or all do again if it is that one already."""
        only = () if self._state.only_called == (called,) else (called,)
        with self._deed("colour one entry of the legend" if only else "colour all of the legend"):
            self._state.only_called = only

    def _colour_all(self) -> None:
        self._state.only_span, self._state.only_called = None, ()

    def search_category(self, column: str, value: str) -> None:
        """Find the sentences of a category, or let go of them if they are found already."""
        text = search_for(column, value)
        self.search("" if self._state.search.strip() == text else text)

    def show_density(self, on: bool) -> None:
        """Whether places with more sentences are brighter."""
        with self._deed(f"{'show' if on else 'hide'} the density"):
            self._state.density = on

    def show_names(self, on: bool) -> None:
        """Whether regions of the maps have their names on them."""
        with self._deed(f"{'show' if on else 'hide'} the names of regions"):
            self._state.names = on

    def show_contours(self, on: bool) -> None:
        """Whether lines of equal density are drawn on the maps."""
        with self._deed(f"{'show' if on else 'hide'} the contours"):
            self._state.contours = on

    def link(self, on: bool) -> None:
        """Whether the maps are moved and zoomed together."""
        with self._deed(f"{'link' if on else 'unlink'} the maps"):
            self._state.linked = on

    def show_variant(self, name: str, on: bool) -> None:
        """Show or hide a variant; the last one stays."""
        explorer = self._explorer
        if name not in {column.name for column in explorer.columns}:
            return
        wanted = {*explorer.shown, name} if on else set(explorer.shown) - {name}
        if not wanted:
            wanted = {name}
        label = next(column.label for column in explorer.columns if column.name == name)
        with self._deed(f"{'show' if on else 'hide'} {label}"):
            explorer.shown = tuple(column.name for column in explorer.columns if column.name in wanted)

    def forget(self) -> None:
        """Another run is opened: nothing of this one is kept, and none of its answers is waited for.

        What stands in the search is a person's wish, and is searched for there.
        """
        self._context.models.forget(_CHANNEL)
        state = self._state
        state.hover, state.hover_text, state.selected = -1, "", Decoded()
        text = state.search
        self.search("")
        self.search(text)

    def search(self, text: str) -> None:
        """Mark the sentences that hold `text`; found a moment after the last key."""
        words = f"search for “{text}”" if text else "clear the search"
        with self._deed(words, "search" if typed_on(self._state.search, text) else ""):
            self._state.search = text
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self._context.archive.forget(_SEARCH)
            self._state.matches, self._state.listed = None, True
            self._take_back()
            self.found.emit(None)

    @property
    def searching(self) -> bool:
        """Whether what stands in the search is not found yet."""
        return self._pause.isActive() or self._context.archive.awaits(_SEARCH)

    @property
    def refused(self) -> bool:
        """Whether what stands in the search could not be searched for."""
        return bool(self._refused) and self._refused == self._state.search

    def hasten(self) -> None:
        """Search now, without waiting for another key."""
        if self._pause.isActive():
            self._pause.stop()
            self._search()

    def _search(self) -> None:
        """Where the maps are not there yet, it is searched once they are."""
        work = partial(_search_work, text=self._state.search.strip())
        self._context.archive.ask(_SEARCH, work, self._found, self._searched)

    def _found(self, mask: NDArray[np.bool_] | None) -> None:
        if mask is not None:
            self._state.matches = int(mask.sum())
            self.found.emit(mask)

    def _searched(self, problem: str) -> None:
        self._refused = self._state.search if problem else ""
        self._take_back()
        if problem:
            self._state.matches, self._told = None, problem
            self.found.emit(None)
            self.failed.emit(problem)

    def _take_back(self) -> None:
        told, self._told = self._told, ""
        if told:
            self.mended.emit(told)

    def decode(self) -> None:
        """Decode the clicked sentence in every column, as chosen."""
        text = self._explorer.selection_text
        if text:
            self._decode(text, _CHANNEL, self._show)
        else:
            self._context.models.forget(_CHANNEL)
            self._state.selected = Decoded()

    def when_decoded(self, then: Callable[[Decoded], None]) -> None:
        """Hand over what the models make of the clicked sentence: now or once they have, whatever is clicked then."""
        selected = self._state.selected
        if selected.text and not selected.busy:
            then(selected)
        elif selected.text:
            self._decode(
                selected.text, f"{_CHANNEL}, {selected.text}", lambda decoded: None if decoded.busy else then(decoded)
            )

    def _show(self, decoded: Decoded) -> None:
        self._state.selected = decoded

    def _decode(self, text: str, channel: str, tell: Callable[[Decoded], None]) -> None:
        """Decode a sentence; `tell` gets it as far as it is decoded, again and again."""
        choice, variants = self._explorer.choice, self._explorer.usable()
        decoded = Decoded(text=text, busy=True)
        tell(decoded)

        def take(result: requests.Result | None, problem: str = "") -> None:
            nonlocal decoded
            decoded = take_decoded(decoded, result, problem)
            tell(decoded)

        work = partial(requests.reconstruct, text=text, variants=variants, choice=choice)
        self._context.models.ask(channel, work, take, partial(take, None))


def _search_work(opened: Opened, text: str) -> Iterator[NDArray[np.bool_] | None]:
    return search_sentences(opened.atlas, text) if opened.atlas is not None else iter(())
