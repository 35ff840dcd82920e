"""How sentences are made, as a feature whose wish can be undone and remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.core.choice import Choice
from app.core.state import ExplorerState
from app.core.wish import Wish


@dataclass(frozen=True, slots=True)
class ChoiceWish(Wish):
    """How sentences are made."""

    choice: Choice = Choice()


class Choosing:
    """Keeps the choice that all features share."""

    def __init__(self, state: ExplorerState, changed: Callable[[], None]) -> None:
        """Args: state: that has the choice; changed: asks anew for whatever depends on it."""
        self._state, self._changed = state, changed

    def wish(self) -> ChoiceWish:
        """The choice."""
        return ChoiceWish(self._state.choice)

    def want(self, wish: ChoiceWish) -> None:
        """Another choice."""
        if wish.choice != self._state.choice:
            self._state.choice = wish.choice
            self._changed()
