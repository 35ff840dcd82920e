"""Which map is made, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor


@dataclass
class MakingState:
    """Of the command that makes, renames or deletes maps."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    making: str = ""
    """What is made, in words; "" while nothing is."""

    fraction: float = 0.0
    stage: str = ""
    coarse: bool = False
    """Whether what is shown meanwhile is the quick map of principal components."""
