"""How the maps are looked at, and what the models make of the clicked sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Decoded
from app.core.wish import Wish
from app.run.atlas import ColourBy

Span = tuple[float, float] | None
"""From a value to another one, which may be infinite; None for all values."""


@dataclass(frozen=True, slots=True)
class MapsWish(Wish):
    """How the maps are looked at, and the clicked sentence; `shown` variants, or () for all of them.

    `column` is what colours the points instead of `colour_by`, if the run has it beside its
    sentences. `unfolded` are the tabs and looks above which its cards stand, None for the usual ones. `of` is the
    variant that the colours are of, where they are of one. Of all points only those keep their colour whose value
    lies in `only_span`, which may reach to infinity, or whose entry of the legend is called so in `only_called`.
    """

    selection: Pick = NOTHING
    search: str = ""
    colour_by: ColourBy = "KL"
    density: bool = False
    linked: bool = True
    shown: tuple[str, ...] = ()
    unfolded: tuple[str, ...] | None = None
    column: str = ""
    of: str = ""
    only_span: Span = None
    only_called: tuple[str, ...] = ()
    names: bool = False
    contours: bool = False

    def elsewhere(self) -> MapsWish:
        """Without the clicked sentence, the variants of a run, and what of its numbers keeps its colour."""
        return replace(self, selection=NOTHING, shown=(), of="", only_span=None, only_called=())


@dataclass
class MapsState:
    """Colours, search, the point under the pointer, and the clicked sentence decoded."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    colour_by: ColourBy = "KL"
    column: str = ""
    """The column whose values colour the points instead, if the open maps have it; "" for none."""

    of: str = ""
    """The variant that the colours are of, where they are of one; "" for the first that is shown."""

    only_span: Span = None
    """The values that keep their colour, on a scale; None for all. Where it reaches to infinity, all beyond too."""

    only_called: tuple[str, ...] = ()
    """What the entries of the legend are called that keep their colour; all do where it has none of these."""

    names: bool = False
    """Whether regions of the maps have their names on them."""

    contours: bool = False
    """Whether lines of equal density are drawn on the maps."""

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
