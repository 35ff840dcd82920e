"""The posterior cloud: what each model makes of many samples of q(z|x), equal sentences counted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.bench.reconstruct.inspection.column_cells import (
    CellAt,
    ColumnRows,
    how_line,
    longest,
    marked,
    one_cell,
    quiet_cell,
    reason_of,
)
from app.bench.reconstruct.inspection.values import MOST_DRAWS, Answers, Cloud, CloudGroup
from app.core.readings import numbers_line, sentence_pick
from app.core.values import Column
from app.widgets.parts import button, controls_above, label, put_number, spin_box
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell

FEWEST_DRAWS = 8


class CloudView(QWidget):
    """How many samples, from which seed, and beneath each variant its sentences, the most frequent first.

    Signals:
        draws_changed: how many samples.
        seed_changed: the seed of the first of them.
    """

    draws_changed = Signal(int)
    seed_changed = Signal(int)
    figure_name = "the posterior cloud"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._text = ""
        self._draws = spin_box(FEWEST_DRAWS, MOST_DRAWS, "How many samples z ~ q(z|x) are decoded with each variant")
        self._draws.setAccessibleName("samples of q(z|x)")
        self._draws.setSingleStep(8)
        self._draws.setKeyboardTracking(False)
        self._draws.valueChanged.connect(self.draws_changed)
        self._seed = spin_box(
            0, 999_999, "The seed of the first sample; the next ones have the next seeds", grouped=False
        )
        self._seed.setAccessibleName("seed of the first sample")
        self._seed.setKeyboardTracking(False)
        self._seed.valueChanged.connect(self.seed_changed)
        self.fresh = button("Next samples", "Draw as many other samples: the seeds after these", "refresh")
        self.fresh.clicked.connect(lambda: self._seed.setValue(self._seed.value() + self._draws.value()))
        self._note = label(role="muted", wrap=True)
        self._grid = SentenceGrid("Posterior cloud")
        controls_above(
            self,
            (self._draws, label("samples of q(z|x), from seed", role="muted"), self._seed, self.fresh),
            self._note,
            self._grid,
        )

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns

    def show_cloud(self, draws: int, seed: int, answers: Answers[Cloud], broken: Mapping[str, str], note: str) -> None:
        """Show what was drawn so far; `note` stands where there is nothing."""
        put_number(self._draws, draws)
        put_number(self._seed, seed)
        self._text = answers.text
        self._note.setText(how_line(answers))
        self._grid.show_rows(ColumnRows([_column(column, answers, broken, note) for column in self._columns]))

    def figure(self) -> Figure | None:
        """What stands here as a figure."""
        if not self._note.text():
            return None
        rows, title = Sentences(self._grid.rows), f"Posterior cloud of “{self._text}”"
        facts = (
            f"{self._draws.value()} samples of q(z|x) from seed {self._seed.value()}, equal sentences counted",
            self._note.text(),
        )
        return columns_figure("posterior-cloud", title, self._columns, (rows,), facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def texts(self) -> list[list[str]]:
        """The text of every cell, row by row."""
        return self._grid.texts

    @property
    def numbers(self) -> list[list[str]]:
        """The count before every sentence, row by row."""
        return [[cell.number for cell in row.cells] for row in self._grid.rows]


def _column(column: Column, answers: Answers[Cloud], broken: Mapping[str, str], note: str) -> tuple[int, CellAt]:
    cloud = answers.found.get(column.name)
    if cloud is None or column.name in broken or column.name in answers.failed:
        return one_cell(quiet_cell(reason_of(column, answers, broken, note)))
    room = longest([_count(group) for group in cloud.groups])
    return 1 + len(cloud.groups), lambda i: _cell(column, cloud, cloud.groups[i - 1], room) if i else _summary(cloud)


def _cell(column: Column, cloud: Cloud, group: CloudGroup, room: str) -> Cell:
    reading = group.reading
    spans = marked(cloud.words, reading.words, reading.text)
    tip = f"{group.count} of {cloud.drawn} samples ({group.count / cloud.drawn:.0%})"
    if group.same:
        spans = (*spans, Span("  \N{CHECK MARK}", "good"))
        tip += "\nThe typed sentence itself, word for word."
    tip += f"\nThe first of them: {numbers_line(reading)}"
    return Cell(spans, tip, column.colour, _count(group), sentence_pick(reading), room)


def _count(group: CloudGroup) -> str:
    return f"{group.count}×"


def _summary(cloud: Cloud) -> Cell:
    so_far = " so far" if cloud.drawn < cloud.n else ""
    different = f"{len(cloud.groups)} different of {cloud.drawn}{so_far}"
    text = f"{cloud.same / cloud.drawn:.0%} as typed  ·  {different}"
    tip = (
        f"{cloud.same} of {cloud.drawn} samples of q(z|x) were decoded to the typed sentence, word for word.\n"
        "One sentence again and again: z is known well, or the decoder does not listen to it."
    )
    return quiet_cell(text, tip)
