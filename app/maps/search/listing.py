"""Sentences listed beside the maps, whichever they are: the way through them, and the list itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.core.picks import Pick
from app.maps.row import MapRow
from app.maps.search.hits import Hit, Hits
from app.maps.search.words import SEARCH, ListWords
from app.run.context import Context

if TYPE_CHECKING:
    from app.maps.search.drawer import HitDrawer


class Listing(QObject):
    """Some test sentences in a list at the left of the maps.

    Attributes:
        hits: which sentences, and the way through them.
        drawer: the list; None before there was one.

    Signals:
        escaped: Escape was pressed in the list.
        put_away: the list is to go.
        keep_wanted: all of them are to be kept.
        select_wanted: all of them are to be selected.
    """

    escaped = Signal()
    put_away = Signal()
    keep_wanted = Signal()
    select_wanted = Signal()

    def __init__(
        self, context: Context, state: Hit, row: MapRow, sentence: Callable[[int], str], said: ListWords = SEARCH
    ) -> None:
        """Args: context: of the open run; state: keeps `hit`; row: the maps; sentence: of an index; said: its words."""
        super().__init__()
        self._row, self._sentence, self._said = row, sentence, said
        self.hits = Hits(context, state, said.name)
        self.drawer: HitDrawer | None = None

    @property
    def places(self) -> NDArray[np.int64]:
        """Indices (k,) of the sentences, ascending."""
        return self.hits.places

    def show(self, text: str, hit: int) -> HitDrawer:
        """Show the list; `text` is what was searched for, `hit` the row that is clicked, -1 for none."""
        drawer = self._made()
        drawer.show_hits(text, len(self.places), hit)
        drawer.show()
        drawer.raise_()
        return drawer

    def hide(self, leave: Callable[[], None]) -> None:
        """Put the list out of sight; `leave` is called first where the keyboard is in it."""
        if self.drawer is not None and self.drawer.isVisible():
            focused = QApplication.focusWidget()
            if focused is not None and self.drawer.isAncestorOf(focused):
                leave()
            self.drawer.hide()

    def place_for_menu(self, otherwise: QWidget) -> QWidget:
        """What a menu of all of them opens beneath: the button of the list, or else something else."""
        return self.drawer.keep if self.drawer is not None and self.drawer.isVisible() else otherwise

    def _made(self) -> HitDrawer:
        if self.drawer is None:
            from app.maps.search.drawer import HitDrawer

            drawer = self.drawer = HitDrawer(self._row, self._pick, self._said)
            drawer.list.chosen.connect(self.hits.choose)
            drawer.list.escaped.connect(self.escaped)
            drawer.stepped.connect(self.hits.step)
            drawer.keep_wanted.connect(self.keep_wanted)
            drawer.select_wanted.connect(self.select_wanted)
            drawer.put_away.connect(self.put_away)
            drawer.model.wanted.connect(self._read)
            self.hits.changed.connect(lambda: drawer.model.set_count(len(self.places)))
            drawer.model.set_count(len(self.places))
        return self.drawer

    def _pick(self, row: int) -> Pick | None:
        if not 0 <= row < len(self.places):
            return None
        index = int(self.places[row])
        return Pick(self._sentence(index), index=index)

    def _read(self, first: int, end: int) -> None:
        if self.drawer is not None:
            self.hits.read(range(first, end), self.drawer.model.set_texts)
