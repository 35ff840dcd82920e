"""What goes from the maps and the clicked sentence to the tabs: sentences, points, groups of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QPoint

from app.bench.arithmetic.group_menu import group_menu
from app.bench.bench import Bench
from app.bench.rows import decoded_row
from app.core.picks import Pick, Place
from app.core.state import ExplorerState
from app.core.values import Decoded
from app.maps.maps import Maps
from app.shell.main_window import MainWindow
from app.widgets.send_menu import send_menu

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.bench.interpolate.interpolate import Interpolate
    from app.bench.table.table import Table


class Exchange(QObject):
    """Takes what a person points at, clicked or drew round on the maps to where it is wanted."""

    def __init__(self, state: ExplorerState, window: MainWindow, maps: Maps, bench: Bench) -> None:
        """Args: of the window, whose menus and messages are used."""
        super().__init__(window)
        self._state, self._window, self._maps, self._bench = state, window, maps, bench

    @property
    def table(self) -> Table:
        """The table of gathered sentences, made when something is gathered first."""
        return cast("Table", self._bench.tab("Table"))

    def gather_clicked(self) -> None:
        """The clicked sentence goes to the table, with what each model makes of it."""
        if self._state.models.kind == "failed":
            self._window.banner.complain(self._state.models.text, self._state.models.hint)
            return
        self._maps.controller.when_decoded(partial(self._gather, self._state.selection))

    def _gather(self, index: int, decoded: Decoded) -> None:
        row = decoded_row(decoded.text, decoded, index)
        if row is not None:
            self.table.add_rows((row,))

    def take_point(self, end: str, index: int) -> None:
        """A test sentence, -1 for none, becomes an end of the interpolation, "A" or "B"."""
        text = self._maps.controller.sentence(index)
        if text:
            self._bench.send(Pick(text, index=index), Place("Interpolate", end))
        else:
            self._window.banner.tell(f"Point at a sentence or click one first, then press {end}.")

    def random_pair(self) -> None:
        """Two test sentences become the ends."""
        self._state.tab = "Interpolate"
        self._bench.flush()  # what is out of sight cannot have the keys
        cast("Interpolate", self._bench.tab("Interpolate")).random_pair()

    def offer_group(self, indices: NDArray[np.int64], at: QPoint) -> None:
        """Points that were drawn round on a map, and hits, can go to the table, or be a group of a concept."""
        group_menu(self._window, len(indices), lambda name: self.take_group(indices, name)).popup(at)

    def take_group(self, indices: NDArray[np.int64], name: str) -> None:
        """Test sentences go to the table, or to the group of a concept that is called so."""
        if name == "table":
            self.table.take_rows(indices.tolist(), "")
            return
        self._bench.tab("Arithmetic").take_rows(indices.tolist(), name)
        self._state.tab = "Arithmetic"

    def keep_chosen(self) -> None:
        """What is found or selected on the maps is kept as a group; what is amiss is told."""
        if problem := self._maps.keep():
            self._window.banner.tell(problem)

    def choose_place(self) -> None:
        """Ask where the sentence of the point is to be sent."""
        index, line = self._maps.pointed, self._window.decoded.source
        if index < 0:
            self._window.banner.tell("Point at a sentence or click one first, then press S.")
            return
        pick = Pick(self._maps.controller.sentence(index), index=index)
        send_menu(line, [pick]).popup(line.mapToGlobal(line.rect().bottomLeft()))
