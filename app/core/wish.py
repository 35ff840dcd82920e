"""What a person wants of a feature, as one plain frozen value that the feature offers and takes back.

A `Wish` holds what was typed, chosen and moved, and nothing of what the models answered: a feature that takes its wish
back asks for the answers anew. So the same value serves to undo (`core.history`), to begin where one ended
(`shell.session`) and to keep what is typed when another run is opened. Every field has a default, which is what an
untouched feature wants, and can be written as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from app.core.picks import NOTHING, Pick

_Wish = TypeVar("_Wish", bound="Wish")


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


@runtime_checkable
class TakesTime(Protocol):
    """A feature that has what is wanted of it only later, or never; it says which to `History.arrived`."""

    @property
    def under_way(self) -> bool:
        """Whether it has yet to come about."""
        ...


def differences(before: Wish, after: Wish) -> tuple[str, ...]:
    """The fields in which two wishes of one feature differ."""
    return tuple(each.name for each in fields(after) if getattr(before, each.name) != getattr(after, each.name))


def plain(pick: Pick) -> Pick:
    """A sentence as a person would type it; `NOTHING` for points, which are of one model."""
    return NOTHING if pick.is_point else Pick(pick.text)


def patched(current: _Wish, before: _Wish, after: _Wish) -> _Wish:
    """`current` with the fields that differ from `before` to `after`, as far as they still are as before."""
    names = [name for name in differences(before, after) if getattr(current, name) == getattr(before, name)]
    return replace(current, **{name: getattr(after, name) for name in names})


def held(wish: _Wish, sentences: bool, models: bool) -> _Wish:
    """What of a wish still holds.

    Args:
        wish: as it was.
        sentences: whether the test sentences are the same, so that their numbers mean them. Without, a sentence is text
            alone, and a group is without it.
        models: whether the models are the same, so that points and what is said of single variants mean something.
    """
    made = {each.name: _held(getattr(wish, each.name), sentences, models) for each in fields(wish)}
    return replace(wish, **made)


def _held(value: Any, sentences: bool, models: bool) -> Any:
    if isinstance(value, Pick):
        if value.is_point:
            return value if models else NOTHING
        return value if sentences or value.index < 0 else Pick(value.text)
    if isinstance(value, Mapping):
        return value if models else {}
    if isinstance(value, tuple):
        pairs = [(each, _held(each, sentences, models)) for each in value]
        return tuple(now for was, now in pairs if now == was or (isinstance(now, Pick) and now != NOTHING))
    if is_dataclass(value) and not isinstance(value, type):
        return held(value, sentences, models)  # type: ignore[type-var]
    return value
