"""The tab that walks from one sentence to another: two ends, a slider, and eleven sentences for each variant."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app import resolve
from app.picks import Pick
from app.state import STEPS, Column, Reading, Series
from app.views.parts import EDGE, Segmented, button, label
from app.views.pick_field import PickField
from app.views.rich_text import Span, diff_spans
from app.views.sentence_grid import SentenceGrid
from app.views.sentence_row import Cell, Row


class InterpolateTab(QWidget):
    """Ends A and B, the step, and the sentences of all steps in the columns of the maps."""

    end_picked = Signal(str, object)
    position_changed = Signal(int)
    slerp_chosen = Signal(bool)
    random_requested = Signal()
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self.fields = {end: self._field(end) for end in ("A", "B")}
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(1)
        self.slider.setMinimumWidth(110)
        self.slider.setToolTip("The step between A and B (Left and Right keys)")
        self.slider.valueChanged.connect(self.position_changed)
        self._step = label(role="value")
        self._step.setMinimumWidth(self._step.fontMetrics().horizontalAdvance("10 / 10 ") + 4)
        self._line = Segmented(
            [
                ("lerp", "lerp", "A straight line from A to B, as in the paper"),
                ("slerp", "slerp", "Along the arc: keeps the distance from the origin"),
            ]
        )
        self._line.chosen.connect(lambda value: self.slerp_chosen.emit(value == "slerp"))
        random = button("Random pair", "Two test sentences by chance (key R)", "shuffle")
        random.clicked.connect(self.random_requested)
        self._add = button("Add to table", "Keep the eleven sentences of each variant in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._note = label(role="muted", wrap=True)
        self._grid = SentenceGrid("Steps of the interpolation")
        self._grid.row_pressed.connect(self.position_changed)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        top.addWidget(label("A", role="title"))
        top.addWidget(self.fields["A"], 3)
        top.addWidget(self.slider, 2)
        top.addWidget(self._step)
        top.addWidget(label("B", role="title"))
        top.addWidget(self.fields["B"], 3)
        for widget in (self._line, random, self._add):
            top.addWidget(widget)
        notes = QHBoxLayout()
        notes.setContentsMargins(EDGE, 0, EDGE, 0)
        notes.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(notes)
        column.addWidget(self._grid, 1)

    def _field(self, end: str) -> PickField:
        field = PickField(
            f"sentence {end}",
            f"Type {end}, or click a point and press {end}",
            f"Sentence {end}: type it, drop a sentence or a point here, or click a point of a map and press {end}",
        )
        field.picked.connect(lambda pick: self.end_picked.emit(end, pick))
        return field

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns

    def show_path(
        self, a: Pick, b: Pick, position: int, slerp: bool, path: Series, broken: Mapping[str, str], note: str
    ) -> None:
        """Show the ends and the steps between them; `note` stands while there are none."""
        for end, field in ((a, self.fields["A"]), (b, self.fields["B"])):
            field.set_pick(end)
        self._line.set_value("slerp" if slerp else "lerp")
        complete = bool(path.readings) and not path.busy
        self._add.setEnabled(complete)
        self._show_rows(path, broken)
        self.show_position(position)
        self._note.setText(path.problem or _summary(path, self._columns) or note)

    def show_position(self, position: int) -> None:
        """Emphasise a step."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(position)
        self._step.setText(f"{position} / {STEPS}")
        self._grid.set_current(position)

    @property
    def texts(self) -> list[list[str]]:
        """The text of the steps, row by row."""
        return self._grid.texts

    def _show_rows(self, path: Series, broken: Mapping[str, str]) -> None:
        if not path.readings and not path.failed and not path.busy:
            self._grid.show_rows([])
            return
        cells = [
            _column_cells(c, path.readings.get(c.name, ()), broken.get(c.name) or path.failed.get(c.name, ""))
            for c in self._columns
        ]
        picks = resolve.step_picks(path)
        self._grid.show_rows([Row(row, pick=pick) for row, pick in zip_longest(zip(*cells, strict=True), picks)])


def _column_cells(column: Column, readings: tuple[Reading, ...], reason: str) -> list[Cell]:
    if not readings:
        text = f"This model cannot answer: {reason}" if reason else "…"
        return [Cell((Span(text, "muted"),)), *[Cell() for _ in range(STEPS)]]
    same = resolve.repeats(readings)
    cells = []
    for i, reading in enumerate(readings):
        if same[i] or i == 0:
            spans: tuple[Span, ...] = (Span(reading.text, "muted" if same[i] else "text"),)
        else:
            spans = diff_spans(readings[i - 1].words, reading.words)
        pick = resolve.sentence_pick(reading)
        cells.append(Cell(spans, resolve.numbers_line(reading), column.colour, str(i), pick))
    return cells


def _summary(path: Series, columns: tuple[Column, ...]) -> str:
    """How many different sentences each variant passes through."""
    counts = [(c.label, path.readings[c.name]) for c in columns if c.name in path.readings]
    parts = [f"{name} {len({r.words for r in readings})} of {len(readings)}" for name, readings in counts]
    return f"{path.how}  ·  different sentences: " + ",  ".join(parts) if parts else ""
