"""The Reconstruct tab: what the models make of one sentence or point, and closer looks at how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.bench.bench_tab import BenchTab
from app.bench.reconstruct.inspection.inspection import Inspection
from app.bench.reconstruct.state import ReconstructState, ReconstructWish
from app.bench.reconstruct.view import ReconstructView
from app.bench.rows import decoded_row
from app.core import requests
from app.core.answers import take_decoded
from app.core.picks import NOTHING, Pick
from app.core.refresh import Refresh
from app.core.requests import Result
from app.core.values import Decoded, Made, Mark, OnMaps
from app.run.context import Context
from app.widgets.text_field import typed_on

if TYPE_CHECKING:
    from engine.session import Session

TYPING_MS = 120
_CHANNEL = "reconstruct"
_TYPE = "What this model makes of your sentence will stand here."


class Reconstruct(BenchTab):
    """A typed sentence is encoded and decoded a moment after the last key; a point that was sent is decoded."""

    name = "Reconstruct"
    view: ReconstructView

    def __init__(self, context: Context, pause: int = TYPING_MS, view: ReconstructView | None = None) -> None:
        super().__init__(context)
        self.state = ReconstructState()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause)
        self._pause.timeout.connect(self.ask)
        self.view = view or ReconstructView()
        self.inspection = Inspection(context)
        self._connect()
        self.refresh = Refresh(
            {
                self._show_columns: ("columns", "shown"),
                self._show_limits: ("limits",),
                self._show_typed: ("typed", "point", "reconstructed", "columns", "shown", "broken", "models"),
                self.show_on_maps: ("maps", "reconstructed"),
            },
            [self.state, context.state],
            in_view=False,
        )
        self._maps_changed()

    def _connect(self) -> None:
        view, inspection = self.view, self.inspection
        view.picked.connect(self.fill)
        view.add_requested.connect(self.add_to_table)
        view.look_chosen.connect(inspection.open)
        view.gather_requested.connect(inspection.gather)
        inspection.gathered.connect(
            lambda rows: self.gather([replace(row, index=self._index(row.source)) for row in rows])
        )
        inspection.view_made.connect(view.add_look)
        inspection.opened.connect(view.show_look)
        inspection.addable.connect(view.set_addable)
        inspection.blank_wanted.connect(view.make_blank)
        inspection.state.events.look.connect(self._tell_look)
        self.state.events.reconstructed.connect(self._look_at, check_nargs=False, max_args=0)
        self._explorer.events.maps.connect(self._maps_changed, check_nargs=False, max_args=0)

    # the tab

    @property
    def in_view(self) -> QWidget:
        """The look that is open."""
        return self.view.open_page

    def take(self, pick: Pick, slot: str = "") -> None:
        """A sentence or points were sent here."""
        with self.deed("choose the sentence of Reconstruct"):
            self._take(pick)

    def fill(self, pick: Pick) -> None:
        """A sentence or points were typed or dropped here."""
        going_on = not pick.is_point and typed_on(self.state.given.label, pick.text)
        words = "empty the field of Reconstruct" if pick == NOTHING else "type a sentence"
        with self.deed(words, "typing" if going_on else ""):
            self._take(pick)

    def _take(self, pick: Pick) -> None:
        if not pick.is_point:
            self.type(pick.text)
            self.state.index = pick.index
            return
        self._pause.stop()
        self.state.typed, self.state.point = "", pick
        self.ask()

    def ask(self) -> None:
        """Reconstruct what is typed or was sent, now. What was shown stays until the new answer replaces it."""
        state, point = self.state, self.state.point
        text = point.text if point.is_point else state.typed.strip()
        if not text:
            return
        before = replace(state.reconstructed, text=text, problem="", failed={}, busy=True)
        state.reconstructed = replace(before, words=(), unknown=()) if point.is_point else before
        choice, variants, place = self._explorer.choice, self._explorer.usable(), self._context.place

        def take(result: Result) -> None:
            state.reconstructed = take_decoded(state.reconstructed, result)

        def finish(problem: str) -> None:
            base = Decoded(text=text) if problem else state.reconstructed
            state.reconstructed = take_decoded(base, None, problem)

        def work(session: Session) -> Iterator[Result]:
            if point.is_point:
                return requests.decode_points(session, point, variants, choice, place)
            return requests.reconstruct(session, text, variants, choice, place)

        self._context.models.ask(_CHANNEL, work, take, finish)

    def wish(self) -> ReconstructWish:
        """What the field holds, and how it is looked at."""
        state, look = self.state, self.inspection.state
        return ReconstructWish(
            *(state.given, look.look, look.draws, look.cloud_seed, look.tree_variant),
            *(look.tree_listed, look.pruned, look.fill_count),
        )

    def want(self, wish: ReconstructWish) -> None:
        """Reconstruct something else, or look otherwise."""
        if wish.given != self.state.given:
            self._take(wish.given)
            self._pause.stop()
            self.ask()
        looks = self.inspection.controller
        looks.set_draws(wish.draws)
        looks.set_cloud_seed(wish.cloud_seed)
        looks.set_fill_count(wish.fill_count)
        looks.show_tree(wish.tree_variant)
        looks.list_best(wish.tree_listed)
        looks.show_pruned(wish.pruned)
        if wish.look != self.inspection.state.look:
            looks.look(wish.look)

    def place_anew(self) -> None:
        """The sentence has a place on the maps that are there now."""
        self.ask()

    def forget(self) -> None:
        """Another run is opened."""
        self._pause.stop()
        self._context.models.forget(_CHANNEL)
        self.state.typed, self.state.point, self.state.reconstructed = "", NOTHING, Decoded()
        self.inspection.forget()

    def everything(self) -> None:
        """Show all of the state anew."""
        super().everything()
        self.inspection.refresh.everything()

    def show(self, in_view: bool) -> None:
        """The tab is in view or not."""
        super().show(in_view)
        self.inspection.show(in_view)

    def flush(self) -> None:
        """Show what changed, now."""
        super().flush()
        self.inspection.refresh.flush()

    def close(self) -> None:
        """Show nothing any more."""
        super().close()
        self.inspection.refresh.stop()

    def on_maps(self) -> OnMaps:
        """Where each model has the sentence, or has had the point sent from."""
        label = "sent" if self.state.point.is_point else "typed"
        decoded = self.state.reconstructed
        marks = {name: (Mark(label, spot),) for name, spot in decoded.spots.items()}
        sent = decoded.readings.items() if label == "sent" and marks else ()
        made = {name: (Made(label, reading.z),) for name, reading in sent if reading.z}
        return OnMaps(marks, said=f"{label}: “{decoded.text}”" if marks else "", made=made)

    # what a person does

    def type(self, text: str) -> None:
        """The text of the field changed."""
        self.state.typed, self.state.index, self.state.point = text, -1, NOTHING
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self._context.models.forget(_CHANNEL)
            self.state.reconstructed = Decoded()

    def add_to_table(self) -> None:
        """Gather the sentence with its reconstructions."""
        decoded = self.state.reconstructed
        self.gather([decoded_row(decoded.text, decoded, self._index(decoded.text))])

    def _index(self, text: str) -> int:
        """The test sentence that `text` is, if that is known; or -1."""
        return self.state.index if text == self.state.typed.strip() else -1

    def _tell_look(self, look: str) -> None:
        self._explorer.faces = {**self._explorer.faces, self.name: look if look != "sentence" else ""}

    def _look_at(self) -> None:
        self.inspection.look_at(self.state.reconstructed.text, self.state.point)

    def _maps_changed(self) -> None:
        """A real sentence of this run stands in the empty field."""
        atlas = self._context.atlas
        if self._explorer.maps.kind == "ready" and atlas is not None and atlas.n:
            self.view.set_example(atlas.sentence(0))

    # what the view is told

    def _show_limits(self) -> None:
        self.view.lengths.set_limits(self._explorer.limits)

    def _show_columns(self) -> None:
        self.view.set_columns(self._explorer.visible())

    def _show_typed(self) -> None:
        state = self.state
        given = state.given
        self.view.show_typed(given, self.awaited(state.reconstructed), self._explorer.broken, self.note(_TYPE))
