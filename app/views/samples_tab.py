"""The tab with sentences out of nothing: z drawn from the prior N(0, I), decoded by every variant."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import resolve
from app.state import Column, Reading, Series
from app.views.parts import EDGE, button, label, spin_box
from app.views.rich_text import Span
from app.views.sentence_grid import SentenceGrid
from app.views.sentence_row import Cell, Row


class SamplesTab(QWidget):
    """How many, which seed, and the samples in the columns of the maps."""

    count_changed = Signal(int)
    seed_changed = Signal(int)
    new_seed_requested = Signal()
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._count = spin_box(1, 50, "How many sentences to draw for each variant")
        self._count.valueChanged.connect(self.count_changed)
        self._seed = spin_box(0, 999_999, "The seed of the draw: the same seed gives the same sentences")
        self._seed.valueChanged.connect(self.seed_changed)
        fresh = button("New seed", "Draw other sentences", "refresh")
        fresh.clicked.connect(self.new_seed_requested)
        self._add = button("Add to table", "Keep these samples in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._note = label(role="muted", wrap=True)
        self._grid = SentenceGrid("Samples of the prior")
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        for widget in (self._count, label("sentences, seed", role="muted"), self._seed, fresh):
            top.addWidget(widget)
        top.addWidget(self._note, 1)
        top.addWidget(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._grid, 1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns

    def show_samples(self, count: int, seed: int, samples: Series, broken: Mapping[str, str], note: str) -> None:
        """Show the draw; `note` stands while there is none."""
        with QSignalBlocker(self._count), QSignalBlocker(self._seed):
            self._count.setValue(count)
            self._seed.setValue(seed)
        self._add.setEnabled(bool(samples.readings) and not samples.busy)
        how = f"z drawn from the prior N(0, I), the same in every column  ·  {samples.how}" if samples.readings else ""
        self._note.setText(samples.problem or how or note)
        if not samples.readings and not samples.failed and not samples.busy:
            self._grid.show_rows([])
            return
        cells = [
            _column_cells(c, samples.readings.get(c.name, ()), broken.get(c.name) or samples.failed.get(c.name, ""))
            for c in self._columns
        ]
        height = max((len(column) for column in cells), default=0)
        filled = [[*column, *[Cell() for _ in range(height - len(column))]] for column in cells]
        rows = enumerate(zip(*filled, strict=True), start=-1)  # the first row says how varied the columns are
        self._grid.show_rows([Row(row, pick=resolve.series_pick(samples, i) if i >= 0 else None) for i, row in rows])

    @property
    def texts(self) -> list[list[str]]:
        """The text of the samples, row by row."""
        return self._grid.texts


def _column_cells(column: Column, readings: tuple[Reading, ...], reason: str) -> list[Cell]:
    if not readings:
        return [Cell((Span(f"This model cannot answer: {reason}" if reason else "…", "muted"),))]
    summary = Cell((Span(resolve.distinct_note(readings), "muted"),), "Different sentences among the samples")
    cells = [summary]
    for reading, times in zip(readings, resolve.duplicates(readings), strict=True):
        flag = (Span(f" ×{times}", "warning"),) if times > 1 else ()
        again = f"\nThis sentence occurs {times} times in the column." if times > 1 else ""
        tooltip = resolve.numbers_line(reading) + again
        cells.append(Cell((Span(reading.text), *flag), tooltip, column.colour, pick=resolve.sentence_pick(reading)))
    return cells
