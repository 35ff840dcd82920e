"""Closer looks at one sentence, put together: state, controller and the views, which are made when they are wanted.

They are the posterior cloud, the token credit, the beam tree and the fillings of a blank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.bench.reconstruct.inspection.controller import InspectionController
from app.bench.reconstruct.inspection.rows import rows
from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import Answers, Look
from app.core.choice import BLANK
from app.core.picks import Pick
from app.core.refresh import Refresh
from app.run.context import Context

_Found = TypeVar("_Found")

_NOTES: dict[Look, str] = {
    "cloud": "Type a sentence: what this model makes of many samples of its z will stand here.",
    "credit": "Type a sentence: its words, shaded by what z adds to each, will stand here.",
    "tree": "Type a sentence: the search for its words will be drawn here.",
    "fill": f"Write {BLANK} for a missing word, as in: he {BLANK} the door.",
}


class Inspection(QObject):
    """Everything behind the closer looks at one sentence.

    Signals:
        gathered: rows (tuple of `GatheredRow`) for the table.
        view_made: the name of a look and its view (QWidget), made when it is wanted first.
        opened: the name of the look that is in view from now on.
        addable: whether the open look has sentences for the table.
        blank_wanted: a word of the sentence is to give way to a blank.
    """

    gathered = Signal(object)
    view_made = Signal(str, QWidget)
    opened = Signal(str)
    addable = Signal(bool)
    blank_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._explorer = context.state
        self.state = InspectionState()
        self.controller = InspectionController(context, self.state)
        self.views: dict[Look, Any] = {}
        shared = ("look", "columns", "shown", "broken", "models")
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._look: ("look",),
            self._addable: ("look", "cloud", "credit", "tree", "fill", "tree_variant", "tree_listed", "shown"),
            self._cloud: ("cloud", "draws", "cloud_seed", *shared),
            self._credit: ("credit", *shared),
            self._tree: ("tree", "tree_variant", "tree_listed", "pruned", *shared),
            self._fill: ("fill", "fill_count", *shared),
        }
        self.refresh = Refresh(renders, [self.state, context.state], in_view=False)

    def open(self, look: str) -> None:
        """Open a look, by its name."""
        self.controller.look(cast(Look, look))

    def look_at(self, text: str, point: Pick) -> None:
        """Look at this sentence, or at what was written from these points; `NOTHING` for a sentence."""
        self.controller.look_at(text, point)

    def show(self, in_view: bool) -> None:
        """The looks are in view or not; nothing is asked while they are not."""
        self.controller.show(in_view)
        self.refresh.show(in_view)

    def forget(self) -> None:
        """Another run is opened."""
        self.controller.forget()

    def gather(self) -> None:
        """Put what the open look shows into the table."""
        self.gathered.emit(rows(self.state, self._explorer.visible()))

    # what the setters are told

    def _look(self) -> None:
        look = self.state.look
        if look != "sentence" and look not in self.views:
            view = self.views[look] = self._make(look)
            self.view_made.emit(look, view)
        self.opened.emit(look)

    def _addable(self) -> None:
        self.addable.emit(bool(rows(self.state, self._explorer.visible())))

    def _cloud(self) -> None:
        if self._in_view("cloud"):
            s, view = self.state, self.views["cloud"]
            view.show_cloud(s.draws, s.cloud_seed, *self._shown(s.cloud))

    def _credit(self) -> None:
        if self._in_view("credit"):
            self.views["credit"].show_credit(*self._shown(self.state.credit))

    def _tree(self) -> None:
        if self._in_view("tree"):
            s = self.state
            self.views["tree"].show_beams(s.tree_variant, s.tree_listed, s.pruned, *self._shown(s.tree))

    def _fill(self) -> None:
        if self._in_view("fill"):
            self.views["fill"].show_fillings(self.state.fill_count, *self._shown(self.state.fill))

    def _in_view(self, look: Look) -> bool:
        """Whether the look is open; its view then knows the columns."""
        if self.state.look != look:
            return False
        self.views[look].set_columns(self._explorer.visible())
        return True

    def _shown(self, answers: Answers[_Found]) -> tuple[Answers[_Found], Any, str]:
        """What a view is given: answers, broken variants, and what stands where there is nothing yet."""
        stage = self._explorer.models
        awaited = replace(answers, busy=answers.busy and stage.kind not in ("failed", "loading"))
        return awaited, self._explorer.broken, stage.note(_NOTES[self.state.look])

    def _make(self, look: Look) -> QWidget:
        """The view of a look."""
        controller = self.controller
        if look == "cloud":
            from app.bench.reconstruct.inspection.cloud_view import CloudView

            cloud = CloudView()
            cloud.draws_changed.connect(controller.set_draws)
            cloud.seed_changed.connect(controller.set_cloud_seed)
            return cloud
        if look == "credit":
            from app.bench.reconstruct.inspection.credit_view import CreditView

            return CreditView()
        if look == "tree":
            from app.bench.reconstruct.inspection.beam_tree_view import BeamTreeView

            tree = BeamTreeView()
            tree.variant_chosen.connect(controller.show_tree)
            tree.listed.connect(controller.list_best)
            tree.pruned_toggled.connect(controller.show_pruned)
            return tree
        from app.bench.reconstruct.inspection.fill_view import FillView

        fill = FillView()
        fill.count_changed.connect(controller.set_fill_count)
        fill.blank_requested.connect(self.blank_wanted)
        return fill
