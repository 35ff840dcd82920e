"""The sentences that were gathered, and how they are exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.bench.rows import GatheredRow
from app.core.wish import Wish

Rows = tuple[GatheredRow, ...]


@dataclass(frozen=True, slots=True)
class TableWish(Wish):
    """The rows of the table; they know whose they are, so that they are the same with any run open."""

    rows: Rows = ()


@dataclass
class TableState:
    """The rows of the table, in the order in which they came."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    gathered: Rows = ()
    folder: Path = Path()
    """Where the last export went; `Path()` before the first."""

    format: str = "csv"
    text_only: bool = False
    """Whether exports have the sentences alone, side by side, without their numbers."""
