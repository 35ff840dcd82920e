"""The clicked sentence across the window, and beneath it what each model makes of it, in the columns of the maps."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.state import Column, Decoded
from app.views.parts import EDGE, button, label
from app.views.sentence_cards import SentenceCards


class SourceLine(QWidget):
    """One test sentence on one line, cut with an ellipsis where it must be, and what can be done with it."""

    end_chosen = Signal(str)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._caption = label(role="label")
        self._sentence = label(role="sentence")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = [
            button("A", "Take this sentence as the start A of an interpolation (key A)"),
            button("B", "Take this sentence as the end B of an interpolation (key B)"),
            button("Add to table", "Keep this sentence and what the models make of it in the table", "plus"),
        ]
        self._buttons[0].clicked.connect(lambda: self.end_chosen.emit("A"))
        self._buttons[1].clicked.connect(lambda: self.end_chosen.emit("B"))
        self._buttons[2].clicked.connect(self.add_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(10)
        row.addWidget(self._caption)
        row.addWidget(self._sentence, 1)
        for one in self._buttons:
            row.addWidget(one)

    def set_sentence(self, caption: str, text: str, usable: bool) -> None:
        """Show a sentence; `usable` says whether it is the clicked one, which the buttons act on."""
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self._text = text
        for one in self._buttons:
            one.setEnabled(usable)
        self._elide()

    @property
    def text(self) -> str:
        """The whole sentence."""
        return self._text

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the sentence anew."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Another font cuts it elsewhere."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        cut = self._sentence.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, self._sentence.width() - 4
        )
        self._sentence.setText(cut)
        self._sentence.setToolTip(self._text if cut != self._text else "")


class DecodedRow(QWidget):
    """The line of the sentence and the cards of the variants."""

    def __init__(self) -> None:
        super().__init__()
        self.source = SourceLine()
        self.cards = SentenceCards()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(6)
        column.addWidget(self.source)
        column.addWidget(self.cards)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self.cards.set_columns(columns)

    def show_decoded(self, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show what the models make of the clicked sentence."""
        self.cards.show_decoded(decoded, broken, note)
