"""The sentences that were gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.bench.rows import GatheredRow


@dataclass
class TableState:
    """The rows of the table, in the order in which they came."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    gathered: tuple[GatheredRow, ...] = ()
