"""The tab where a person types a sentence and reads what each model makes of it, or looks closer at how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import theme
from app.core.choice import BLANK
from app.core.picks import NOTHING, Pick
from app.widgets.length_note import LengthNote
from app.widgets.pages import Pages
from app.widgets.parts import BAR, EDGE, Segmented, button, columns_area, label
from app.widgets.pick_field import PickField
from app.widgets.reading.marks import isolated
from app.widgets.sentences import rich_text
from app.widgets.sentences.sentence_cards import SentenceCards

if TYPE_CHECKING:
    from app.core.values import Column, Decoded
    from app.widgets.pictures.figure import Figure

_LONGEST = 100_000  # characters: what is too long is pasted whole and refused in words, not cut in silence
_TALLEST = 260  # logical pixels of a card: room for the longest sentences in a narrow column and the bars below

_NOTHING_YET = "Words outside the vocabulary will be marked here."
_LOOKS = (
    ("sentence", "Sentence", "The sentence that each model writes from its z"),
    ("cloud", "Posterior cloud", "Look closer: many samples of q(z|x), decoded; equal sentences are counted"),
    ("credit", "Token credit", "Look closer: which words of the sentence z pays for"),
    ("tree", "Beam tree", "Look closer: the search that found the sentence, and what else it found"),
    ("fill", "Fill a blank", f"Look closer: what each model puts in the place of {BLANK}"),
)


class ReconstructView(QWidget):
    """A field, how the models read it, and a card for each variant, or one of the closer looks in their place.

    Signals:
        picked: the `Pick` that was typed or sent into the field.
        add_requested: the reconstructions are wanted in the table.
        look_chosen: the name of a look.
        gather_requested: what the open look shows is wanted in the table.
    """

    picked = Signal(object)
    add_requested = Signal()
    look_chosen = Signal(str)
    gather_requested = Signal()
    figure_name = "these sentences"

    def __init__(self) -> None:
        super().__init__()
        self.field = PickField(
            "sentence to reconstruct",
            "",
            "The models encode this sentence and write it again from its z, as you type. "
            f"{BLANK} stands for a missing word. A point that is dropped or sent here is decoded.",
            pause=0,
        )
        self.field.setMaxLength(_LONGEST)
        self.field.picked.connect(self.picked)
        self.field.returnPressed.connect(self._take_example)
        self.set_example("I think we should go home now.")
        self.lengths = LengthNote({"": self.field})
        self.looks = Segmented(_LOOKS)
        self.looks.setAccessibleName("Look closer")
        self.looks.chosen.connect(self.look_chosen)
        self._add = button("Add to table", "", "plus")
        self._add.clicked.connect(self._ask_to_add)
        self._addable = {"sentence": False, "look": False}
        self._given = NOTHING
        self._decoded: Decoded | None = None
        self._read_as = label(role="muted", wrap=True)
        self._read_as.setTextFormat(Qt.TextFormat.RichText)
        self._read_as.linkActivated.connect(self.look_chosen)
        self._cards = SentenceCards(large=True)
        self._cards.setMaximumHeight(_TALLEST)
        self._stack = Pages()
        self._pages: dict[str, QWidget] = {}
        self._columns: tuple[Column, ...] = ()
        self._lay_out()
        self.show_look("sentence")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        top.addWidget(self.field, 1)
        top.addWidget(self.looks)
        top.addWidget(self._add)
        words = QHBoxLayout()
        words.setContentsMargins(EDGE, 0, EDGE, 0)
        words.addWidget(self._read_as)
        inside = QWidget()
        cards = QVBoxLayout(inside)
        cards.setContentsMargins(0, 0, 0, 8)
        cards.addWidget(self._cards, 20)
        cards.addStretch(1)
        self._cards.set_bar(BAR)
        first = columns_area(inside)  # in a small window the sentences are higher than their room
        self.add_look("sentence", first)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.lengths)
        column.addLayout(words)
        column.addWidget(self._stack, 1)

    def set_example(self, sentence: str) -> None:
        """A real sentence that stands in the empty field; Enter takes it."""
        self._example = sentence
        self.field.setPlaceholderText(f"Type a sentence, or press Enter for: {isolated(sentence)}")

    def add_look(self, look: str, page: QWidget) -> None:
        """What a look shows, where that is made only once it is wanted."""
        self._pages[look] = page
        self._stack.addWidget(page)

    def show_look(self, look: str) -> None:
        """Open a look."""
        self.looks.set_value(look)
        self._stack.turn_to(self._pages[look])
        kept = {"sentence": "this sentence and its reconstructions", "credit": "the words with their credits"}
        self._add.setToolTip(f"Keep {kept.get(look, 'what stands here, up to ten rows,')} in the table")
        self._enable_add()
        self._show_read_as()

    def set_addable(self, addable: bool) -> None:
        """Whether the closer look that is open has sentences for the table."""
        self._addable["look"] = addable
        self._enable_add()

    def make_blank(self) -> None:
        """Put a blank in the place of what is selected in the field, or else of the word at the cursor or before it."""
        field = self.field
        typed = not field.pick.is_point and field.text()
        text = typed or self._example
        start, length = field.selectionStart(), len(field.selectedText())
        if not typed or start < 0:
            words = [found.span() for found in re.finditer(r"[\w'’-]+", text) if not found.group().startswith("_")]
            cursor = field.cursorPosition() if typed else len(text) // 2
            begun = [span for span in words if span[0] <= cursor] or words[:1]
            start, length = (begun[-1][0], begun[-1][1] - begun[-1][0]) if begun else (len(text), 0)
        self.picked.emit(Pick(text[:start] + BLANK + text[start + length :]))
        field.setFocus()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns
        self._cards.set_columns(columns)

    def show_typed(self, given: Pick, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show the typed sentence, the words the models do not know, and the reconstructions; or those of a point."""
        self.field.set_pick(given)
        self._cards.show_decoded(decoded, broken, note)
        self._addable["sentence"] = bool(decoded.readings) and not decoded.busy
        self._given, self._decoded = given, decoded
        self._enable_add()
        self._show_read_as()

    def figure(self) -> Figure | None:
        """The sentences of all models as a figure; None while there are none, and of a closer look."""
        decoded = self._decoded
        if self.looks.value != "sentence" or decoded is None or not decoded.readings:
            return None
        # the first picture that is wanted brings what draws it
        from app.widgets.pictures.cards import Cards
        from app.widgets.pictures.columns import columns_figure

        kind = "Decoded from" if self._given.is_point else "Reconstruction of"
        title, parts = f"{kind} “{self._given.label}”", (Cards(self._cards.said),)
        facts = (re.sub(r"<[^>]*>", "", self._read_as.text()),)
        return columns_figure("reconstruction", title, self._columns, parts, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def open_page(self) -> QWidget:
        """The look in view."""
        return self._pages[self.looks.value]

    @property
    def reading_note(self) -> str:
        """How the models read the sentence, as rich text; "" where a closer look has nothing to add to itself."""
        return self._read_as.text()

    def _take_example(self) -> None:
        if not self.field.text():
            self.picked.emit(Pick(self._example))

    def _ask_to_add(self) -> None:
        (self.add_requested if self.looks.value == "sentence" else self.gather_requested).emit()

    def _enable_add(self) -> None:
        self._add.setEnabled(self._addable["sentence" if self.looks.value == "sentence" else "look"])

    def _show_read_as(self) -> None:
        look = self.looks.value
        decoded = self._decoded
        warned = decoded is not None and bool((decoded.problem and look != "fill") or _unknown(decoded))
        said = look == "sentence" or warned  # else the room is left to the look
        self._read_as.setText(_read_as(self._given, decoded, filling=look == "fill") if said else "")
        self._read_as.setVisible(said)


def _unknown(decoded: Decoded) -> bool:
    """Whether the sentence has words outside the vocabulary, blanks aside."""
    return any(mark and word != BLANK for word, mark in zip(decoded.words, decoded.unknown, strict=True))


def _read_as(given: Pick, decoded: Decoded | None, filling: bool = False) -> str:
    """How the models read the sentence, as rich text; while a blank is filled, nothing is said of blanks."""
    if decoded is None:
        return _NOTHING_YET
    from html import escape  # its list of entities takes a while, and the first paint needs none

    if decoded.problem:
        return escape(decoded.problem)
    if given.is_point:
        return f"A point is decoded as it is, without an encoder: {escape(given.how)}"
    outside = [mark and word != BLANK for word, mark in zip(decoded.words, decoded.unknown, strict=True)]
    unknown = rich_text.unknown_line(decoded.words, outside, theme.current())
    if BLANK in given.text and not filling:
        link = f'<a href="fill" style="color:{theme.current().accent}">Fill a blank</a>'
        blank = f"{BLANK} is a blank: {link} shows what each model puts there. Here it is read as an unknown word."
        return f"{blank} {unknown}".strip()
    if not decoded.words:
        return "…" if decoded.busy else _NOTHING_YET
    if unknown:
        return unknown
    from engine.corpus.tokens import is_word, words_of  # brings a compiled library, which the first paint does without

    count = rich_text.counted(len(words_of(decoded.words)), "word")
    marks = rich_text.counted(len(decoded.words) - sum(map(is_word, decoded.words)), "punctuation mark")
    return f"{' and '.join(said for said in (count, marks) if said)}, all in the vocabulary"
