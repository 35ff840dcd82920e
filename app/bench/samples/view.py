"""The tab with sentences out of nothing: z drawn from the prior N(0, I), decoded by every variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from app.bench.samples import words
from app.bench.samples.state import Draw, Memory, Samples
from app.core.readings import no_answer, numbers_line, sentence_pick
from app.core.values import Column, Reading
from app.widgets.parts import EDGE, Segmented, button, dress_number, label, put_number, spin_box, under_way
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Row

_NEW_LINE = "\N{LINE SEPARATOR}"


class PriorSamplesView(QWidget):
    """What is drawn and how, and the samples in the columns of the maps.

    Signals:
        changed: the `Draw` that a person wants instead.
        new_seed_requested: other sentences.
        nearest_toggled: whether the nearest training sentences are wanted.
        add_requested: the samples are to go to the table.
    """

    changed = Signal(object)
    new_seed_requested = Signal()
    nearest_toggled = Signal(bool)
    add_requested = Signal()
    figure_name = "these samples"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._draw = Draw()
        self.count = spin_box(1, 50, "How many sentences to draw for each variant")
        self.count.valueChanged.connect(lambda value: self._change(count=value))
        self.seed = spin_box(0, 999_999, "The seed of the draw: the same seed gives the same sentences", grouped=False)
        self.seed.valueChanged.connect(lambda value: self._change(seed=value))
        fresh = button("New seed", "Draw other sentences", "refresh")
        fresh.clicked.connect(self.new_seed_requested)
        self.filter = button(
            "4–20 tokens",
            "Keep only sentences of 4 to 20 tokens (words and punctuation marks) without an unknown word, as the\n"
            "paper does. How many draws are thrown away for it stands above each column.",
        )
        self.filter.setCheckable(True)
        self.filter.clicked.connect(lambda on: self._change(filtered=on))
        self.words = Segmented(
            [
                ("search", "searched", "Each z gives its most probable words, by the search chosen above"),
                ("sample", "sampled", "The words are drawn too, each in proportion to its probability"),
            ]
        )
        self.words.chosen.connect(lambda value: self._change(sampled=value == "sample"))
        self.temperature = _number(
            0.1, 5.0, "Temperature: below 1 probable words become likelier still, above 1 rare ones are said more often"
        )
        self.temperature.valueChanged.connect(lambda value: self._change(temperature=round(value, 2)))
        self.top_p = _number(
            0.05, 1.0, "top-p: words are drawn from the most probable that have this share together; 1 is all words"
        )
        self.top_p.valueChanged.connect(lambda value: self._change(top_p=round(value, 2)))
        names = [label(name, role="muted") for name in ("temperature", "top-p")]
        self._sampling: list[QWidget] = [names[0], self.temperature, names[1], self.top_p]
        self.nearest = button(
            "Nearest training sentence",
            "Search the training text for the sentence nearest to each sample, by tokens (words and marks) to insert,\n"
            "delete or replace: has the model made it up, or remembered it?\n"
            "The search is exact and takes a while with a large corpus.",
            "search",
        )
        self.nearest.setCheckable(True)
        self.nearest.clicked.connect(self.nearest_toggled)
        self._add = button("Add to table", "Keep these samples in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._note = label(role="muted", wrap=True)
        self._grid = SentenceGrid("Samples of the prior")
        top, notes = QHBoxLayout(), QHBoxLayout()
        for row in (top, notes):
            row.setContentsMargins(EDGE, 0, EDGE, 0)
            row.setSpacing(8)
        for widget in (self.count, label("sentences, seed", role="muted"), self.seed, fresh, self.filter):
            top.addWidget(widget)
        top.addStretch(1)
        for widget in (self.nearest, self._add):
            top.addWidget(widget)
        for made in (label("words", role="muted"), self.words, *self._sampling):
            notes.addWidget(made)
        notes.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(notes)
        column.addWidget(self._grid, 1)
        self.show_draw(self._draw, Memory())

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns

    def show_draw(self, draw: Draw, memory: Memory) -> None:
        """Show what is drawn and how; what does not matter to it is out of sight."""
        self._draw = draw
        values = (
            (self.count, draw.count),
            (self.seed, draw.seed),
            (self.temperature, draw.temperature),
            (self.top_p, draw.top_p),
        )
        for field, value in values:
            put_number(field, value)
        self.filter.setChecked(draw.filtered)
        self.words.set_value("sample" if draw.sampled else "search")
        for widget in self._sampling:
            widget.setVisible(draw.sampled)
        self.nearest.setChecked(memory.wanted)

    def show_samples(self, samples: Samples, memory: Memory, broken: Mapping[str, str], note: str) -> None:
        """Show the draw; `note` stands while there is none."""
        self._add.setEnabled(bool(samples.readings) and not samples.busy)
        parts = [
            samples.problem or (under_way(samples.how, samples.busy) if samples.readings else note),
            words.memory_note(memory),
        ]
        self._note.setText("  ·  ".join(part for part in parts if part))
        if not samples.readings and not samples.failed and not samples.busy:
            self._grid.show_rows([])
            return
        cells = [
            _column_cells(c, samples, memory, broken.get(c.name) or samples.failed.get(c.name, ""))
            for c in self._columns
        ]
        height = max((len(column) for column in cells), default=0)
        filled = [[*column, *[Cell() for _ in range(height - len(column))]] for column in cells]
        rows = enumerate(zip(*filled, strict=True), start=-1)  # the first row says how varied the columns are
        self._grid.show_rows([Row(row, pick=words.sample_pick(samples, i) if i >= 0 else None) for i, row in rows])

    def figure(self) -> Figure | None:
        """All rows as a figure; None while there are none."""
        if not self._grid.rows:
            return None
        facts = f"{self._draw.count} sentences, seed {self._draw.seed}", self._note.text()
        rows, title = (Sentences(self._grid.rows),), "Samples of the prior"
        return columns_figure("prior-samples", title, self._columns, rows, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def texts(self) -> list[list[str]]:
        """The text of the samples, row by row."""
        return self._grid.texts

    def _change(self, **values: object) -> None:
        self.changed.emit(replace(self._draw, **values))  # type: ignore[arg-type]


def _column_cells(column: Column, samples: Samples, memory: Memory, reason: str) -> list[Cell]:
    readings: tuple[Reading, ...] = samples.readings.get(column.name, ())
    thrown = samples.thrown.get(column.name, (0, 0))
    if reason or not (readings or thrown[1]):
        return [Cell((Span(no_answer(reason) if reason else "…", "muted"),))]
    summary = words.samples_note(readings, thrown, memory)
    cells = [Cell((Span(summary, "muted"),), "Of the samples of this column")]
    room = max("00", str(len(readings)), key=len)
    for number, (reading, times) in enumerate(zip(readings, words.duplicates(readings), strict=True), start=1):
        spans, tooltip = [Span(reading.text)], numbers_line(reading)
        if times > 1:
            spans.append(Span(f" ×{times}", "warning"))
            tooltip += f"\nThis sentence occurs {times} times in the column."
        near = memory.near.get(reading.words)
        if near is not None:
            nearest = words.near_words(near)
            spans.append(Span(f"{_NEW_LINE}{nearest}", "warning" if near.edits == 0 else "muted"))
            tooltip += f"\nNearest training sentence: {nearest}; distance {near.distance:.2f}"
        cells.append(Cell(tuple(spans), tooltip, column.colour, str(number), sentence_pick(reading), room))
    return cells


def _number(low: float, high: float, tooltip: str) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.setSingleStep(0.05)
    made.setToolTip(tooltip)
    made.setAccessibleName(tooltip)
    dress_number(made)
    return made
