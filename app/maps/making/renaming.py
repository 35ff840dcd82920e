"""Which maps of the open run a person has renamed or chosen, so that it can be undone and done again."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.wish import Wish

Renamed = tuple[str, str]
"""The name of a map before and after."""


@dataclass(frozen=True, slots=True)
class RenamingWish(Wish):
    """What is to have been renamed, one after the other, and the map that is to be shown; "" for whichever is."""

    renamed: tuple[Renamed, ...] = ()
    shown: str = ""

    def elsewhere(self) -> RenamingWish:
        """Nothing: other runs have maps of their own."""
        return RenamingWish()


class Renaming:
    """What has been renamed and what is wanted so; `next` is the way from the one to the other, a map at a time."""

    def __init__(self) -> None:
        self._done: tuple[Renamed, ...] = ()
        self._wanted: tuple[Renamed, ...] = ()

    def wish(self) -> RenamingWish:
        """What is wanted, whether it has come about or not yet."""
        return RenamingWish(self._wanted)

    def want(self, wish: RenamingWish) -> None:
        """Want this instead."""
        self._wanted = wish.renamed

    @property
    def next(self) -> Renamed | None:
        """The map that has to be renamed next and its new name; None where all is as it is wanted."""
        kept = self._kept()
        if len(self._done) > kept:
            before, after = self._done[-1]
            return after, before
        return self._wanted[kept] if len(self._wanted) > kept else None

    def took(self, renamed: Renamed) -> None:
        """A map was renamed: the next one, or another, as a person has asked for it; then that is wanted, too."""
        if renamed != self.next:
            self._done, self._wanted = (*self._done, renamed), (*self._wanted, renamed)
        elif len(self._done) > self._kept():
            self._done = self._done[:-1]
        else:
            self._done = (*self._done, renamed)

    def give_up(self) -> None:
        """It cannot be: want what has come about."""
        self._wanted = self._done

    def forget(self) -> None:
        """Another run is opened."""
        self._done = self._wanted = ()

    def _kept(self) -> int:
        """How many that were renamed are to stay so."""
        most = min(len(self._done), len(self._wanted))
        return next((at for at in range(most) if self._done[at] != self._wanted[at]), most)
