"""How sentences are made, for the clicked point and for every tab: z, the search, its width, the seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.choice import Choice, Method
from app.widgets.parts import EDGE, Segmented, button, label, put_number, spin_box

if TYPE_CHECKING:
    from app.bench.decoding_more import DecodingMore


class DecodingBar(QWidget):
    """Shows a `Choice` and lets it be changed."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._choice, self._prior = Choice(), False
        self._z = Segmented(
            [
                ("mean", "mean", "Decode the mean of q(z|x): z = μ. The same every time."),
                ("sample", "sample", "Decode a sample z ~ q(z|x), as in the paper. The seed says which."),
            ]
        )
        self._method = Segmented(
            [
                ("beam", "beam", "Beam search: keep the most likely beginnings at each word. Better, slower."),
                ("greedy", "greedy", "Take the most likely word at each step. Quick."),
            ]
        )
        self._width = spin_box(1, 50, "Width of the beam search: how many beginnings are kept")
        self._width.setAccessibleName("width of the beam")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, EDGE, 2)
        row.setSpacing(6)
        self._z_label = label("z", role="muted")
        self._z_label.setToolTip("The latent variable: the numbers from which a sentence is decoded")
        for widget in (self._z_label, self._z, self._method, self._width):
            row.addWidget(widget)
        self.more_button = button("more", "")
        self.more_button.setCheckable(True)  # looks pressed while one of its options is in force
        row.addWidget(self.more_button)
        self._more: DecodingMore | None = None
        self.more_button.clicked.connect(self._open_more)
        self._z.chosen.connect(lambda value: self._change(replace(self._choice, sample=value == "sample")))
        self._method.chosen.connect(lambda value: self._change(replace(self._choice, method=cast(Method, value))))
        self._width.valueChanged.connect(lambda value: self._change(replace(self._choice, beam=value)))
        self.set_choice(self._choice)

    def set_choice(self, choice: Choice) -> None:
        """Show this choice; what does not matter to it is greyed out."""
        self._choice = choice
        self._z.set_value("sample" if choice.sample else "mean")
        self._method.set_value(choice.method)
        put_number(self._width, choice.beam)
        if self._more is not None:
            self._more.set_choice(choice)
        in_force = choice.unusual
        self.more_button.setChecked(bool(in_force))
        self.more_button.setText(f"seed {choice.seed}" if self._has_seed() else "more")
        self.more_button.setToolTip(
            "The seed of z, and more about the search: length normalisation, lists of the best, the unknown word"
            + (f".\nIn force: {', '.join(in_force)}" if in_force else "")
        )
        self._width.setEnabled(choice.method == "beam")

    def set_prior(self, prior: bool) -> None:
        """Whether prior samples are in view, whose z comes from the prior and has a seed of its own, in their tab."""
        self._prior = prior
        for widget in (self._z_label, self._z):
            widget.setVisible(not prior)
        if self._more is not None:
            self._more.set_prior(prior)
        self.set_choice(self._choice)

    @property
    def more(self) -> DecodingMore:
        """The popup, made when it is wanted first."""
        if self._more is None:
            from app.bench.decoding_more import DecodingMore

            self._more = DecodingMore(self)
            self._more.chosen.connect(self._change)
            self._more.set_choice(self._choice)
            self._more.set_prior(self._prior)
        return self._more

    def _has_seed(self) -> bool:
        return self._choice.sample and not self._prior

    def _open_more(self) -> None:
        self.more_button.setChecked(bool(self._choice.unusual))  # a click toggles it
        self.more.open_beneath(self.more_button)

    def _change(self, choice: Choice) -> None:
        self.set_choice(choice)
        self.chosen.emit(choice)
