"""A click on an empty place of a map: what lies around it is found, decoded in every variant, and shown as a guess."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from app.core.choice import Choice
from app.core.values import Mark, Reading
from app.maps.guess import requests, words
from app.maps.guess.requests import Asked, Surroundings
from app.run.context import Context

if TYPE_CHECKING:
    from app.core.requests import Result
    from app.maps.guess.guess_window import GuessWindow
    from app.maps.panel import MapPanel
    from app.maps.row import MapRow
    from app.run.atlas import Atlas

_AROUND, _DECODE = "around a place", "guess"


class Guessing(QObject):
    """The guess that is looked at, if there is one.

    Signals:
        began: a place is guessed.
        changed: its places on the maps are others.
        failed: why there is none.
    """

    began = Signal()
    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: Context, row: MapRow) -> None:
        """Args: context: of the open run; row: of the maps."""
        super().__init__()
        self._context, self._row = context, row
        self.window: GuessWindow | None = None
        """Made when something is guessed first."""

        self._around: Surroundings | None = None
        self._atlas: Atlas | None = None  # that of the map on which the place lies
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._refused: dict[str, str] = {}
        self._choice: Choice | None = None  # how it was decoded
        self.marks: dict[str, tuple[Mark, ...]] = {}
        """Where the guess lies on each map: the place itself, and where the other variants have its mean."""
        row.panel_made.connect(self._watch)

    @property
    def decoded(self) -> bool:
        """Whether every variant has answered."""
        models, archive = self._context.models, self._context.archive
        return self._around is not None and not models.awaits(_DECODE) and not archive.awaits(_AROUND)

    def guess(self, variant: str, x: float, y: float) -> None:
        """A place (x, y) on a variant's map is to be guessed."""
        self.began.emit()
        asked, self._atlas = Asked(variant, (x, y)), self._context.atlas
        self.marks = {variant: (Mark("guess", asked.spot, "warning"),)}
        self.changed.emit()
        work = partial(requests.look_around, asked=asked, variants=self._context.state.usable())
        self._context.archive.ask(_AROUND, work, self._found, self._looked)

    def forget(self) -> None:
        """It is not looked at any more, or its maps are gone."""
        self._context.archive.forget(_AROUND)
        self._context.models.forget(_DECODE)
        self._around, self._readings, self._refused, self._atlas = None, {}, {}, None
        if self.marks:
            self.marks = {}
            self.changed.emit()
        if self.window is not None:
            self.window.hide()

    def escape(self) -> bool:
        """Escape was pressed: let go of the guess, if there is one; whether there was."""
        looked_at = bool(self.marks)
        if looked_at:
            self.forget()
        return looked_at

    def renew(self) -> None:
        """Other maps or variants are in view, or decoding is another: of maps that are gone there is no guess."""
        if not self.marks:
            return
        if self._context.atlas is not self._atlas or self._context.state.maps.kind != "ready":
            self.forget()
        elif self._around is not None and self._choice != self._context.state.choice:
            self._decode(self._around)
        elif self._around is not None:
            self._show()

    def _watch(self, panel: MapPanel) -> None:
        panel.map.ground_clicked.connect(lambda x, y: self.guess(panel.variant, x, y))

    def _looked(self, problem: str) -> None:
        if problem:
            self.forget()
            self.failed.emit(problem)

    def _found(self, around: Surroundings) -> None:
        self._around = around
        self._decode(around)

    def _decode(self, around: Surroundings) -> None:
        self._readings, self._refused, self._choice = {}, {}, self._context.state.choice
        self._show()
        work = partial(requests.decode, z=around.z, choice=self._choice, place=self._context.place)
        self._context.models.ask(_DECODE, work, self._decoded, self._finished)

    def _decoded(self, result: Result) -> None:
        from app.core.requests import Answer, Failure

        if self._around is None:
            return
        if isinstance(result, Failure):
            self._refused[result.variant] = result.reason
        elif isinstance(result, Answer):
            self._readings[result.variant] = result.readings
            if result.spots and result.variant != self._around.asked.variant:
                self.marks = {**self.marks, result.variant: (Mark("guess", result.spots[0], "warning"),)}
                self.changed.emit()
        self._show()

    def _finished(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)

    def _show(self) -> None:
        around, atlas, explorer = self._around, self._context.atlas, self._context.state
        if around is None or atlas is None:
            return
        if self.window is None:
            from app.maps.guess.guess_window import GuessWindow

            self.window = GuessWindow(self._row.window())
            self.window.rejected.connect(self.forget)
        label = next((each.label for each in explorer.columns if each.name == around.asked.variant), "")
        columns = explorer.visible()
        draws = max((len(rows) - 1 for rows in around.z.values()), default=0)
        self.window.set_columns(columns)
        about = words.about(label, atlas.sentence(around.indices[0]), len(around.indices))
        self.window.show_guess(about, words.rows_of(columns, self._readings, self._refused, draws))
        if not self.window.isVisible():
            self.window.stand_beneath(self._row, self._seen(around.asked))
            self.window.show()

    def _seen(self, asked: Asked) -> QPoint:
        """Where the place is on the screen."""
        view, (x, y) = self._row.panels[asked.variant].map, asked.spot
        x0, x1, y0, y1 = view.view_range()
        return view.mapToGlobal(
            QPoint(round((x - x0) / (x1 - x0) * view.width()), round((y1 - y) / (y1 - y0) * view.height()))
        )
