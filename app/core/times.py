"""Times as people read them."""

from __future__ import annotations

from datetime import datetime


def local(moment: str) -> str:
    """A time in ISO 8601 where the reader is, to the minute; anything else as it is."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
