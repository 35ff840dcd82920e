"""A card with the sentence that one variant decoded, differences marked, with its numbers beneath."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout

from app.core import theme
from app.core.picks import Pick
from app.core.readings import SCORES, facts, numbers_line
from app.core.values import Column, Fact, Reading
from app.widgets.parts import CARD_HEIGHT, breakable, label, paint_edge
from app.widgets.picture_area import add_saving
from app.widgets.reading.marks import directed
from app.widgets.send_menu import SendButton, add_sending
from app.widgets.sentences import rich_text
from app.widgets.sentences.fact_bars import FactBars
from app.widgets.sentences.rich_text import Span

_SEND = 20, 20  # logical pixels: no higher than the numbers beside it need
_LEFT, _RIGHT = 12, 6  # logical pixels beside the text of a card
_FOOT = 2  # between the numbers and what stands beside them
_PARTED = re.compile(r"(?<=[)L]) (?=[\d\N{MINUS SIGN}…])|(?<=beam) | (?=·)")
_HIGHEST = 150  # of a sentence; the maps and the bench need room too


@dataclass(frozen=True, slots=True)
class Said:
    """What a card says: the sentence with its marks, or why there is none; its numbers, and facts as bars."""

    column: Column
    spans: tuple[Span, ...] = ()
    numbers: str = ""
    facts: tuple[Fact, ...] = ()
    large: bool = False


class SentenceCard(QFrame):
    """One variant's sentence, large and with facts as bars if asked for. Says plainly when there is none, and why."""

    def __init__(self, large: bool = False, brief: bool = False) -> None:
        """Args: large: in large letters, with facts; brief: how it was made is told where there is room for it."""
        super().__init__()
        self._column, self._brief = Column("", "", ""), brief
        self._made: Callable[[], Said] = lambda: Said(self._column, large=large)
        self.setProperty("role", "panel")
        self._sentence = label(wrap=True, selectable=True, role="large" if large else "sentence")
        self._sentence.setTextFormat(Qt.TextFormat.RichText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._sentence.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the card's, which can send it too
        self._text = ""
        self._said: tuple[str, ...] = ()  # the numbers, and how the sentence was made or not
        self.send = SendButton("this sentence")
        self.send.setFixedSize(*_SEND)
        self.send.setProperty("role", "small")
        self.send.hide()
        self._numbers = label(wrap=True, role="label")
        self._numbers.setToolTip(SCORES)
        column_box = self._box = QVBoxLayout(self)
        column_box.setContentsMargins(_LEFT, 8, _RIGHT, 7)
        column_box.setSpacing(4)
        column_box.addWidget(self._sentence, 1)
        self.facts = FactBars() if large else None
        if self.facts is not None:
            column_box.addWidget(self.facts, 50)  # before the sentence has more than it needs
        foot = QHBoxLayout()
        foot.setSpacing(_FOOT)
        foot.addWidget(self._numbers, 1)
        foot.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        column_box.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(CARD_HEIGHT)

    def take(self, column: Column) -> None:
        """Be the card of this variant. What it shows stays until something else is shown."""
        self._column = column
        self.send.set_what(f"this sentence of {column.label}")
        if self.facts is not None:
            self.facts.set_colour(column.colour)
        self.update()

    def show_reading(self, reference: Sequence[str], reading: Reading, kl_scale: float) -> None:
        """Show a decoded sentence; words not as in `reference` are marked. A KL of `kl_scale` fills its bar."""
        now = theme.current()
        compared = list(reference or reading.words)  # a decoded point has no words to compare with
        html = rich_text.diff_html(compared, reading.words, now, reading.text)
        html = directed(html, reading.text) if html else _quiet("(no words)")
        dots = "  …" if reading.draft else ""
        self._said = tuple(_unparted(numbers_line(reading, how)) + dots for how in (True, False))
        self._numbers.setText(self._said[0])
        self._numbers.setToolTip(f"{numbers_line(reading)}\n{SCORES}")
        self._show(html, copied=True)
        self._text = reading.text
        self._sentence.setToolTip("")
        self._made = lambda: self._reading_said(compared, reading)
        if self.facts is not None:
            self.facts.show_facts(facts(reference, reading, kl_scale))

    def show_note(self, text: str) -> None:
        """Show why there is no sentence."""
        lines = "<br>".join(_quiet(breakable(line)) for line in text.splitlines())
        self._said = ()
        self._numbers.clear()
        self._show(f'<span style="font-size:{theme.TEXT_SIZE}px">{lines}</span>', copied=False)
        self._text = ""
        self._made = lambda: Said(self._column, (Span(text, "muted"),), large=self.facts is not None)
        self.set_picks(())
        self._sentence.setToolTip(text)  # a card with bars may have no room for all of it
        if self.facts is not None:
            self.facts.show_facts(())

    @property
    def said(self) -> Said:
        """What it says, for a figure."""
        return self._made()

    def _reading_said(self, compared: Sequence[str], reading: Reading) -> Said:
        spans = rich_text.diff_spans(compared, reading.words, reading.text) or (Span("(no words)", "muted"),)
        bars = self.facts.facts if self.facts is not None else ()
        return Said(self._column, spans, numbers_line(reading), bars, self.facts is not None)

    def set_picks(self, picks: Sequence[Pick | None]) -> None:
        """What can be sent on of it: the sentence, its point."""
        self.send.set_picks(picks)
        self.send.setVisible(self.send.isEnabled())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the sentence."""
        if self._text:
            self.menu().popup(event.globalPos())
        else:
            event.ignore()

    def menu(self) -> QMenu:
        """The menu of the card. It deletes itself when closed."""
        menu, chosen = QMenu(self), self._sentence.selectedText()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = chosen or self._text
        copy = menu.addAction("Copy the chosen words" if chosen else "Copy this sentence")
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(text))
        add_sending(menu, self, self.send.picks)
        add_saving(menu, self)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower card is higher."""
        super().resizeEvent(event)
        self._fit()

    def _show(self, html: str, copied: bool) -> None:
        if html != self._sentence.text():  # the numbers alone change more often, while a slider is dragged
            self._sentence.setText(html)
            self._sentence.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse if copied else Qt.TextInteractionFlag.NoTextInteraction
            )
        self._fit()

    def _fit(self) -> None:
        """Keep room for all lines: a layout gives a label that wraps less than it needs where others want more."""
        width = self.width() - _LEFT - _RIGHT
        beside = width - self.send.width() - _FOOT
        if self._brief and self._said:
            fits = self._numbers.fontMetrics().horizontalAdvance(self._said[0]) <= beside
            self._numbers.setText(self._said[0 if fits else 1])
        for text, room, least in ((self._sentence, width, 0), (self._numbers, beside, self.send.height())):
            text.setMinimumHeight(0)  # or it counts as needed height
            text.setMinimumHeight(min(_HIGHEST, max(least, text.heightForWidth(room))))
        self._box.activate()  # now, or it is painted twice

    @property
    def sentence(self) -> QLabel:
        """The label with the sentence."""
        return self._sentence

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card has an edge in its variant's colour."""
        super().paintEvent(event)
        paint_edge(self, self._column.colour)


def _unparted(numbers: str) -> str:
    """A line of numbers in which none is parted from its name where the line is broken."""
    return _PARTED.sub("\N{NO-BREAK SPACE}", numbers)


def _quiet(text: str) -> str:
    return f'<span style="color:{theme.current().muted}">{escape(text)}</span>'
