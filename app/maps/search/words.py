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
