"""What the tabs of the bench gather in the table: rows of sentences, and how a decoded sentence becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.picks import Pick
from app.core.readings import common, decoded_pick
from app.core.values import Decoded

STOP_LETTERS = "CDEFGH"
"""Names of the stops between A and B of a way, in their order."""


@dataclass(frozen=True, slots=True)
class GatheredRow:
    """One line of the comparison table: the input, a sentence a variant, and how they were made.

    A row of an interpolation names its stops in `path`, with `steps` from each to the next, and its place on the way in
    `step`; `source` is then empty, as the table writes it from them, without saying the sentences again in every row.
    `pick` is what the row can be sent on as.
    """

    source: str
    sentences: Mapping[str, str]
    how: str
    path: tuple[str, ...] | None = None
    step: int = 0
    steps: int = 10
    pick: Pick | None = field(default=None, compare=False)


def picked_row(pick: Pick) -> GatheredRow | None:
    """A row of the table from what was sent; None if it does not say what the models make of it."""
    how = ", ".join(part for part in (pick.how, pick.search) if part)
    return GatheredRow(pick.text, pick.sentences, how, pick=pick) if pick.sentences else None


def decoded_row(source: str, decoded: Decoded) -> GatheredRow | None:
    """A decoded sentence as a row of the table; None while no variant has answered."""
    if not decoded.readings:
        return None
    how = common(reading.how for reading in decoded.readings.values())
    sentences = {name: reading.text for name, reading in decoded.readings.items()}
    return GatheredRow(source, sentences, how, pick=decoded_pick(decoded))
