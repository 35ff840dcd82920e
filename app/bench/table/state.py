"""The sentences that were gathered, and how they are exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.bench.rows import GatheredRow

Rows = tuple[GatheredRow, ...]


@dataclass
class TableState:
    """The rows of the table, in the order in which they came."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    gathered: Rows = ()
    undone: tuple[Rows, ...] = ()
    """What the table held before what was undone; the last of them is had again first."""

    before: tuple[Rows, ...] = ()
    """What the table held before each change, the newest last."""

    folder: Path = Path()
    """Where the last export went; `Path()` before the first."""

    format: str = "csv"
    text_only: bool = False
    """Whether exports have the sentences alone, side by side, without their numbers."""
