"""What the list of the hits says of itself. Pure functions."""

from __future__ import annotations

NOTHING = "Part of a word is enough, and a bar stands between alternatives, as in “was | were”."


def heading(count: int, hit: int) -> str:
    """How many hits there are, or which of them is clicked: `hit` is its row, -1 for none."""
    if hit >= 0:
        return f"{hit + 1:,} of {count:,}"
    return f"{count:,} hit{'s' * (count != 1)}"


def nothing(text: str) -> str:
    """That a search has found nothing."""
    return f"No test sentence holds “{text.strip()}”."


def nothing_to_keep(text: str, searching: bool) -> str:
    """Why there are no hits to keep."""
    if not text.strip():
        return "Search for something first (Ctrl+F), then press Ctrl+K to keep what is found."
    if searching:
        return f"“{text.strip()}” is still searched for; press Ctrl+K once something is found."
    return f"{nothing(text)} There is nothing to keep."
