"""The sentences behind a number as rows of a list. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from app.core.picks import Pick
from app.core.values import Column
from app.evaluate.words import said
from app.widgets.sentences.rich_text import Role, Span
from app.widgets.sentences.sentence_row import Cell, Row
from engine.evaluation.measures.definitions import Definition

if TYPE_CHECKING:
    from engine.evaluation.measures.result import Item

ARROW = " → "
_LINE = "\N{LINE SEPARATOR}"
HEADS = {
    "likelihood": ("Test sentence",),
    "latent": ("Test sentence",),
    "reconstruction": ("Test sentence", "Given back"),
    "generation": ("Sample of the prior",),
    "interpolation": ("Between", "The way"),
}


def heads_of(definition: Definition, items: Sequence[Item]) -> tuple[str, ...]:
    """What stands in the columns of the list; reverse perplexity is of test sentences although it is of samples."""
    heads = HEADS[definition.group]
    if definition.group == "generation" and any(item.source for item in items):
        return ("Test sentence",)
    return heads


def rows_of(items: Sequence[Item], definition: Definition, column: Column) -> list[Row]:
    """A row an item, with its value before it; words that a reconstruction has changed are marked."""
    heads = heads_of(definition, items)
    room = max((said(item.value, definition) for item in items), key=len, default="0")
    return [Row(_cells(item, definition, column, heads, room)) for item in items]


def is_sentence(definition: Definition, items: Sequence[Item]) -> bool:
    """Whether the items are test sentences, which are points of the maps."""
    return heads_of(definition, items)[0] == "Test sentence"


def _cells(item: Item, definition: Definition, column: Column, heads: Sequence[str], room: str) -> tuple[Cell, ...]:
    number = said(item.value, definition)
    named = heads[0] == "Test sentence"
    tip = f"Test sentence {item.index + 1:,}: {number}. Click to see it on the maps." if named else number
    first = item.source.replace("\n", _LINE) or _LINE.join(item.made)
    pick = Pick(item.source, index=item.index) if named else None
    cells = [Cell((Span(first),), tip, "", number, pick, room)]
    if len(heads) > 1:
        made = _LINE.join(item.made)
        spans = changed_spans(item.source, made) if definition.group == "reconstruction" else (Span(made),)
        if not made:
            spans = (Span("(no words)", "muted"),)
        cells.append(Cell(spans, tip, column.colour, "", Pick(made) if len(item.made) == 1 else None))
    return tuple(cells)


def changed_spans(source: str, made: str) -> tuple[Span, ...]:
    """`made` with the words marked that do not stand in `source` at their place."""
    from engine.corpus.tokens import words_in  # brings a compiled library

    words = words_in(made)
    changed = set(range(len(words)))
    before, after = [[word.casefold() for word, _, _ in words_in(text)] for text in (source, made)]
    for tag, _, _, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            changed -= set(range(first, last))
    spans: list[Span] = []
    done = 0
    for i, (_, start, end) in enumerate(words):
        role: Role = "changed" if i in changed else "text"
        spans += [Span(made[done:start])] if done < start else []
        spans.append(Span(made[start:end], role))
        done = end
    return (*spans, Span(made[done:])) if done < len(made) else tuple(spans)
