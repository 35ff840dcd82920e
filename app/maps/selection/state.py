"""What is chosen of the test sentences, how the mouse chooses, and what a person wants of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.wish import Wish
from app.maps.drawing.pen import Tool
from engine.selections.chosen import NONE, Chosen, How
from engine.selections.kept import Saved


@dataclass(frozen=True, slots=True)
class SelectionWish(Wish):
    """What is chosen. It says of which sentences it is, and so counts with any run and step that has the same."""

    chosen: Chosen = NONE


@dataclass
class SelectionState:
    """What is chosen, and how it is chosen and shown."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    chosen: Chosen = NONE
    """What is chosen, or is to be once the maps are there and show whether they have the same sentences."""

    n: int = 0
    """The test sentences of the open maps; 0 while there are none."""

    tool: Tool = "look"
    how: How = "new"
    """What becomes of what is found by the form."""

    in_front: bool = False
    """Whether what is chosen stands out on the maps, and not what the search has found: what came last does."""

    searched: str = ""
    """What the search was for that has found something, or nothing; "" while there is none."""

    finding: str = ""
    """What is being looked for, in words; "" for nothing."""

    problem: str = ""
    """Why nothing came of what was asked of the form last."""

    saved: tuple[Saved, ...] = ()
    """The selections of these sentences that are saved under a name."""

    saved_elsewhere: int = 0
    """How many are saved of the run that are of other sentences."""

    listed: bool = False
    """Whether the chosen sentences are listed beside the maps."""

    hit: int = -1
    """The one in that list that is clicked, by its place in it, or -1."""
