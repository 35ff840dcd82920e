"""The form of a new map, as a window over the maps. Layout only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core import theme
from app.maps.making import words
from app.widgets.parts import Segmented, button, dress_number, label, spin_box
from app.widgets.text_field import TextField
from engine.maps.presets import PRESETS, has_seed

_METRICS = [
    ("euclidean", "Distance", "Points are near that lie at a small distance in z"),
    ("cosine", "Angle", "Points are near that lie in a similar direction from 0; their lengths do not count"),
]
_OF = [
    ("mu", "μ", "The mean of q(z|x) of each sentence: where the model puts it"),
    ("samples", "A sample of z", "One draw of q(z|x) for each sentence: what the decoder really gets, noise included"),
]


class NewMapForm(QDialog):
    """Setters in, signals out.

    Signals:
        make_requested: the values of the form, for `words.options`.
    """

    make_requested = Signal(object)

    def __init__(self, parent: QWidget, run: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("New map")
        self.method = Segmented([(name, *each) for name, each in words.METHODS.items()])
        self.preset = Segmented([(name, *each) for name, each in words.PRESETS.items()])
        self.neighbours = spin_box(
            2, 200, "Neighbours of a sentence that count: few for fine groups, many for the shape"
        )
        self.distance = QDoubleSpinBox()
        self.distance.setRange(0, 1)
        self.distance.setSingleStep(0.05)
        self.distance.setToolTip("How tightly points may pack: 0 for tight groups, 1 for an even spread")
        dress_number(self.distance)
        self.near_by, self.of = Segmented(_METRICS), Segmented(_OF)
        self.aligned = QCheckBox("Turn the maps of all models the same way, so that they can be compared")
        self.aligned.setChecked(True)
        self.seed = spin_box(
            0, 2**31 - 1, "Another seed gives another map; what all of them show can be trusted more", grouped=False
        )
        self.name = TextField()
        self.name.setPlaceholderText("Left empty: named by its settings")
        self.name.setMaxLength(40)
        self._said = label(role="muted", wrap=True)
        self._said.setMinimumHeight(3 * self._said.fontMetrics().lineSpacing())
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.make = button("Make the map", "In the background; it can be cancelled", "play", "primary")
        self.make.setIcon(theme.icon("play", "on_accent"))
        self.cancel = button("Cancel", "Make none (Escape)")
        self.cancel.setAutoDefault(False)
        self.make.clicked.connect(lambda: self.make_requested.emit(self.values()))
        self.cancel.clicked.connect(self.reject)
        self.method.chosen.connect(lambda _: self._follow())
        self.preset.chosen.connect(self._take_preset)
        self.of.chosen.connect(lambda _: self._follow())
        self.neighbours.valueChanged.connect(lambda _: self._follow())
        self._rows = QFormLayout()
        self._lay_out(run)
        self._take_preset("balanced")
        self.resize(min(600, parent.width() - 60), min(470, parent.height() - 50))

    def values(self) -> dict[str, Any]:
        """What stands in the form."""
        return {
            "method": self.method.value,
            "neighbours": self.neighbours.value(),
            "min_dist": self.distance.value(),
            "metric": self.near_by.value,
            "of": self.of.value,
            "aligned": self.aligned.isChecked(),
            "seed": self.seed.value(),
            "name": self.name.text().strip(),
        }

    def refuse(self, problem: str) -> None:
        """Say what is wrong with what stands there."""
        self._said.setText(problem)

    def _lay_out(self, run: str) -> None:
        rows = self._rows
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(8)
        for words_of_it, part in (
            ("Method", self.method),
            ("Shows", self.preset),
            ("Neighbours", self.neighbours),
            ("Smallest distance", self.distance),
            ("Near by", self.near_by),
            ("Of", self.of),
            ("", self.aligned),
            ("Seed", self.seed),
            ("Name", self.name),
        ):
            part.setAccessibleName(words_of_it or self.aligned.text())
            if isinstance(part, Segmented):
                line = QHBoxLayout()
                line.addWidget(part)
                line.addStretch(1)
                rows.addRow(words_of_it, line)
            else:
                rows.addRow(words_of_it, part)
        for box in (self.neighbours, self.distance, self.seed):
            box.setFixedWidth(120)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.make)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(label(f"Of the test sentences in every model of run {run}", role="muted"))
        column.addLayout(rows)
        column.addWidget(self._said)
        column.addStretch(1)
        column.addLayout(foot)

    def _take_preset(self, name: str) -> None:
        self.preset.set_value(name)
        preset = next(each for each_name, each in PRESETS.items() if each_name == name)
        self.neighbours.setValue(preset.neighbours)
        self.distance.setValue(preset.min_dist)
        self._follow()

    def _follow(self) -> None:
        """What the method does not know is out of reach, and what it shows is said."""
        method = self.method.value
        for part in (self.preset, self.neighbours, self.near_by):
            part.setEnabled(method != "pca")
        self.distance.setEnabled(method == "umap")
        self.seed.setEnabled(has_seed(method, self.of.value))
        told = self._rows.labelForField(self.neighbours)
        if isinstance(told, QLabel):
            told.setText("Perplexity" if method == "tsne" else "Neighbours")
        known = words.PRESETS[self.preset.value][1]
        self._said.setText(f"{words.METHODS[method][1]}." + (f" {known}." if method != "pca" else ""))
