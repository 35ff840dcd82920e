"""A row of cards, one a variant, with the sentences that they decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.widgets.parts import CARD_HEIGHT, EDGE, InColumns, columns_layout

if TYPE_CHECKING:
    from app.core.values import Column, Decoded
    from app.widgets.sentences.sentence_card import Said, SentenceCard


class SentenceCards(QWidget):
    """The cards of all shown variants, in the columns of the maps."""

    def __init__(self, large: bool = False, brief: bool = False) -> None:
        """Args: large, brief: as those of a `SentenceCard`."""
        super().__init__()
        self._large, self._brief = large, brief
        self.setMinimumHeight(CARD_HEIGHT if brief else 0)  # also before the variants are known
        self._row = columns_layout(self)
        self._cards: InColumns[SentenceCard] = InColumns(self._row, self._made_card, lambda card: card.show_note(""))
        self._columns: tuple[Column, ...] = ()

    def set_bar(self, width: int) -> None:
        """A scroll bar of this width, in logical pixels, lies at the right of the columns."""
        self._row.setContentsMargins(EDGE, 0, max(0, EDGE - width), 0)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants, in this order."""
        if columns == self._columns:
            return
        self._columns = columns
        self._cards.arrange([column.name for column in columns])
        for column in columns:
            self.card(column.name).take(column)

    def _made_card(self) -> SentenceCard:
        from app.widgets.sentences.sentence_card import SentenceCard  # the first paint does without it

        card = SentenceCard(self._large, self._brief)
        if card.facts is not None:
            card.facts.room_changed.connect(self._level)
        return card

    def show_decoded(self, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show what the models made of a sentence; `note` stands where there is nothing yet."""
        from app.core.readings import decoded_pick, no_answer, sentence_pick  # the first paint does without them

        if self._brief:  # what is beneath waits where it is
            self.setMinimumHeight(max(CARD_HEIGHT, self.height()) if decoded.busy else CARD_HEIGHT)
        point = decoded_pick(decoded)
        kl_scale = max((r.kl for r in decoded.readings.values() if r.kl is not None), default=0.0)
        for name, card in self._cards.by_name.items():
            reading = decoded.readings.get(name)
            reason = broken.get(name) or decoded.failed.get(name)
            if reason:
                card.show_note(no_answer(reason))
            elif reading is not None:
                card.show_reading(decoded.words, reading, kl_scale)
                card.set_picks((sentence_pick(reading), point))
            else:
                card.show_note("…" if decoded.busy else note)
        self._level()

    def _level(self) -> None:
        """The same facts in every card, so that each is in line with those beside it."""
        bars = [card.facts for card in self._cards.by_name.values() if card.facts is not None]
        rows = min((bar.room for bar in bars if bar.room is not None), default=0)
        for bar in bars:
            bar.set_limit(rows)

    @property
    def said(self) -> tuple[Said, ...]:
        """What the cards say, column by column."""
        return tuple(card.said for card in self._cards.by_name.values())

    def card(self, variant: str) -> SentenceCard:
        """The card of a variant."""
        return self._cards.by_name[variant]
