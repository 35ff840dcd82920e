"""What the window knows of a tab that works on points of the latent space."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.picks import Pick, Place
from app.core.refresh import Refresh
from app.core.state import GatheredRow
from app.run.context import Context


class Operation(QObject):
    """One tab: a view, what stands in it, and how it asks the models.

    A subclass makes its view and its `Refresh` in its constructor, and asks through `context.desk` on a channel of its
    own, so that a newer request replaces the older one.

    Signals:
        sent: a `Pick` and the `Place` it is meant for.
        gathered: rows (tuple of `GatheredRow`) for the table.
        pointed: a test sentence's index was chosen; the maps show it.
        told: a word to the person.
    """

    sent = Signal(object, object)
    gathered = Signal(object)
    pointed = Signal(int)
    told = Signal(str)

    view: QWidget
    refresh: Refresh

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context, self._explorer = context, context.state

    def opened(self) -> None:
        """The tab is in view: ask for what it needs, unless that is there."""

    def take(self, pick: Pick, slot: str) -> None:
        """A sentence or points were sent here; `slot` is one of those the tab's `Kind` names."""

    def take_rows(self, indices: Sequence[int], slot: str) -> None:
        """Several test sentences, by their sorted indices, were chosen on a map for a slot that takes many."""

    def ask(self) -> None:
        """Ask the models anew, as after another choice of how sentences are made."""

    def forget(self) -> None:
        """Another run is opened: nothing of this one is kept."""

    def send(self, pick: Pick, place: Place) -> None:
        """Send something on."""
        self.sent.emit(pick, place)

    def gather(self, rows: tuple[GatheredRow, ...]) -> None:
        """Put rows into the table."""
        if rows:
            self.gathered.emit(rows)
