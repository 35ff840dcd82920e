"""The tab with the test sentences nearest to a sentence or a point, in the columns of the maps."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.bench.neighbours.state import (
    MOST,
    NOTHING_KL,
    Distance,
    Nearest,
    Neighbour,
    Neighbourhoods,
    on_maps_line,
    overlap_line,
    overlap_table,
)
from app.core import theme
from app.core.picks import Pick
from app.core.values import Column
from app.widgets.length_note import LengthNote
from app.widgets.parts import EDGE, Segmented, button, label, put_number, spin_box, toggle, under_way
from app.widgets.pick_field import PickField
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.rich_text import Span, shared_spans, unknown_line
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Row

_DISTANCES = {"euclidean": "Euclidean distance", "cosine": "cosine distance", "posterior-kl": "posterior KL in nats"}


class NeighboursView(QWidget):
    """The subject, what near means, how many, and the neighbours of every variant.

    Signals:
        picked: a `Pick` that was typed or dropped; `Pick("")` when the field was emptied.
        followed: whether the clicked sentence of the maps is to be followed.
        distance_chosen: "euclidean", "cosine" or "posterior-kl".
        count_changed: how many neighbours.
        chosen: the number of a test sentence that was clicked.
        add_requested: the neighbours are wanted in the table.
    """

    picked = Signal(object)
    followed = Signal(bool)
    distance_chosen = Signal(str)
    count_changed = Signal(int)
    chosen = Signal(int)
    add_requested = Signal()
    figure_name = "these neighbours"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._indices: dict[str, tuple[int, ...]] = {}
        self._kept: dict[str, tuple[Nearest, frozenset[str], bool, list[Cell]]] = {}
        self._first = 0  # row of the nearest, as there may be one with warnings above it
        self.field = PickField(
            "the sentence whose neighbours are shown",
            "Type a sentence, or click a point in a map",
            "The sentence whose neighbours are shown: typed, dropped here, or the clicked one of the maps",
        )
        self.field.picked.connect(self.picked)
        self.lengths = LengthNote({"": self.field})
        self._follow = toggle("Clicked", "Follow the sentence that is clicked in the maps", "link")
        self._follow.clicked.connect(self.followed)
        self._distance = Segmented(
            [
                ("euclidean", "Euclidean", "The straight distance between z and the mean μ of a test sentence"),
                ("cosine", "cosine", "1 − the cosine of the angle between z and μ, seen from the origin: 0 to 2"),
                (
                    "posterior-kl",
                    "posterior KL",
                    "KL(q(z|x) ‖ q(z|xᵢ)) in nats: how badly the test sentence's posterior stands in for this one's.\n"
                    "Of a bare point, which has no posterior: −log q(z|xᵢ).",
                ),
            ]
        )
        self._distance.chosen.connect(self.distance_chosen)
        self._count = spin_box(5, MOST, "How many neighbours in each column")
        self._count.valueChanged.connect(self.count_changed)
        self._add = button("Add to table", "Keep these neighbours with their distances in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._note = label(role="muted", wrap=True)
        self._unknown = label(role="muted", wrap=True)
        self._unknown.setTextFormat(Qt.TextFormat.RichText)
        self._unknown.setContentsMargins(EDGE, 0, EDGE, 0)
        self.grid = SentenceGrid("Nearest test sentences")
        self.grid.cell_chosen.connect(self._press)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(6)
        top.addWidget(self.field, 1)
        for widget in (self._follow, label("by", role="muted"), self._distance, self._count, self._add):
            top.addWidget(widget)
        notes = QHBoxLayout()
        notes.setContentsMargins(EDGE, 0, EDGE, 0)
        notes.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.lengths)
        column.addLayout(notes)
        column.addWidget(self._unknown)
        column.addWidget(self.grid, 1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns, self._kept = columns, {}

    def show_subject(self, pick: Pick, following: bool) -> None:
        """What the neighbours are of, and whether it is the clicked sentence."""
        self.field.set_pick(pick)
        self._follow.setChecked(following)

    def show_controls(self, distance: Distance, count: int) -> None:
        """What near means, and how many."""
        self._distance.set_value(distance)
        put_number(self._count, count)

    def show_found(self, found: Neighbourhoods, note: str) -> None:
        """The neighbours, with the words they share with the subject marked; `note` stands while there are none."""
        self._indices = {name: tuple(each.index for each in near.found) for name, near in found.nearest.items()}
        self._add.setEnabled(bool(found.nearest) and not (found.busy or found.problem))
        nearest = found.nearest
        lines = (_how(self._columns, found), overlap_line(self._columns, nearest), on_maps_line(self._columns, nearest))
        told = "  ·  ".join(part for part in lines if part)
        self._note.setText(found.problem or under_way(told, found.busy) or ("" if found.failed else note))
        self._unknown.setText(unknown_line(found.typed, found.unknown, theme.current()))
        self._unknown.setVisible(bool(self._unknown.text()))
        self._note.setToolTip(overlap_table(self._columns, found.nearest))
        if found.problem or not (found.nearest or found.failed):
            self.grid.show_rows([])
            return
        warned = any(map(_warning, found.nearest.values()))
        self._first = int(warned)
        cells = [self._cells(column, found, warned) for column in self._columns]
        height = max((len(column) for column in cells), default=0)
        filled = [[*column, *[Cell() for _ in range(height - len(column))]] for column in cells]
        self.grid.show_rows([Row(row) for row in zip(*filled, strict=True)])

    def figure(self) -> Figure | None:
        """All rows as a figure; None while there are none."""
        if not self.grid.rows:
            return None
        facts = f"Before each: its {_DISTANCES[self._distance.value]}", self._note.text()
        rows, title = (Sentences(self.grid.rows),), f"Nearest test sentences to “{self.field.pick.label}”"
        return columns_figure("neighbours", title, self._columns, rows, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def note(self) -> str:
        """The line above the neighbours."""
        return self._note.text()

    @property
    def reading_note(self) -> str:
        """Which words of the sentence the models do not know, as rich text; "" where they know all."""
        return self._unknown.text()

    def _cells(self, column: Column, found: Neighbourhoods, warned: bool) -> list[Cell]:
        near, reason = found.nearest.get(column.name), found.failed.get(column.name)
        if near is None:
            text = f"This model cannot answer: {reason}" if reason else "…" if found.busy else ""
            return [Cell((Span(text, "muted"),))]
        kept = self._kept.get(column.name)
        if kept is None or kept[0] is not near or kept[1:3] != (found.words, warned):
            first = [Cell((Span(_warning(near), "warning"),) if _warning(near) else ())] if warned else []
            made = [*first, *(_cell(column, each, i, found.words) for i, each in enumerate(near.found, 1))]
            kept = self._kept[column.name] = near, found.words, warned, made
        return list(kept[3])  # the columns answer one after the other; those that are there stay as they are

    def _press(self, row: int, column: int) -> None:
        indices = self._indices.get(self._columns[column].name, ()) if 0 <= column < len(self._columns) else ()
        if self._first <= row < self._first + len(indices):
            self.chosen.emit(indices[row - self._first])


def _how(columns: tuple[Column, ...], found: Neighbourhoods) -> str:
    return "; ".join(dict.fromkeys(found.nearest[c.name].how for c in columns if c.name in found.nearest))


def _warning(near: Nearest | None) -> str:
    """In words that a variant's neighbours are near by chance; "" where they are not."""
    if near is None or near.mean_kl >= NOTHING_KL:
        return ""
    return f"Near by chance: this model's z tells nothing (KL {near.mean_kl:.2f})"


def _cell(column: Column, each: Neighbour, rank: int, words: Collection[str]) -> Cell:
    told = (
        f"{rank} on the map: test sentence {each.index + 1:,}, distance {each.distance:.4g}. "
        "Click it to see it in the maps."
    )
    number = f"{each.distance:.2f}".replace("-", "−")
    return Cell(shared_spans(each.text, words), told, column.colour, number, Pick(each.text, index=each.index))
