"""What the list of the hits says of itself. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from engine.selections.conditions import read_as_words

NOTHING = "Part of a word is enough, and a bar stands between alternatives, as in “was | were”."


@dataclass(frozen=True, slots=True)
class ListWords:
    """How a list beside the maps speaks of its sentences.

    Attributes:
        one, many: what stands above it, with a place for the number: "{:,} hits".
        name: of the list, for screen readers.
        before, next, keep, close: what its buttons do.
        select: what the button that selects them all does; "" for no such button.
    """

    one: str
    many: str
    name: str
    before: str
    next: str
    keep: str
    close: str
    select: str = ""


SEARCH = ListWords(
    "1 hit",
    "{:,} hits",
    "Sentences found",
    "The hit before (Shift+Enter in the search)",
    "The next hit (Enter in the search)",
    "Keep all hits: in the table or in a concept’s group (Ctrl+K)",
    "Put this list away; the search stays",
    "Select all hits (Ctrl+Enter in the search)",
)
SELECTION = ListWords(
    "Selected",
    "Selected",
    "Selected sentences",
    "The selected sentence before",
    "The next selected sentence",
    "Keep all that is selected: in the table or in a concept’s group (Ctrl+K)",
    "Put this list away; the selection stays",
)


def heading(count: int, hit: int, said: ListWords = SEARCH) -> str:
    """How many there are, or which of them is clicked: `hit` is its row, -1 for none."""
    if hit >= 0:
        return f"{hit + 1:,} of {count:,}"
    return said.one if count == 1 else said.many.format(count)


def nothing(text: str) -> str:
    """That a search has found nothing."""
    return f"No test sentence holds “{text.strip()}”. {read_as_words([text])}".strip()


def nothing_to_keep(text: str, searching: bool) -> str:
    """Why there are no hits to keep."""
    if not text.strip():
        return "Search for something first (Ctrl+F), then press Ctrl+K to keep what is found."
    if searching:
        return f"“{text.strip()}” is still searched for; press Ctrl+K once something is found."
    return f"{nothing(text)} There is nothing to keep."
