"""Which closer look is open, and what each shows: one observable state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.bench.reconstruct.inspection.values import Answers, Beams, Cloud, Credit, Fillings, Look


@dataclass
class InspectionState:
    """Which look is open, and what each shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    look: Look = "sentence"
    draws: int = 32
    cloud_seed: int = 0
    cloud: Answers[Cloud] = Answers()
    credit: Answers[Credit] = Answers()
    tree: Answers[Beams] = Answers()
    tree_variant: str = ""
    """The column whose tree is drawn; "" for the first that is shown."""

    tree_listed: bool = False
    """Whether the n best sentences of all columns are listed in place of a tree."""

    pruned: bool = True
    """Whether beginnings that the search gave up are drawn."""

    fill: Answers[Fillings] = Answers()
    fill_count: int = 8
