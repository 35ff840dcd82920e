"""What is said of a selection. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MOST_NEIGHBOURS = 100_000
"""Neighbours that can be asked for at the most."""
MOST_COPIED = 10_000
"""Sentences that go to the clipboard at the most."""

TAKEN: Mapping[str, str] = {
    "new": "select {what}",
    "add": "add {what} to the selection",
    "subtract": "take {what} out of the selection",
    "within": "keep only {what} in the selection",
}
"""What was done, as it follows "Undo: ", by what became of what was found."""

NOTHING_CHOSEN = "Nothing is selected yet: draw a box (M) or a lasso (L) round points, or select by… (Ctrl+E)."
NOTHING_FOUND = "The search has found nothing, so the selection is as it was."
NOTHING_INSIDE = "No point lies inside what was drawn, so the selection is as it was."
NOTHING_INSIDE_FOUND = (
    "No point that is searched for and has its colour lies inside what was drawn; the selection is as it was."
)


def deed(how: str, what: str) -> str:
    """What was done, as it follows "Undo: "."""
    return TAKEN[how].format(what=what)


def sentences(count: int) -> str:
    """So many sentences, as in "1 sentence"."""
    return f"{count:,} sentence{'s' * (count != 1)}"


def count(chosen: int, n: int, short: bool = False, tight: bool = False) -> str:
    """How many are chosen; "Select" where none is. Short, large numbers are rounded: "1.2M selected"; tight: "1.2M"."""
    if not chosen:
        return "Select"
    if tight:
        return rounded(chosen)
    return f"{rounded(chosen)} selected" if short else f"{chosen:,} of {n:,} selected"


def rounded(number: int) -> str:
    """A number as it is, or a large one in three figures: "1.23M"."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if number >= max(size, 100_000):
            return f"{number / size:.3g}{letter}"
    return f"{number:,}"


def heading(chosen: int, n: int) -> str:
    """The same as a heading."""
    return f"{chosen:,} of {n:,} selected" if chosen else "Nothing is selected"


def hits(text: str, count: int | None) -> str:
    """What the search has found."""
    if not text.strip():
        return "nothing is searched for"
    return f"“{text.strip()}”: {'…' if count is None else f'{count:,} found'}"


def neighbours(clicked: str) -> str:
    """What is selected by neighbours."""
    return f"Select “{clicked}” and those nearest to it" if clicked else "Click a sentence first"


def nearest(k: int, variant: str) -> str:
    """Neighbours as what was found."""
    return f"a sentence and its {k:,} neighbours in {variant}"


def nothing_between(what: str, least: str, most: str) -> str:
    """That no sentence has a number between two."""
    span = f"from {least} to {most}" if least and most else f"of {least} or more" if least else f"of {most} or less"
    return f"No sentence has {what} {span}, so the selection is as it was."


def copied(count: int, of: int) -> str:
    """What has gone to the clipboard."""
    if count < of:
        return f"Copied the first {count:,} of {of:,} sentences; Export writes all of them."
    return f"Copied {sentences(count)}."


def under_way(what: str) -> str:
    """That something is being looked for; "" where nothing is."""
    return f"Looking for {what} …" if what else ""


def writing(count: int) -> str:
    """That a selection is being written."""
    return f"Writing {sentences(count)}; the window can be used meanwhile."


def written(count: int, path: Path) -> str:
    """That it was."""
    return f"Wrote {sentences(count)} to {path}."


def save(name: str, there: bool) -> str:
    """That what is selected is saved, as it follows "Undo: "."""
    return f"save the selection “{name}” anew" if there else f"save the selection “{name}”"


def of_others(count: int) -> str:
    """That selections are saved which are of other sentences; "" for none."""
    if not count:
        return ""
    return f"{count:,} more {'are' if count > 1 else 'is'} of other sentences, and not used here."
