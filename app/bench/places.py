"""Where a `Pick` can go, in the order of the bench."""

from __future__ import annotations

from app.bench import tabs
from app.core.picks import Place

RECONSTRUCT = Place("Reconstruct")
TABLE = Place("Table")
WAY = (Place("Interpolate", "A"), Place("Interpolate", "through"), Place("Interpolate", "B"))


def places() -> tuple[Place, ...]:
    """All places of the bench that take sentences and points."""
    made = (place for kind in tabs.KINDS for place in kind.places)
    return (RECONSTRUCT, *WAY, *made, TABLE)


def first_place(tab: str) -> Place:
    """Where something goes that is dropped on the name of a tab: its only place, or the one it chooses itself."""
    if tab == "Interpolate":
        return Place(tab)
    return next(place for place in places() if place.tab == tab)
