"""The seed of z, and the options of the search that few people change, in a small popup beside the others."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFrame, QGridLayout, QWidget

from app.core.choice import Choice
from app.widgets.parts import button, dress_number, label, put_number, spin_box

_USUAL = Choice()


class DecodingMore(QFrame):
    """Shows the rest of a `Choice` and lets it be changed.

    Signals:
        chosen: another choice.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._choice = Choice()
        self.setProperty("role", "popup")
        self.setAccessibleName("More options of the search")
        self.seed = spin_box(
            0, 999_999, "Seed of the samples of q(z|x): the same seed gives the same sentence", grouped=False
        )
        self.seed.setAccessibleName("seed of z")
        self._seed_label = label("seed of z", role="muted")
        self.length = QDoubleSpinBox()
        self.length.setRange(0.0, 2.0)
        self.length.setSingleStep(0.1)
        self.length.setDecimals(1)
        dress_number(self.length)
        self.length.setToolTip(
            "Finished sentences of a beam compete by log p(x̂|z) / (tokens + 1) to this power.\n"
            "0: by log p(x̂|z) itself, which favours short sentences. 1: by the mean over the tokens."
        )
        self.length.setAccessibleName("length normalisation")
        self.n_best = spin_box(1, 50, "How many of the beam's best sentences a list of them shows; at most its width")
        self.n_best.setAccessibleName("sentences in a list of the best")
        self.unknown = QCheckBox("unknown word allowed")
        self.unknown.setToolTip("Whether the decoder may write <unk>, the word that stands for all unknown ones")
        usual = button("As usual", "Put the options of the search back to what they were at first")
        usual.clicked.connect(self._as_usual)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.addWidget(self._seed_label, 0, 0)
        grid.addWidget(self.seed, 0, 1)
        grid.addWidget(label("length normalisation", role="muted"), 1, 0)
        grid.addWidget(self.length, 1, 1)
        grid.addWidget(label("sentences in a list of the best", role="muted"), 2, 0)
        grid.addWidget(self.n_best, 2, 1)
        grid.addWidget(self.unknown, 3, 0)
        grid.addWidget(usual, 3, 1)
        self.seed.valueChanged.connect(lambda value: self._change(replace(self._choice, seed=value)))
        self.length.valueChanged.connect(
            lambda value: self._change(replace(self._choice, length_normalisation=round(value, 1)))
        )
        self.n_best.valueChanged.connect(lambda value: self._change(replace(self._choice, n_best=value)))
        self.unknown.toggled.connect(lambda on: self._change(replace(self._choice, allow_unknown=on)))

    def set_choice(self, choice: Choice) -> None:
        """Show this choice; what does not matter to it is greyed out."""
        self._choice = choice
        put_number(self.seed, choice.seed)
        put_number(self.length, choice.length_normalisation)
        put_number(self.n_best, choice.n_best)
        with QSignalBlocker(self.unknown):
            self.unknown.setChecked(choice.allow_unknown)
        self.seed.setEnabled(choice.sample)
        self._seed_label.setEnabled(choice.sample)
        self.length.setEnabled(choice.method == "beam")
        self.n_best.setEnabled(choice.method == "beam")

    def set_prior(self, prior: bool) -> None:
        """Whether prior samples are in view, whose seed stands in their tab."""
        self.seed.setVisible(not prior)
        self._seed_label.setVisible(not prior)

    def open_beneath(self, place: QWidget) -> None:
        """Open with its right edge beneath that of a widget, or above it where the screen ends."""
        self.adjustSize()
        at = place.mapToGlobal(QPoint(place.width() - self.width(), place.height() + 2))
        if at.y() + self.height() > place.screen().availableGeometry().bottom():
            at.setY(at.y() - self.height() - place.height() - 4)
        self.move(at)
        self.show()
        first = next(one for one in (self.seed, self.length, self.unknown) if one.isEnabled() and one.isVisible())
        first.setFocus()

    def _as_usual(self) -> None:
        self._change(
            replace(
                self._choice,
                length_normalisation=_USUAL.length_normalisation,
                n_best=_USUAL.n_best,
                allow_unknown=_USUAL.allow_unknown,
            )
        )

    def _change(self, choice: Choice) -> None:
        self.set_choice(choice)
        self.chosen.emit(choice)
