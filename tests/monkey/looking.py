"""Reading the window: what stands in its fields, on its cards and in its lists, as a person reads it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QSpinBox, QWidget

from app.bench.decoding_more import DecodingMore
from app.core.choice import Choice
from app.core.values import Column
from app.shell.explorer import Explorer
from app.widgets.parts import Segmented
from app.widgets.sentences.sentence_card import SentenceCard
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell
from engine.session import Session
from tests.monkey import truth
from tests.monkey.truth import Floats, Latents

_MISSING = "\N{CARET}"
NO_WORDS = "(no words)"
W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True)
class Mismatch:
    """Where something else is shown than is true."""

    place: str
    shown: str
    expected: str


@dataclass(frozen=True)
class Case:
    """A window at rest, what it says is wanted, and models and arrays of one's own to compare with.

    `seen` counts what was there to be compared.
    """

    explorer: Explorer
    choice: Choice
    session: Session | None
    latents: Latents | None
    seen: Counter[str]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those in view."""
        return self.explorer.state.visible()

    @property
    def answering(self) -> tuple[Column, ...]:
        """Those in view whose models can answer."""
        usable = self.explorer.state.usable()
        return tuple(column for column in self.columns if column.name in usable)


def choice_of(explorer: Explorer) -> Choice:
    """How sentences are made, as the bar and its popup show it."""
    bar = explorer.bench.decoding
    z, method = bar.findChildren(Segmented)[:2]
    width = next(each for each in bar.findChildren(QSpinBox) if each.accessibleName() == "width of the beam")
    choice = Choice(sample=z.value == "sample", method="beam" if method.value == "beam" else "greedy")
    choice = replace(choice, beam=width.value())
    more = bar.findChild(DecodingMore)
    if more is None:
        return choice
    return replace(
        choice,
        seed=more.seed.value(),
        length_normalisation=round(more.length.value(), 1),
        allow_unknown=more.unknown.isChecked(),
        n_best=more.n_best.value(),
    )


def number_of(view: QWidget, tooltip: str) -> float:
    """What stands in the field for a number whose tooltip begins so."""
    found = (each for each in view.findChildren(QAbstractSpinBox) if each.toolTip().startswith(tooltip))
    return float(next(found).value())  # type: ignore[attr-defined]


def plain(html: str) -> str:
    """Rich text without its marks."""
    return unescape(re.sub(r"<[^>]*>", "", html.replace("<br>", "\n"))).replace(_MISSING, "").strip()


def said(card: SentenceCard) -> str | None:
    """The sentence of a card, "" for one of no words; None where it says why there is none."""
    if not numbers(card):
        return None
    text = plain(card.sentence.text())
    return "" if text == NO_WORDS else text


def numbers(card: SentenceCard) -> str:
    """The line of numbers beneath a card's sentence, whole as its tooltip has it; "" where there is no sentence.

    Where a card has no room for it, the line on the card is its beginning.
    """
    for each in card.findChildren(QLabel):
        shown = each.text().replace("\N{NO-BREAK SPACE}", " ")
        if shown.startswith("log p("):
            whole = each.toolTip().partition("\n")[0].replace("\N{NO-BREAK SPACE}", " ")
            return whole if whole.startswith(shown.removesuffix(" …")) else shown
    return ""


def compare_card(
    case: Case, place: str, card: SentenceCard, column: Column, z: Floats, shortest: int | None, source: str | None
) -> Iterator[Mismatch]:
    """Whether a card has the sentence of a point, and says how it was made.

    Args:
        case: to compare with.
        place: in words.
        card: as it is.
        column: its variant.
        z: the point (latent,).
        shortest: words that a sentence has at the least, if that is not what the corpus says.
        source: how the point was made, which stands before the search; None if that is not compared.
    """
    assert case.session is not None
    options = truth.options_of(case.choice, shortest)
    wanted = truth.decoded(case.session, column.name, z, options)
    where = f"{place}, {column.label}"
    case.seen[f"cards: {place}"] += 1
    shown, line = said(card), numbers(card)
    if shown is None:
        yield Mismatch(where, plain(card.sentence.text()), wanted.text)
        return
    if not truth.could_be(case.session, column.name, z, options, shown):
        yield Mismatch(where, f"{shown}  [{line}]", wanted.text)
    made = case.choice.search if source is None else f"{source}, {case.choice.search}"
    if not line.endswith(made):
        yield Mismatch(f"{where}, how it was made", line, made)


def cells_of(grid: SentenceGrid, column: int) -> list[Cell]:
    """The cells of a column that say something, from the top."""
    return [row.cells[column] for row in grid.rows if column < len(row.cells) and row.cells[column].text]


def sentence_in(cell: Cell) -> str:
    """What a cell says, without the signs of what is missing in it."""
    return "".join(span.text for span in cell.spans if span.role != "removed").strip()


def labels(view: QWidget) -> list[str]:
    """What all labels in view say."""
    return [plain(each.text()) for each in view.findChildren(QLabel) if each.isVisibleTo(view) and each.text()]
