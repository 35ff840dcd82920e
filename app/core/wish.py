"""What a person wants of a feature, as one plain frozen value that the feature offers and takes back.

A `Wish` holds what was typed, chosen and moved, and nothing of what the models answered: a feature that takes its wish
back asks for the answers anew. So the same value serves to undo (`core.history`), to begin where one ended
(`shell.session`) and to keep what is typed when another run is opened. Every field has a default, which is what an
untouched feature wants, and can be written as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol, Self

from app.core.picks import NOTHING, Pick


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one feature."""

    def elsewhere(self) -> Self:
        """What of it means the same in any run: plain text and settings, no number of a sentence, no point."""
        return self


class Wishing(Protocol):
    """A feature whose wish can be had and given back."""

    def wish(self) -> Wish:
        """What a person wants of it now."""
        ...

    def want(self, wish: Any) -> None:
        """Want this instead, and ask for what answers it; `wish` is of the type that `wish()` has."""
        ...


def differences(before: Wish, after: Wish) -> tuple[str, ...]:
    """The fields in which two wishes of one feature differ."""
    return tuple(each.name for each in fields(after) if getattr(before, each.name) != getattr(after, each.name))


def plain(pick: Pick) -> Pick:
    """A sentence as a person would type it; `NOTHING` for points, which are of one model."""
    return NOTHING if pick.is_point else Pick(pick.text)
