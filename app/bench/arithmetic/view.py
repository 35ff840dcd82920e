"""The tab that calculates with sentences: a - b + c, and a concept's direction added to a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.bench.arithmetic import words
from app.bench.arithmetic.concept_editor import ConceptEditor
from app.bench.arithmetic.evidence_strip import EvidenceStrip
from app.bench.arithmetic.outcome_columns import OutcomeColumns
from app.bench.arithmetic.state import Face, Outcome
from app.bench.arithmetic.strength_slider import StrengthSlider
from app.core.picks import Pick
from app.core.values import Column
from app.widgets.length_note import LengthNote
from app.widgets.parts import BAR, EDGE, Segmented, button, columns_area, label
from app.widgets.pick_field import PickField
from app.widgets.pictures.cards import Cards
from app.widgets.pictures.columns import Remarks, columns_figure
from app.widgets.pictures.figure import Figure, Part

_SIGNS = {"a": "", "b": "−", "c": "+"}
_ABOUT = {
    "a": "The sentence to start from",
    "b": "What to take away from it",
    "c": "What to put in its place",
}


class ArithmeticView(QWidget):
    """Two faces over the same columns.

    Signals:
        face_chosen: "analogy" or "concept".
        picked: "a", "b", "c" or "subject", and its `Pick`.
        strength_changed: the factor of the open face.
        example_wanted: fill in an example.
        add_wanted: put the result into the table.
    """

    face_chosen = Signal(str)
    picked = Signal(str, object)
    strength_changed = Signal(float)
    example_wanted = Signal()
    add_wanted = Signal()
    figure_name = "this result"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._shown = Outcome()
        self.face = Segmented(
            [
                ("analogy", "a − b + c", "Take b away from a and put c in its place, as numbers of z"),
                ("concept", "Concept", "What one group of sentences has that another has not, added to a sentence x"),
            ]
        )
        self.face.chosen.connect(self.face_chosen)
        self.fields = {
            name: PickField(f"sentence {name}", f"Type {name}, or send it here", f"{about}: type it, or drop it here")
            for name, about in _ABOUT.items()
        }
        self.fields["subject"] = PickField(
            "sentence x", "Type a sentence x to move", "The sentence that is moved along the direction"
        )
        for name, field in self.fields.items():
            field.picked.connect(lambda pick, name=name: self.picked.emit(name, pick))
        self.lengths = LengthNote({"x" if name == "subject" else name: field for name, field in self.fields.items()})
        self.sliders: dict[Face, StrengthSlider] = {
            "analogy": StrengthSlider(
                "× (c − b)", -2.0, 2.0, "How much of c − b is added to a. 1 is exactly a − b + c, 0 is a itself."
            ),
            "concept": StrengthSlider(
                "strength", -3.0, 3.0, "How many lengths of the direction x is moved. 0 is x itself, −1 the other way."
            ),
        }
        for slider in self.sliders.values():
            slider.changed.connect(self.strength_changed)
        self.example = button("Example", "Fill in an example; press again for another", "shuffle")
        self.example.clicked.connect(self.example_wanted)
        self.add = button("Add to table", "Keep this result of every variant in the table", "plus")
        self.add.clicked.connect(self.add_wanted)
        self.groups = ConceptEditor()
        self.warning = label(role="warning", wrap=True)
        self.how = label(role="muted", wrap=True, selectable=True)
        self.how.setToolTip("How these sentences were made; they can be made again from this line.")
        self.outcome = OutcomeColumns()
        self.evidence = EvidenceStrip()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._head())
        column.addWidget(self._operands())
        column.addWidget(self.lengths)
        column.addWidget(self.groups)
        self._warning = _framed(self.warning)
        column.addWidget(self._warning)
        column.addWidget(self._results(), 1)
        self.show_face("analogy")

    def _head(self) -> QHBoxLayout:
        row = _row()
        row.addWidget(self.face)
        self._rest = QWidget()  # keeps the slider from the whole width
        self._x = label("x", role="title")
        row.addWidget(self._x)
        row.addWidget(self.fields["subject"], 2)
        for slider in self.sliders.values():
            row.addWidget(slider, 1)
        row.addWidget(self._rest, 1)
        row.addWidget(self.example)
        row.addWidget(self.add)
        return row

    def _operands(self) -> QWidget:
        self._sum = QWidget()
        row = _row()
        self._sum.setLayout(row)
        for name, sign in _SIGNS.items():
            row.addWidget(label(f"{sign} {name}".strip(), role="title"))
            row.addWidget(self.fields[name], 1)
        return self._sum

    def _results(self) -> QScrollArea:
        """The columns, which a small window scrolls; the bar lies at the right of them, as in the other tabs."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(8)
        column.addWidget(self.outcome)
        column.addWidget(self.evidence)
        self._how = _framed(self.how)
        column.addWidget(self._how)
        column.addStretch(1)
        for columns in (self.outcome, self.evidence):
            columns.set_bar(BAR)
        return columns_area(inner)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns
        self.outcome.set_columns(columns)
        self.evidence.set_columns(columns)

    def show_face(self, face: Face) -> None:
        """Show the controls of one face."""
        self.face.set_value(face)
        self._face = face
        concept = face == "concept"
        for widget in (self._sum, self._rest):
            widget.setVisible(not concept)
        for widget in (self._x, self.fields["subject"], self.groups, self.evidence):
            widget.setVisible(concept)
        for name, slider in self.sliders.items():
            slider.setVisible(name == face)
        self.lengths.look()

    def show_operands(self, picks: Mapping[str, Pick]) -> None:
        """Show what the fields hold."""
        for name, pick in picks.items():
            self.fields[name].set_pick(pick)

    def show_strengths(self, share: float, strength: float) -> None:
        """Show the factors of both faces."""
        self.sliders["analogy"].set_value(share)
        self.sliders["concept"].set_value(strength)

    def show_outcome(
        self, outcome: Outcome, name: str, broken: Mapping[str, str], note: str, point: Pick | None = None
    ) -> None:
        """Show what the models make of it; see `OutcomeColumns.show_outcome`."""
        self.outcome.show_outcome(outcome, name, broken, "" if outcome.problem else note, point)
        self._shown = outcome
        said = words.warning(outcome)
        self.warning.setText(said)
        self._warning.setVisible(bool(said))
        self.how.setText(outcome.how if outcome.after else "")
        self._how.setVisible(bool(self.how.text()))
        self.add.setEnabled(bool(outcome.after) and not outcome.busy)

    def figure(self) -> Figure | None:
        """What came of it as a figure; None while there is nothing."""
        if not self._shown.after:
            return None
        names = {name: f"“{field.pick.label}”" for name, field in self.fields.items()}
        strength = f"{self.sliders[self._face].value:.2f}".replace("-", "\N{MINUS SIGN}")
        befores = Remarks([self.outcome.before(column.name) for column in self._columns])
        parts: list[Part] = [befores, Cards(self.outcome.cards.said)]
        if self._face == "analogy":
            title = f"{names['a']} − {names['b']} + {names['c']}"
            facts = [f"a + {strength} × (c − b)"]
        else:
            title = f"A concept added to {names['subject']}"
            counts = ", ".join(f"{name} it: {editor.count.text()}" for name, editor in self.groups.editors.items())
            facts = [f"Strength {strength}; groups {counts}"]
            parts.append(self.evidence.part)
        facts += [self.warning.text(), self.how.text()]
        return columns_figure("arithmetic", title, self._columns, parts, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)


def _row() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(EDGE, 0, EDGE, 0)
    row.setSpacing(8)
    return row


def _framed(widget: QWidget) -> QWidget:
    """Between the edges of the window."""
    made = QWidget()
    row = _row()
    row.addWidget(widget, 1)
    made.setLayout(row)
    return made
