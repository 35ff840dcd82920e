"""Filling a blank: the words that each model would put where `___` stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.bench.reconstruct.inspection.column_cells import CellAt, ColumnRows, how_line, one_cell, quiet_cell, reason_of
from app.bench.reconstruct.inspection.values import Answers, Filling, Fillings
from app.core.choice import BLANK
from app.core.picks import Pick
from app.core.readings import signed
from app.core.values import Column
from app.widgets.parts import button, controls_above, label, put_number, spin_box
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell
from engine.corpus.tokens import join_words

MOST_FILLINGS = 50


class FillView(QWidget):
    """How many fillings, and beneath each variant its own, the most probable first.

    Signals:
        count_changed: how many are wanted.
        blank_requested: a word of the sentence is to become a blank.
    """

    count_changed = Signal(int)
    blank_requested = Signal()
    figure_name = "the fillings"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._text = ""
        self._count = spin_box(1, MOST_FILLINGS, "How many ways to fill the blank are shown for each variant")
        self._count.setAccessibleName("fillings of each variant")
        self._count.setKeyboardTracking(False)
        self._count.valueChanged.connect(self.count_changed)
        self.make = button(
            f"Take a word out ({BLANK})",
            f"Put {BLANK} in the place of the word at the cursor, up to three times. It can also be typed.",
        )
        self.make.clicked.connect(self.blank_requested)
        self._note = label(role="muted", wrap=True)
        self._grid = SentenceGrid("Fillings of the blank")
        controls_above(self, (self.make, label("best", role="muted"), self._count), self._note, self._grid)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns

    def show_fillings(self, count: int, answers: Answers[Fillings], broken: Mapping[str, str], note: str) -> None:
        """Show the fillings; `note` stands where there are none."""
        put_number(self._count, count)
        self._text = answers.text
        self._note.setText(how_line(answers))
        self._grid.show_rows(ColumnRows([_column(column, answers, broken, note) for column in self._columns]))

    def figure(self) -> Figure | None:
        """What stands here as a figure."""
        if not self._note.text():
            return None
        rows, title = Sentences(self._grid.rows), f"What stands in the blank of “{self._text}”"
        facts = (self._note.text(),)
        return columns_figure("fill-a-blank", title, self._columns, (rows,), facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def texts(self) -> list[list[str]]:
        """The text of every cell, row by row."""
        return self._grid.texts

    @property
    def note(self) -> str:
        """How the fillings were scored."""
        return self._note.text()


def _column(column: Column, answers: Answers[Fillings], broken: Mapping[str, str], note: str) -> tuple[int, CellAt]:
    found = answers.found.get(column.name)
    if found is None or column.name in broken or column.name in answers.failed:
        return one_cell(quiet_cell(reason_of(column, answers, broken, note)))
    if not found.best:
        return one_cell(quiet_cell("This model proposes no word for the blank."))
    return 1 + len(found.best), lambda rank: _cell(column, found, rank) if rank else _summary(found)


def _summary(found: Fillings) -> Cell:
    return quiet_cell(f"{found.compared:,} fillings, {'quick scores first' if found.draft else 'scored'}", found.how)


def _cell(column: Column, found: Fillings, rank: int) -> Cell:
    filling = found.best[rank - 1]
    return Cell(_spans(found.words, filling), _tip(found, filling), column.colour, str(rank), Pick(filling.text))


def _tip(found: Fillings, filling: Filling) -> str:
    name = "log p(x|μ) − KL" if found.draft else "log p(x)"
    return (
        f"{' … '.join(filling.filled)}: {name} of the whole sentence {signed(filling.log_probability)} nats\n"
        f"{filling.share:.1%} of the probability of the {found.compared:,} fillings that were compared\n"
        f"{found.how}"
    )


def _spans(words: Sequence[str], filling: Filling) -> tuple[Span, ...]:
    """The sentence with the words of the blanks marked, then their share."""
    fillers = iter(filling.filled)
    at = {place for place, word in enumerate(words) if word == BLANK}
    whole = [next(fillers) if place in at else word for place, word in enumerate(words)]
    spans: list[Span] = []
    for place, (text, glue) in enumerate(join_words(whole, filling.text)):
        if place and not glue:
            spans.append(Span(" "))
        spans.append(Span(text, "changed" if place in at else "text"))
    return (*spans, Span(f"  {filling.share:.0%}  {signed(filling.log_probability)}", "muted"))
