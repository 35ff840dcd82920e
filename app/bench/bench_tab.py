"""What the window knows of a tab of the bench."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.bench.rows import GatheredRow
from app.core.picks import Pick, Place
from app.core.refresh import Refresh
from app.core.values import Decoded, OnMaps, Series, Stage
from app.core.wish import Wish
from app.run.context import Context

_Answers = TypeVar("_Answers", bound=Decoded | Series)


class BenchTab(QObject):
    """One tab: a view, what stands in it, and how it asks the models.

    A subclass makes its state, its view and its `Refresh` in its constructor, and asks through `context.models` on a
    channel of its own, so that a newer request replaces the older one.

    Signals:
        sent: a `Pick` and the `Place` it is meant for.
        gathered: rows (tuple of `GatheredRow`) for the table.
        pointed: a test sentence's index was chosen; the maps show it.
        told: a word to the person.
        failed: what went wrong, and what to do next.
    """

    sent = Signal(object, object)
    gathered = Signal(object)
    pointed = Signal(int)
    told = Signal(str)
    failed = Signal(str, str)

    name: ClassVar[str]
    view: QWidget
    refresh: Refresh

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context, self._explorer = context, context.state

    @property
    def in_view(self) -> QWidget:
        """What a picture of the tab is taken of."""
        return self.view

    def opened(self) -> None:
        """The tab is in view: ask for what it needs, unless that is there."""

    def take(self, pick: Pick, slot: str) -> None:
        """A sentence or points were sent here; `slot` is one of those the tab's `Kind` names."""

    def take_rows(self, indices: Sequence[int], slot: str) -> None:
        """Several test sentences, by their sorted indices, were chosen on a map for a slot that takes many."""

    def ask(self) -> None:
        """Ask the models anew, as after another choice of how sentences are made."""

    def renew(self) -> None:
        """Other models can answer than those that were asked; as `ask`, unless more of the tab depends on them."""
        self.ask()

    def place_anew(self) -> None:
        """Other maps are there, or the first: what the tab shows on them, or takes from their cache, is asked anew."""

    def step(self, by: int) -> None:
        """The keys Left (-1) and Right (+1) were pressed while the tab is in view."""

    def settle(self) -> None:
        """The models go, as another run is opened: what they have answered that is to stay is taken over now."""

    @property
    def under_way(self) -> str:
        """What is being decoded that would be lost with the window, in a sentence; "" for nothing."""
        return ""

    def forget(self) -> None:
        """Another run is opened: nothing of this one is kept, and none of its answers is waited for."""

    def wish(self) -> Wish:
        """What a person wants of the tab now."""
        return Wish()

    def want(self, wish: Any) -> None:
        """Want this instead, as `wish` gave it, and ask for what answers it where that is another."""

    def deed(self, words: str, key: str = "") -> AbstractContextManager[None]:
        """What is done within is done for a person, and can be undone under these words; see `History.deed`."""
        return self._context.history.deed(words, key and f"{self.name}, {key}")

    def everything(self) -> None:
        """Show all of the state anew, as after a change of theme."""
        self.refresh.everything()

    def show(self, in_view: bool) -> None:
        """The tab is in view or not."""
        self.refresh.show(in_view)

    def flush(self) -> None:
        """Show what changed, now."""
        self.refresh.flush()

    def close(self) -> None:
        """The window is closed: show nothing any more."""
        self.refresh.stop()

    def on_maps(self) -> OnMaps:
        """What the maps show of this tab while it is in view."""
        return OnMaps()

    def way_step(self) -> int:
        """The step of the ways in `on_maps` that is in view; -1 for none."""
        return -1

    def show_on_maps(self) -> None:
        """Have the maps show what `on_maps` and `way_step` say now, if the tab is in view."""
        if self._explorer.tab == self.name:
            self._explorer.on_maps = self.on_maps()
            self._explorer.way_step = self.way_step()

    def send(self, pick: Pick, place: Place) -> None:
        """Send something on."""
        self.sent.emit(pick, place)

    def gather(self, rows: Sequence[GatheredRow | None]) -> None:
        """Put rows into the table; None is left out."""
        there = tuple(row for row in rows if row is not None)
        if there:
            self.gathered.emit(there)

    def awaited(self, answers: _Answers) -> _Answers:
        """Nobody waits for models that could not be loaded."""
        return replace(answers, busy=answers.busy and self._explorer.models.kind != "failed")

    def note(self, usual: str, *stages: Stage) -> str:
        """What stands where there is nothing yet: what is waited for or has failed, else `usual`.

        Args:
            usual: what to do for something to stand here.
            stages: what has to be ready for it, the most telling first; the models if none is given.
        """
        notes = (stage.note("") for stage in stages or (self._explorer.models,))
        return next((note for note in notes if note), usual)
