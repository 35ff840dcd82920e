"""The tab where a person types a sentence and reads what each model makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import theme
from app.picks import Pick
from app.state import Column, Decoded
from app.views import rich_text
from app.views.parts import EDGE, button, label
from app.views.pick_field import PickField
from app.views.sentence_cards import SentenceCards

_TALLEST = 260  # logical pixels of a card: room for the longest sentences in a narrow column and the bars below


class ReconstructTab(QWidget):
    """A field, how the models read it, and a card for each variant."""

    picked = Signal(object)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.field = PickField(
            "sentence to reconstruct",
            "",
            "The models encode this sentence and write it again from its z, as you type. "
            "A point that is dropped or sent here is decoded.",
            pause=0,
        )
        self.field.picked.connect(self.picked)
        self.field.returnPressed.connect(self._take_example)
        self.set_example("I think we should go home now.")
        self._add = button("Add to table", "Keep this sentence and its reconstructions in the table", "plus")
        self._add.clicked.connect(self.add_requested)
        self._read_as = label(role="muted", wrap=True)
        self._read_as.setTextFormat(Qt.TextFormat.RichText)
        self._cards = SentenceCards(large=True)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        top.addWidget(self.field, 1)
        top.addWidget(self._add)
        words = QHBoxLayout()
        words.setContentsMargins(EDGE, 0, EDGE, 0)
        words.addWidget(self._read_as)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(words)
        self._cards.setMaximumHeight(_TALLEST)
        column.addWidget(self._cards, 4)
        column.addStretch(1)

    def set_example(self, sentence: str) -> None:
        """A real sentence that stands in the empty field; Enter takes it."""
        self._example = sentence
        self.field.setPlaceholderText(f"Type a sentence, or press Enter for: {sentence}")

    def _take_example(self) -> None:
        if not self.field.text():
            self.picked.emit(Pick(self._example))

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._cards.set_columns(columns)

    def show_typed(self, given: Pick, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show the typed sentence, the words the models do not know, and the reconstructions; or those of a point."""
        self.field.set_pick(given)
        self._cards.show_decoded(decoded, broken, note)
        self._add.setEnabled(bool(decoded.readings) and not decoded.busy)
        unknown = sum(decoded.unknown)
        if decoded.problem:
            self._read_as.setText(decoded.problem)
        elif unknown:
            marked = rich_text.unknown_html(list(decoded.words), list(decoded.unknown), theme.current())
            noun = "1 word is" if unknown == 1 else f"{unknown} words are"
            self._read_as.setText(f"{noun} not in the vocabulary: {marked}")
        elif given.is_point:
            self._read_as.setText(f"A point is decoded as it is, without an encoder: {given.how}")
        elif decoded.words:
            self._read_as.setText(f"{len(decoded.words)} words, all of them in the vocabulary")
        else:
            self._read_as.setText("Words outside the vocabulary will be marked here.")

    @property
    def reading_note(self) -> str:
        """How the models read the sentence, as rich text."""
        return self._read_as.text()
