"""The tab that walks from one sentence through others to the last: stops, a slider, and a sentence for every step."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app.bench.interpolate import way
from app.bench.interpolate.column_notes import ColumnNotes
from app.bench.interpolate.path_rows import PathRows
from app.bench.interpolate.state import FEWEST, MOST, Path
from app.bench.interpolate.stops_row import StopsRow
from app.core.picks import Pick
from app.core.values import Column
from app.widgets.length_note import LengthNote
from app.widgets.parts import EDGE, Segmented, button, label, put_number, spin_box, under_way
from app.widgets.pick_field import PickField
from app.widgets.pictures.columns import Remarks, Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.sentence_grid import SentenceGrid


class InterpolateView(QWidget):
    """Ends A and B, the stops, the step, and the sentences of all steps in the columns of the maps."""

    end_picked = Signal(str, object)
    stop_wanted = Signal()
    position_changed = Signal(int)
    slerp_chosen = Signal(bool)
    steps_changed = Signal(int)
    fold_toggled = Signal(bool)
    random_requested = Signal()
    add_requested = Signal()
    figure_name = "this interpolation"

    def __init__(self, fewest: int = FEWEST, most: int = MOST) -> None:
        """Args: fewest, most: steps that can be chosen."""
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._rows = PathRows((), Path(), {}, False)
        self.fields = {end: self._field(end) for end in ("A", "B")}
        self.stops = StopsRow()
        fields = {**self.fields, **{str(i): field for i, field in enumerate(self.stops.all)}}
        self.lengths = LengthNote(fields, lambda: {**self.fields, **self.stops.named})
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setPageStep(1)
        self.slider.setMinimumWidth(110)
        self.slider.setAccessibleName("Step between A and B")
        self.slider.setToolTip("The step between A and B (Left and Right keys)")
        self.slider.valueChanged.connect(self.position_changed)
        self._step = label(role="value")
        self._line = Segmented(
            [
                ("lerp", "lerp", "A straight line from A to B, as in the paper"),
                ("slerp", "slerp", "Along the arc: keeps the distance from the origin"),
            ]
        )
        self._line.chosen.connect(lambda value: self.slerp_chosen.emit(value == "slerp"))
        random = button("Random pair", "Two test sentences by chance (key R)", "shuffle")
        random.clicked.connect(self.random_requested)
        self._add = button("Add to table", "Keep the sentences of all steps in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._note = label(role="muted", wrap=True)
        self.steps = spin_box(
            fewest, most, "Steps from each stop to the next; the paper takes 10, which is 11 sentences"
        )
        self.steps.setAccessibleName("Steps from each stop to the next")
        self.steps.valueChanged.connect(self.steps_changed)
        self.fold = button("Fold repeats", "Say a run of equal sentences once, with its steps: 3–6")
        self.fold.setCheckable(True)
        self.fold.clicked.connect(self.fold_toggled)
        self.more = button("Stop", "Lead the way through one more sentence or point, up to six", "plus")
        self.more.clicked.connect(self.stop_wanted)
        self.smoothness = ColumnNotes()
        self._grid = SentenceGrid("Steps of the interpolation")
        self._grid.row_pressed.connect(lambda row: self.position_changed.emit(self._rows.step_of(row)))
        top = _line_of(
            label("A", role="title"), (self.fields["A"], 3), (self.slider, 2), self._step, label("B", role="title"),
            (self.fields["B"], 3), self._line, random, self._add,
        )  # fmt: skip
        notes = _line_of((self._note, 1), self.more, label("steps", role="muted"), self.steps, self.fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.stops)
        column.addWidget(self.lengths)
        column.addLayout(notes)
        column.addWidget(self.smoothness)
        column.addWidget(self._grid, 1)
        self.show_position(0)

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
        self.smoothness.set_columns(columns)

    def show_choices(self, stops: tuple[Pick, ...], steps: int, slerp: bool, fold: bool) -> None:
        """Show the stops, A and B included, and how the way between them is made and shown."""
        a, *through, b = stops
        self.fields["A"].set_pick(a)
        self.fields["B"].set_pick(b)
        self.stops.set_stops(tuple(through))
        self.more.setEnabled(len(through) < way.MOST_BETWEEN)
        self._line.set_value("slerp" if slerp else "lerp")
        put_number(self.steps, steps)
        self.fold.setChecked(fold)

    def show_path(self, path: Path, position: int, fold: bool, broken: Mapping[str, str], note: str) -> None:
        """Show the steps; `note` stands while there are none."""
        self._add.setEnabled(bool(path.readings) and not path.busy)
        last = path.end
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, last)
        self._step.setMinimumWidth(self._step.fontMetrics().horizontalAdvance(f"{last} / {last} ") + 4)
        self._rows = PathRows(self._columns, path, broken, fold)
        self._grid.show_rows(self._rows)
        self.smoothness.show_notes(
            {
                name: (way.smoothness_line(numbers), way.smoothness_tip(numbers))
                for name, numbers in path.smoothness.items()
                if name in path.readings and name not in broken
            }
        )
        self.show_position(position)
        self._note.setText(path.problem or (under_way(path.how, path.busy) if path.readings else note))

    def show_position(self, position: int) -> None:
        """Emphasise a step."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(position)
        self._step.setText(f"{position} / {self.slider.maximum()}")
        self._grid.set_current(self._rows.row_of(position))

    def figure(self) -> Figure | None:
        """All steps as a figure; None while there are none."""
        if not self._grid.rows:
            return None
        a, *through, b = (f"“{field.pick.label}”" for field in (self.fields["A"], *self.stops.fields, self.fields["B"]))
        title = f"Interpolation from {a} to {b}" + (f" through {', '.join(through)}" if through else "")
        parts = Remarks(self.smoothness.texts), Sentences(self._grid.rows, self._grid.current)
        facts = f"{self.steps.value()} steps from each stop to the next", self._note.text()
        return columns_figure("interpolation", title, self._columns, parts, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def texts(self) -> list[list[str]]:
        """The text of the steps, row by row."""
        return self._grid.texts


def _line_of(*widgets: QWidget | tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(EDGE, 0, EDGE, 0)
    row.setSpacing(8)
    for each in widgets:
        widget, stretch = each if isinstance(each, tuple) else (each, 0)
        row.addWidget(widget, stretch)
    return row
