"""The probe sentences and what each variant makes of them, at any evaluation: one sees the models learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.core import theme
from app.core.values import Column
from app.widgets.labels import ColourChip
from app.widgets.parts import EDGE, SPACING, button, label
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.reading.marks import directed
from app.widgets.sentences import rich_text
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_row import Cell, Row

Words = tuple[str, ...]


class ProbeTable(QWidget):
    """A row a sentence: the sentence itself, then what each variant wrote; words that differ are marked.

    Signals:
        step_chosen: the evaluation, or None for the newest.
    """

    step_chosen = Signal(object)
    figure_name = "the probe sentences"

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[int, ...] = ()
        self._columns: tuple[Column, ...] = ()
        self._cells: list[list[QLabel]] = []
        self._sentences: Sequence[Words] = ()
        self._written: Mapping[str, Sequence[Words]] = {}
        self._shown: dict[tuple[int, int], tuple[object, ...]] = {}
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip("The evaluation whose sentences are shown (Left and Right)")
        self.slider.setAccessibleName("Evaluation")
        self.slider.valueChanged.connect(self._moved)
        self._step = label(role="value")
        self._step.setMinimumWidth(self._step.fontMetrics().horizontalAdvance("step 8,888,888") + 4)
        self._newest = button("Newest", "Follow the newest evaluation")
        self._newest.clicked.connect(lambda: self.step_chosen.emit(None))
        self._note = label("greedy, z = μ", role="label")
        self._note.setToolTip("A few test sentences, always the same. " + rich_text.DIFFERENCE_NOTE)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(10)
        top.addWidget(label("Evaluation", role="muted"))
        top.addWidget(self.slider, 1)
        top.addWidget(self._step)
        top.addWidget(self._newest)
        top.addWidget(self._note)
        self._bar = QWidget()
        self._bar.setLayout(top)
        self._empty = label(role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(EDGE, 0, EDGE, 8)
        self._grid.setHorizontalSpacing(SPACING * 2)
        self._grid.setVerticalSpacing(6)
        self._area = QScrollArea()
        self._area.setAccessibleName("Sentences written again")
        self._area.setProperty("role", "reading")
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._bar)
        column.addWidget(self._empty, 1)
        column.addWidget(self._area, 1)
        self.set_steps((), None, "")

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns != self._columns:
            self._columns = columns
            self._build(len(self._cells))

    def set_steps(self, steps: tuple[int, ...], chosen: int | None, empty: str) -> None:
        """The evaluations there are and the chosen one (None: the newest); `empty` says why there are none."""
        self._steps = steps
        self._bar.setVisible(bool(steps))
        self._area.setVisible(bool(steps))
        self._empty.setVisible(not steps)
        self._empty.setText(empty)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, len(steps) - 1))
            self.slider.setPageStep(max(1, len(steps) // 10))
            self.slider.setValue(steps.index(chosen) if chosen in steps else max(0, len(steps) - 1))
        if not steps:
            return
        self.slider.setEnabled(len(steps) > 1)
        self._step.setText(f"step {steps[self.slider.value()]:,}")
        self._newest.setEnabled(chosen is not None)

    def show_sentences(self, sentences: Sequence[Words], written: Mapping[str, Sequence[Words]]) -> None:
        """Show the sentences and what each variant made of them, in the same order."""
        if len(sentences) != len(self._cells):
            self._build(len(sentences))
        self._sentences, self._written = sentences, written
        now = theme.current()
        for row, sentence in enumerate(sentences):
            self._set(row, 0, (sentence, now.mode), lambda words=sentence: _plain(words, now))
            for i, column in enumerate(self._columns, start=1):
                made = written.get(column.name, ())
                words = made[row] if row < len(made) else None
                self._set(row, i, (sentence, words, now.mode), lambda a=sentence, b=words: _marked(a, b, now))

    def figure(self) -> Figure | None:
        """The table as a figure; None before anything was written."""
        if not self._steps or not self._sentences:
            return None
        rows = [
            Row((Cell(_spans(said, said)), *(Cell(_spans(said, self._made(column, i))) for column in self._columns)))
            for i, said in enumerate(self._sentences)
        ]
        step = self._steps[self.slider.value()]
        facts = (f"At step {step:,}, {self._note.text()}. {rich_text.DIFFERENCE_NOTE}",)
        heads = Column("", "Test sentence", ""), *self._columns
        return columns_figure(
            f"probe-sentences-{step}", "Probe sentences", heads, (Sentences(rows),), facts, self.width()
        )

    def _made(self, column: Column, row: int) -> Words | None:
        made = self._written.get(column.name, ())
        return made[row] if row < len(made) else None

    @property
    def texts(self) -> list[list[str]]:
        """What stands in the table, as HTML."""
        return [[cell.text() for cell in row] for row in self._cells]

    def _set(self, row: int, column: int, stamp: tuple[object, ...], text: object) -> None:
        """Write a cell, unless that stands there already."""
        if self._shown.get((row, column)) != stamp:
            self._shown[row, column] = stamp
            self._cells[row][column].setText(text())  # type: ignore[operator]

    def _build(self, rows: int) -> None:
        self._shown.clear()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._grid.addWidget(label("Test sentence", role="label"), 0, 0)
        for i, column in enumerate(self._columns, start=1):
            self._grid.addWidget(_head(column), 0, i)
        self._cells = [[_cell() for _ in range(len(self._columns) + 1)] for _ in range(rows)]
        for row, cells in enumerate(self._cells, start=1):
            for i, cell in enumerate(cells):
                self._grid.addWidget(cell, row, i)
        for i in range(9):
            self._grid.setColumnStretch(i, 1 if i <= len(self._columns) else 0)
        for i in range(self._grid.rowCount()):
            self._grid.setRowStretch(i, 0)
        self._grid.setRowStretch(rows + 1, 1)

    def _moved(self, index: int) -> None:
        newest = index == len(self._steps) - 1
        self.step_chosen.emit(None if newest else self._steps[index])


def _head(column: Column) -> QWidget:
    head = QWidget()
    row = QHBoxLayout(head)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    chip = ColourChip()
    chip.set_colour(column.colour)
    row.addWidget(chip)
    row.addWidget(label(column.label, role="label"), 1)
    return head


def _cell() -> QLabel:
    cell = label(wrap=True, selectable=True)
    cell.setTextFormat(Qt.TextFormat.RichText)
    cell.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    cell.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return cell


def _plain(words: Words, now: theme.Theme) -> str:
    return directed(rich_text.unknown_html(words, [False] * len(words), now), " ".join(words))


def _spans(sentence: Words, words: Words | None) -> tuple[Span, ...]:
    """What a variant wrote, for a figure."""
    if not words:
        return (Span("–" if words is None else "(no words)", "muted"),)
    return rich_text.diff_spans(sentence, words)


def _marked(sentence: Words, words: Words | None, now: theme.Theme) -> str:
    if words is None:
        return f'<span style="color:{now.muted}">–</span>'
    if not words:
        return f'<span style="color:{now.muted}">(no words)</span>'
    return directed(rich_text.diff_html(sentence, words, now), " ".join(words))
