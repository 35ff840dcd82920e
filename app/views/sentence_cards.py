"""A row of cards, one a variant: the sentence it decoded, differences marked, with its numbers beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import resolve, theme
from app.state import Column, Decoded, Reading
from app.views import rich_text
from app.views.parts import columns_layout, label


class SentenceCard(QFrame):
    """One variant's sentence. Says plainly when there is none, and why."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column
        self.setProperty("role", "panel")
        self._sentence = label(wrap=True, selectable=True, role="sentence")
        self._sentence.setTextFormat(Qt.TextFormat.RichText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._numbers = label(wrap=True, role="label")
        self._numbers.setToolTip(
            "log p(x|z): how sure the decoder is of this sentence, in nats, end of sentence counted.\n"
            "KL: how much z tells about the input sentence, in nats. Last, how the sentence was made."
        )
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(12, 8, 10, 7)
        column_box.setSpacing(4)
        column_box.addWidget(self._sentence, 1)
        column_box.addWidget(self._numbers)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(72)

    def show_reading(self, reference: Sequence[str], reading: Reading) -> None:
        """Show a decoded sentence; words that are not as in `reference` are marked."""
        now = theme.current()
        html = rich_text.diff_html(list(reference), list(reading.words), now) if reading.words else _quiet("(no words)")
        self._sentence.setText(html)
        self._numbers.setText(resolve.numbers_line(reading) + ("  …" if reading.draft else ""))

    def show_note(self, text: str) -> None:
        """Show why there is no sentence."""
        self._sentence.setText(_quiet(text))
        self._numbers.clear()

    @property
    def sentence(self) -> QLabel:
        """The label with the sentence."""
        return self._sentence

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card has an edge in its variant's colour."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().readable(self._column.colour)))
        painter.drawRoundedRect(QRectF(0, 8, 3, self.height() - 16), 1.5, 1.5)
        painter.end()


class SentenceCards(QWidget):
    """The cards of all shown variants, in the columns of the maps."""

    def __init__(self) -> None:
        super().__init__()
        self._row = columns_layout(self)
        self._cards: dict[str, SentenceCard] = {}
        self._columns: tuple[Column, ...] = ()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants, in this order."""
        if columns == self._columns:
            return
        self._columns = columns
        for card in self._cards.values():
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {column.name: SentenceCard(column) for column in columns}
        for card in self._cards.values():
            self._row.addWidget(card, 1)

    def show_decoded(self, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show what the models made of a sentence; `note` stands where there is nothing yet."""
        for name, card in self._cards.items():
            reading = decoded.readings.get(name)
            reason = broken.get(name) or decoded.failed.get(name)
            if reason:
                card.show_note(f"This model cannot answer: {reason}")
            elif reading is not None:
                card.show_reading(decoded.words, reading)
            else:
                card.show_note("…" if decoded.busy else note)

    def card(self, variant: str) -> SentenceCard:
        """The card of a variant."""
        return self._cards[variant]


def _quiet(text: str) -> str:
    return f'<span style="color:{theme.current().muted}">{escape(text)}</span>'
