"""The bench put together: its tabs, made when they are wanted first, and how sentences are made in all of them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.bench.bench_tab import BenchTab
from app.bench.decoding_bar import DecodingBar
from app.bench.tabs import first_place, kind_of, places
from app.core.picks import Pick, Place
from app.core.refresh import Refresh
from app.run.atlas import Atlas
from app.run.context import Context
from app.widgets.tab_pane import TabPane


class Bench(QObject):
    """Everything behind the lower part of the window.

    Signals:
        gathered: rows (tuple of `GatheredRow`) for the table.
        pointed: a test sentence's index was chosen; the maps show it.
        told: a word to the person.
        failed: what went wrong, and what to do next.
        made: the name of a tab that has just been made, and the tab.
    """

    made = Signal(str, object)
    gathered = Signal(object)
    pointed = Signal(int)
    told = Signal(str)
    failed = Signal(str, str)

    def __init__(
        self, context: Context, pane: TabPane, decoding: DecodingBar, views: Mapping[str, QWidget] | None = None
    ) -> None:
        """Put the bench together.

        Args:
            context: of the open run.
            pane, decoding: the views, which the window has laid out.
            views: those of tabs that are there already, by their names.
        """
        super().__init__()
        self._views = views or {}
        self._context, self._explorer = context, context.state
        self.tabs: dict[str, BenchTab] = {}
        self.pane, self.decoding = pane, decoding
        self.pane.set_takers({place.tab for place in places()})
        self.pane.opened.connect(self.open)
        self.pane.dropped.connect(lambda pick, tab: self.send(pick, first_place(tab)))
        self.refresh = Refresh({self._show_choice: ("choice",), self._show_tab: ("tab",)}, [self._explorer])
        self._atlas: Atlas | None = None
        self._explorer.events.maps.connect(self._maps_changed, check_nargs=False, max_args=0)
        self.tab(self._explorer.tab)

    def tab(self, name: str) -> BenchTab:
        """A tab, by its name."""
        if name not in self.tabs:
            made = kind_of(name).make(self._context, self._views.get(name))
            made.sent.connect(self.send)
            made.gathered.connect(self.gathered)
            made.pointed.connect(self.pointed)
            made.told.connect(self.told)
            made.failed.connect(self.failed)
            self.tabs[name] = made
            self.pane.set_page(name, made.view)
            made.show(self._explorer.tab == name)
            with self._context.history.quiet():
                self.made.emit(name, made)
            self._context.history.watch(name, made)
        return self.tabs[name]

    def open(self, name: str) -> None:
        """Open a tab."""
        self._explorer.tab = name
        opened = self.tab(name)
        opened.opened()
        for other, tab in self.tabs.items():
            tab.show(other == name)
        opened.show_on_maps()

    def send(self, pick: Pick, place: Place) -> None:
        """A sentence or points go to a tab, which is opened; the table gathers them out of sight."""
        tab, pick = self.tab(place.tab), pick.within(self._explorer.run)
        what = "a point" if pick.is_point else "a sentence"
        with self._context.history.deed(f"put {what} into {place.label}"):
            tab.take(pick, place.slot)
        if place.tab != "Table":
            self._explorer.tab = place.tab

    def ask(self) -> None:
        """Ask the models anew in every tab; in the open one last, so that it is answered first."""
        for name in self._open_one_last():
            self.tabs[name].ask()

    def renew(self) -> None:
        """Other models can answer than those that were asked: ask them in every tab, in the open one last."""
        for name in self._open_one_last():
            self.tabs[name].renew()

    def reopened(self) -> None:
        """Another run is being opened: ask for what the open tab shows without being told, once that is possible."""
        self.tab(self._explorer.tab).opened()

    def step(self, by: int) -> None:
        """The keys Left (-1) and Right (+1) belong to the open tab."""
        self.tab(self._explorer.tab).step(by)

    def settle(self) -> None:
        """The models go: take over what they have answered and is to stay. Before anything is forgotten."""
        for tab in self.tabs.values():
            tab.settle()

    @property
    def under_way(self) -> list[str]:
        """What is being decoded that would be lost with the window, a sentence each."""
        return [tab.under_way for tab in self.tabs.values() if tab.under_way]

    def forget(self) -> None:
        """Another run is opened: nothing of this one is kept, but for the rows of the table."""
        self._atlas = None
        for tab in self.tabs.values():
            tab.forget()

    def everything(self) -> None:
        """Show all anew, as after a change of theme."""
        self.refresh.everything()
        for tab in self.tabs.values():
            tab.everything()

    def flush(self) -> None:
        """Show what changed, now."""
        self.refresh.flush()
        self.tab(self._explorer.tab).flush()

    def close(self) -> None:
        """The window is closed: show nothing any more."""
        self.refresh.stop()
        for tab in self.tabs.values():
            tab.close()

    def _open_one_last(self) -> list[str]:
        return sorted(self.tabs, key=lambda name: name == self._explorer.tab)

    def _maps_changed(self) -> None:
        """Other maps than before are there: what is wanted is placed on them."""
        if self._explorer.maps.kind == "ready" and self._context.atlas is not self._atlas:
            self._atlas = self._context.atlas
            for name in self._open_one_last():
                self.tabs[name].place_anew()

    # what the views are told

    def _show_choice(self) -> None:
        self.decoding.set_choice(self._explorer.choice)

    def _show_tab(self) -> None:
        self.pane.show_tab(self._explorer.tab)
        # One that was left and opened again before it was seen was out of sight for what came between.
        self.tab(self._explorer.tab).opened()
        self.decoding.set_prior(kind_of(self._explorer.tab).from_prior)
