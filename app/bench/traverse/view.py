"""The tab that moves a sentence along the directions of the latent space that tell most, live."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.bench.traverse.direction_columns import DirectionColumns
from app.bench.traverse.slider_picture import Sliders
from app.bench.traverse.state import VALUES, Kind, Live, Slider, nothing_note
from app.bench.traverse.still_frame import StillFrame
from app.core import theme
from app.core.picks import Pick
from app.core.readings import numbers_line, point_pick, sentence_pick
from app.core.values import Column, Reading, Series
from app.widgets.labels import ElidedLabel
from app.widgets.length_note import LengthNote
from app.widgets.parts import EDGE, Segmented, button, columns_layout, label, put_number, spin_box, toggle, under_way
from app.widgets.pick_field import PickField
from app.widgets.pictures.cards import Cards
from app.widgets.pictures.columns import Remarks, Sentences, columns_figure
from app.widgets.pictures.figure import Figure, Part
from app.widgets.pictures.text import Note
from app.widgets.sentences.rich_text import Span, diff_spans
from app.widgets.sentences.sentence_cards import SentenceCards
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Row

_MOST_SLIDERS = 64
_ALONG = "The sentences along the chosen slider are decoded …"
_BOTH = 470  # logical pixels of height in which the sliders and the sentences along one find room together


class TraverseView(QWidget):
    """The subject, a live sentence and sliders for each variant, and the sentences along the chosen slider.

    Signals:
        picked: a `Pick` that was typed or dropped; `Pick("")` when the field was emptied.
        followed: whether the clicked sentence of the maps is to be followed.
        kind_chosen: "informative" or "principal".
        together_chosen: whether sliders of one rank move together.
        count_changed: how many sliders.
        face_chosen: "sliders" or "steps".
        steps_seen: whether the sentences along the chosen slider are in sight.
        moved: variant, rank, position.
        rank_chosen: rank.
        reset_one: variant, rank. reset_requested: all of them.
        step_pressed: the place of a sentence along the chosen slider.
        add_requested: what is in sight is to be put into the table.
    """

    picked = Signal(object)
    followed = Signal(bool)
    kind_chosen = Signal(str)
    together_chosen = Signal(bool)
    count_changed = Signal(int)
    face_chosen = Signal(str)
    steps_seen = Signal(bool)
    moved = Signal(str, int, float)
    rank_chosen = Signal(int)
    reset_one = Signal(str, int)
    reset_requested = Signal()
    step_pressed = Signal(int)
    add_requested = Signal()
    figure_name = "this traversal"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._sliders: Mapping[str, tuple[Slider, ...]] = {}
        self._rank, self._seen = 0, False
        self._positions: Mapping[str, tuple[float, ...]] = {}
        self._shown: dict[str, object] = {}
        self._notes: dict[str, ElidedLabel] = {}
        self.field = PickField(
            "the sentence that is moved",
            "Type a sentence, or click a point in a map",
            "The sentence that the sliders move: typed, dropped here, or the clicked one of the maps",
        )
        self.field.picked.connect(self.picked)
        self.lengths = LengthNote({"": self.field})
        self._follow = toggle("Clicked", "Follow the sentence that is clicked in the maps", "link")
        self._follow.clicked.connect(self.followed)
        self._kind = Segmented(
            [
                ("informative", "dimensions", "The dimensions of z with the most KL, best first"),
                ("principal", "principal", "The directions in which μ varies most over the test sentences, best first"),
            ]
        )
        self._kind.chosen.connect(self.kind_chosen)
        self._count = spin_box(1, _MOST_SLIDERS, "How many sliders for each model")
        self._count.valueChanged.connect(self.count_changed)
        self._together = toggle("together", "A slider moves those of the same rank in all columns, by as much")
        self._together.clicked.connect(self.together_chosen)
        self._reset = button("Reset", "All sliders back to the sentence's own values", "reset")
        self._reset.clicked.connect(self.reset_requested)
        self._face = Segmented(
            [
                ("sliders", "sliders", "Move the sentence"),
                ("steps", "steps", "The sentences along the chosen slider, from one end to the other"),
            ]
        )
        self._face.chosen.connect(self.face_chosen)
        self._add = button("Add to table", "Keep the sentences that are shown here in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._problem = label(role="muted", wrap=True)
        self.cards = SentenceCards()
        self._still = StillFrame(self.cards)
        self.sliders = DirectionColumns()
        self.sliders.moved.connect(self.moved)
        self.sliders.taken.connect(self.rank_chosen)
        self.sliders.reset.connect(self.reset_one)
        self._caption = label(role="muted")
        self._steps = QWidget()
        self.grid = SentenceGrid("Sentences along the chosen slider")
        self.grid.row_pressed.connect(self.step_pressed)
        self._refit = QTimer(self)
        self._refit.setSingleShot(True)
        self._refit.setInterval(0)  # once the cards have their new width
        self._refit.timeout.connect(self._hold_cards)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(6)
        top.addWidget(self.field, 1)
        for widget in (self._follow, self._kind, self._count, self._together, self._reset, self._face, self._add):
            top.addWidget(widget)
        words = QHBoxLayout()
        words.setContentsMargins(EDGE, 0, EDGE, 0)
        words.addWidget(self._problem)
        self._problem.hide()
        self._whole_notes = QWidget()
        self._note_row = columns_layout(self._whole_notes)
        steps = QVBoxLayout(self._steps)
        steps.setContentsMargins(0, 0, 0, 0)
        steps.setSpacing(2)
        caption = QHBoxLayout()
        caption.setContentsMargins(EDGE + 4, 0, EDGE, 0)
        caption.addWidget(self._caption)
        steps.addLayout(caption)
        steps.addWidget(self.grid, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.lengths)
        column.addLayout(words)
        column.addWidget(self._still)
        column.addWidget(self._whole_notes)
        column.addWidget(self.sliders, 3)
        column.addWidget(self._steps, 4)

    # what is shown

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns == self._columns:
            return
        self._columns, self._shown = columns, {}
        self.cards.set_columns(columns)
        self.sliders.set_columns(columns)
        for old in self._notes.values():
            self._note_row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._notes = {column.name: ElidedLabel() for column in columns}
        for made in self._notes.values():
            made.setProperty("role", "warning")
            made.setContentsMargins(4, 0, 4, 0)
            self._note_row.addWidget(made, 1)

    def show_subject(self, pick: Pick, following: bool) -> None:
        """What is moved, and whether it is the clicked sentence."""
        self.field.set_pick(pick)
        self._follow.setChecked(following)
        self._refit.start()  # another sentence may need less room

    def show_controls(self, kind: Kind, together: bool, count: int, face: str) -> None:
        """How the sliders are chosen and coupled, and what is in view."""
        self._kind.set_value(kind)
        self._together.setChecked(together)
        put_number(self._count, count)
        self._face.set_value(face)
        self._arrange()

    def show_sliders(self, sliders: Mapping[str, tuple[Slider, ...]]) -> None:
        """What can be moved, by variant."""
        self._sliders = sliders
        self.sliders.set_sliders(sliders)
        self._reset.setEnabled(bool(sliders))
        self._show_notes()

    def show_positions(self, positions: Mapping[str, tuple[float, ...]], rank: int) -> None:
        """Where the sliders stand, in their units, and the chosen rank."""
        self._positions = positions
        self.sliders.set_positions(positions, rank)
        if rank != self._rank:
            self._rank = rank
            self._show_notes()

    def show_live(self, live: Live, broken: Mapping[str, str], note: str, subject: str = "") -> None:
        """The sentences where the sliders stand, with what differs from the subject's own marked.

        Args:
            live: what the models make of it.
            broken: why models could not be loaded, by variant.
            note: what stands where there is no sentence yet.
            subject: what is moved, in words; a point that is sent on is named after it.
        """
        point = None if live.busy else point_pick(f"moved from {subject}", live.readings)
        self._problem.setText(live.problem)
        self._problem.setVisible(bool(live.problem))
        self._add.setEnabled(bool(live.readings) and not live.busy)
        for column in self._columns:
            reading = live.readings.get(column.name)
            reason = broken.get(column.name) or live.failed.get(column.name)
            if reason:
                self._show_card(column.name, f"This model cannot answer: {reason}")
            elif reading is None or live.problem:
                self._show_card(column.name, "…" if live.busy else note if not live.problem else "")
            else:
                home = (live.home_drafts if reading.draft else live.home).get(column.name) or live.home.get(column.name)
                self._show_card(column.name, reading, home.words if home is not None else reading.words)
                self.cards.card(column.name).set_picks((sentence_pick(reading), point))
        self._hold_cards(self._still.height())

    def show_steps(self, steps: Series, broken: Mapping[str, str], subject: str = "") -> None:
        """The sentences along the chosen slider; `subject` as for `show_live`."""
        if not steps.readings:
            self.grid.show_rows([])
            self._caption.setText(steps.problem or (_ALONG if steps.busy else ""))
            return
        reasons = {**steps.failed, **broken}
        cells = [_cells(c, steps.readings.get(c.name, ()), reasons.get(c.name, "")) for c in self._columns]
        self.grid.show_rows(
            [
                Row(row, pick=point_pick(f"moved from {subject}", _readings_at(steps, step)))
                for step, row in enumerate(zip(*cells, strict=True))
            ]
        )
        different = [
            f"{column.label} {len({r.words for r in steps.readings[column.name]})}"
            for column in self._columns
            if column.name in steps.readings
        ]
        counted = f"different sentences of {len(VALUES)}: {',  '.join(different)}"
        said = f"Slider {self._rank + 1} from end to end, the others as they stand  ·  {counted}"
        self._caption.setText(under_way(said, steps.busy))

    def show_step(self, step: int) -> None:
        """The row where the sliders stand; -1 if they stand at none."""
        self.grid.set_current(step)

    def figure(self) -> Figure | None:
        """The sentences, the sliders, and those along the chosen one if they are in sight, as a figure."""
        if not self._sliders:
            return None
        standing = [
            list(zip(self._sliders.get(each.name, ()), self._positions.get(each.name, ()), strict=False))
            for each in self._columns
        ]
        parts: list[Part] = [
            Cards(self.cards.said),
            Remarks(self.notes, "warning"),
            Sliders(standing, self._rank),
        ]
        if self._seen and self.grid.rows:
            parts += [Note(self._caption.text()), Sentences(self.grid.rows, self.grid.current)]
        what = {"informative": "dimensions of z with the most KL", "principal": "principal directions of μ"}
        facts = (f"Sliders: {what[self._kind.value]}; a unit is one standard deviation. Mark: the sentence itself.",)
        title = f"Traversal from “{self.field.pick.label}”"
        return columns_figure("traversal", title, self._columns, parts, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def notes(self) -> list[str]:
        """What is said of the chosen direction, column by column."""
        return [self._notes[column.name].text() for column in self._columns]

    # the room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A high tab has room for everything at once."""
        super().resizeEvent(event)
        self._refit.start()
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell what is in sight."""
        super().showEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        both = self.height() >= _BOTH
        steps = both or self._face.value == "steps"
        self._face.setVisible(not both)
        self.sliders.setVisible(both or not steps)
        self._steps.setVisible(steps)
        if steps != self._seen:
            self._seen = steps
            self.steps_seen.emit(steps)

    def _hold_cards(self, height: int = 0) -> None:
        """Sentences of other lengths come and go while a slider is dragged, which must not jump about beneath them."""
        # A card's own least height hides from the layout of the cards what its lines need.
        cards = [self.cards.card(column.name) for column in self._columns]
        needed = max([height, *(max(card.minimumHeight(), card.minimumSizeHint().height()) for card in cards)])
        if needed != self._still.height():
            self._still.setFixedHeight(needed)

    def _show_card(self, name: str, said: Reading | str, reference: tuple[str, ...] = ()) -> None:
        stamp = said, reference, theme.current().mode
        if self._shown.get(name) == stamp:
            return  # a card that is set anew is laid out anew, and most moves change few of them
        self._shown[name] = stamp
        if isinstance(said, str):
            self.cards.card(name).show_note(said)
        else:
            self.cards.card(name).show_reading(reference, said, 0.0)

    def _show_notes(self) -> None:
        anything = any(slider.nothing for sliders in self._sliders.values() for slider in sliders)
        self._whole_notes.setVisible(anything)  # its line is kept while sliders are taken, or they would jump
        for name, made in self._notes.items():
            text = nothing_note(self._sliders.get(name, ()), self._rank)
            made.setText(text)
            made.setToolTip(text)


def _readings_at(steps: Series, step: int) -> dict[str, Reading]:
    return {name: readings[step] for name, readings in steps.readings.items() if step < len(readings)}


def _cells(column: Column, readings: tuple[Reading, ...], reason: str) -> list[Cell]:
    if not readings:
        text = f"This model cannot answer: {reason}" if reason else "…"
        return [Cell((Span(text, "muted"),)), *[Cell() for _ in VALUES[1:]]]
    cells = []
    for i, reading in enumerate(readings):
        if i == 0:
            spans: tuple[Span, ...] = (Span(reading.text, "text"),)
        elif reading.words == readings[i - 1].words:
            spans = (Span(reading.text, "muted"),)
        else:
            spans = diff_spans(readings[i - 1].words, reading.words, reading.text)
        cells.append(Cell(spans, numbers_line(reading), column.colour, str(i + 1), sentence_pick(reading)))
    return cells
