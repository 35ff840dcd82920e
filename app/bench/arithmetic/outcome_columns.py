"""What came of moving a point, a column a variant: the sentence before in small, and the sentence after on a card."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bench.arithmetic.state import Outcome
from app.core.picks import Pick
from app.core.readings import no_answer, sentence_pick
from app.core.values import Column
from app.widgets.labels import ElidedLabel
from app.widgets.parts import EDGE, columns_layout
from app.widgets.sentences.sentence_cards import SentenceCards


class OutcomeColumns(QWidget):
    """Both sentences of all shown variants, in the columns of the maps; the second's differences are marked."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._befores: dict[str, ElidedLabel] = {}
        top = QWidget()
        self._row = columns_layout(top)
        self.cards = SentenceCards()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(top)
        column.addWidget(self.cards, 1)

    def set_bar(self, width: int) -> None:
        """A scroll bar of this width, in logical pixels, lies at the right of the columns."""
        for row in (self._row, self.cards.layout()):
            if row is not None:
                row.setContentsMargins(EDGE, 0, max(0, EDGE - width), 0)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants, in this order."""
        if columns == self._columns:
            return
        self._columns = columns
        for old in self._befores.values():
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._befores = {column.name: ElidedLabel() for column in columns}
        for made in self._befores.values():
            made.setProperty("role", "muted")
            made.setContentsMargins(12, 0, 0, 0)
            self._row.addWidget(made, 1)
        self.cards.set_columns(columns)

    def show_outcome(
        self, outcome: Outcome, name: str, broken: Mapping[str, str], note: str, point: Pick | None = None
    ) -> None:
        """Show what came of it.

        Args:
            outcome: by variant.
            name: what was moved, as in "a".
            broken: variants whose model could not be loaded, with the reason.
            note: what stands where there is nothing yet.
            point: the points of all variants, to be sent on.
        """
        for column in self._columns:
            card, reading = self.cards.card(column.name), outcome.after.get(column.name)
            reason = broken.get(column.name) or outcome.failed.get(column.name)
            before = outcome.before.get(column.name) if reading is not None and not reason else None
            line = self._befores[column.name]
            line.setText(f"{name}:  {before.text}" if before is not None else "")
            line.setToolTip(f"{name} as this model writes it: {before.text}" if before is not None else "")
            if reason:
                card.show_note(no_answer(reason))
            elif reading is not None:
                card.show_reading(before.words if before is not None else reading.words, reading, 0.0)
                card.set_picks((sentence_pick(reading), point))
            else:
                card.show_note("…" if outcome.busy else note)

    def before(self, variant: str) -> str:
        """The small line of a variant."""
        return self._befores[variant].text()
