"""The form of a new survey, as a window over the page. Layout only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.widgets.labels import set_role
from app.widgets.parts import Segmented, button, label, put_number, spin_box
from app.widgets.text_field import TextField
from engine.evaluation.surveys.request import MOST_QUESTIONS, Group

_NUMBERS = (
    ("questions", "Questions", 1, MOST_QUESTIONS, "For each respondent, catch trials among them; 20 at most"),
    ("catch", "Catch trials", 0, MOST_QUESTIONS - 1, "Questions of which the right answer is known"),
    ("respondents", "Respondents", 1, 10_000, "People who are expected; more may answer"),
    ("repeats", "Answers to a question", 1, 10_000, "People who answer the same question; agreement needs two"),
    ("seed", "Seed", 0, 2**31 - 1, "Of the choice of sentences, their order and their sides"),
)


class SurveyForm(QDialog):
    """Setters in, signals out.

    Signals:
        kind_chosen: reconstruction or generation.
        group_chosen: a pair or model, and whether it is asked about.
        number_edited: a key and a number.
        name_edited: what the survey is to be called.
        make_requested: it is to be made.
    """

    kind_chosen = Signal(str)
    group_chosen = Signal(object, bool)
    number_edited = Signal(str, int)
    name_edited = Signal(str)
    make_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("New survey")
        self._run = label(role="muted")
        self.kind = Segmented(
            [
                ("reconstruction", "Which is more alike?", "Two reconstructions of a sentence (the paper's table 2)"),
                ("generation", "Does it make sense?", "Sampled sentences, one by one (the paper's table 4)"),
            ]
        )
        self.kind.chosen.connect(self.kind_chosen)
        self._groups = QWidget()
        self._boxes = QVBoxLayout(self._groups)
        self._boxes.setContentsMargins(0, 0, 0, 0)
        self._boxes.setSpacing(4)
        self._boxes.addStretch(1)
        self.boxes: dict[Group, QCheckBox] = {}
        area = self._area = QScrollArea()
        area.setWidget(self._groups)
        area.setWidgetResizable(True)
        area.setMinimumHeight(90)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.numbers: dict[str, QSpinBox] = {}
        rows = QFormLayout()
        rows.setHorizontalSpacing(16)
        for key, words, least, most, tooltip in _NUMBERS:
            box = self.numbers[key] = spin_box(least, most, tooltip, grouped=key != "seed")
            box.setAccessibleName(words)
            box.setFixedWidth(120)
            box.valueChanged.connect(partial(self.number_edited.emit, key))
            rows.addRow(words, box)
        self.name = TextField()
        self.name.setAccessibleName("Name of the survey")
        self.name.setToolTip("What the survey and its folder are called")
        self.name.textEdited.connect(self.name_edited)
        rows.addRow("Name", self.name)
        self._said = label(role="muted", wrap=True)
        self._said.setMinimumHeight(3 * self._said.sizeHint().height())
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.make = button("Make the survey", "Have the models write the sentences", "play", "primary")
        self.make.setIcon(theme.icon("play", "on_accent"))
        self.cancel = button("Cancel", "Make none (Escape)")
        self.cancel.setAutoDefault(False)
        self.make.clicked.connect(self.make_requested)
        self.cancel.clicked.connect(self.reject)
        self._lay_out(rows)
        self.resize(620, 640)
        self.resize(min(self.width(), parent.width() - 60), min(self.height(), parent.height() - 50))

    def _lay_out(self, rows: QFormLayout) -> None:
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.make)
        kind = QHBoxLayout()
        kind.addWidget(self.kind)
        kind.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._run)
        column.addLayout(kind)
        column.addWidget(self._area, 1)
        column.addLayout(rows)
        column.addWidget(self._said)
        column.addLayout(foot)

    def show_draft(
        self, run: str, kind: str, groups: Sequence[tuple[Group, str]], chosen: Sequence[Group], name: str
    ) -> None:
        """What stands in the form, numbers apart."""
        self._run.setText(f"Of the models of run {run}" if run else "")
        self.kind.set_value(kind)
        if list(self.boxes) != [group for group, _ in groups]:
            for box in self.boxes.values():
                box.hide()  # it goes at the next turn only
                self._boxes.removeWidget(box)
                box.deleteLater()
            self.boxes = {}
            for place, (group, words) in enumerate(groups):
                box = self.boxes[group] = QCheckBox(words)
                box.toggled.connect(partial(self.group_chosen.emit, group))
                self._boxes.insertWidget(place, box)
        for (group, words), box in zip(groups, self.boxes.values(), strict=True):
            box.setText(words)  # another run may call the same variants otherwise
            with QSignalBlocker(box):
                box.setChecked(group in chosen)
        if self.name.text().strip() != name:
            self.name.setText(name)

    def show_numbers(self, values: Sequence[tuple[str, int]]) -> None:
        """The numbers."""
        for key, value in values:
            put_number(self.numbers[key], value)

    def show_said(self, words: str, wrong: bool) -> None:
        """What comes of it, or why nothing can."""
        self._said.setText(words)
        set_role(self._said, "danger" if wrong else "muted")
        self.make.setEnabled(not wrong)
