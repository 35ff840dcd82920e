"""What the Reconstruct tab shows beside its closer looks, which have a state of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import Look
from app.core.picks import NOTHING, Pick
from app.core.values import Decoded
from app.core.wish import Wish, plain


@dataclass(frozen=True, slots=True)
class ReconstructWish(Wish):
    """The sentence or point in the field, and how it is looked at; as in `InspectionState`."""

    given: Pick = NOTHING
    look: Look = InspectionState.look
    draws: int = InspectionState.draws
    cloud_seed: int = InspectionState.cloud_seed
    tree_variant: str = InspectionState.tree_variant
    tree_listed: bool = InspectionState.tree_listed
    pruned: bool = InspectionState.pruned
    fill_count: int = InspectionState.fill_count

    def elsewhere(self) -> ReconstructWish:
        """The sentence, and the look."""
        return replace(self, given=plain(self.given), tree_variant="")


@dataclass
class ReconstructState:
    """What was typed or sent, and what the models make of it."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    typed: str = ""
    index: int = -1
    """The test sentence that is typed, if it was sent here as one and not changed; or -1."""

    point: Pick = NOTHING
    """What was sent to be decoded in the place of a typed sentence: points."""

    reconstructed: Decoded = Decoded()

    @property
    def given(self) -> Pick:
        """What the field holds."""
        return self.point if self.point.is_point else Pick(self.typed, index=self.index)
