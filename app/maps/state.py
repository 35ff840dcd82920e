"""How the maps are looked at, and what the models make of the clicked sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Decoded
from app.core.wish import Wish
from app.run.atlas import ColourBy


@dataclass(frozen=True, slots=True)
class MapsWish(Wish):
    """How the maps are looked at, and the clicked sentence; `shown` variants, or () for all of them.

    `column` is what colours the points instead of `colour_by`, if the run has it beside its
    sentences. `unfolded` are the tabs and looks above which its cards stand, None for the usual ones.
    """

    selection: Pick = NOTHING
    search: str = ""
    colour_by: ColourBy = "KL"
    density: bool = False
    linked: bool = True
    shown: tuple[str, ...] = ()
    unfolded: tuple[str, ...] | None = None
    column: str = ""

    def elsewhere(self) -> MapsWish:
        """Without the clicked sentence and the variants of a run."""
        return replace(self, selection=NOTHING, shown=())


@dataclass
class MapsState:
    """Colours, search, the point under the pointer, and the clicked sentence decoded."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    colour_by: ColourBy = "KL"
    column: str = ""
    """The column whose values colour the points instead, if the open maps have it; "" for none."""

    density: bool = False
    linked: bool = True
    search: str = ""
    matches: int | None = None
    """How many test sentences the search has found; None while nothing is searched or found yet."""

    hit: int = -1
    """The one of the hits that is clicked, by its place among them, or -1."""

    listed: bool = True
    """Whether the hits are listed beside the maps, as soon as there is a search."""

    hover: int = -1
    """The test sentence under the pointer, or -1."""

    hover_text: str = ""
    selected: Decoded = Decoded()
    unfolded: frozenset[str] = frozenset()
    """What of the bench the cards of the clicked sentence stand above, each as `ExplorerState.in_view` names it."""
