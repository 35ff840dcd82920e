"""What the Reconstruct tab shows beside its closer looks, which have a state of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Decoded


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
