"""What the tabs of the bench gather in the table: rows of sentences, and how a decoded sentence becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.picks import NOWHERE, Numbers, Origin, Pick
from app.core.readings import common, decoded_pick, numbers_of
from app.core.values import Column, Decoded

STOP_LETTERS = "CDEFGH"
"""Names of the stops between A and B of a way, in their order."""
_GREY = "#808080"  # of a variant whose colour is not known


MOST_AT_ONCE = 100
"""Sentences that are gathered together, as every model decodes each."""


@dataclass(frozen=True, slots=True)
class GatheredRow:
    """One line of the comparison table: the input, a sentence a variant, and how they were made.

    A row of an interpolation names its stops in `path`, with `steps` from each to the next, and its place on the way in
    `step`; `source` is then empty, as the table writes it from them, without saying the sentences again in every row.
    `origin` says whose sentences these are and `columns` which variants that run has; the table fills both in when it
    takes the row. `numbers` is what is known of the sentences, `index` the test sentence that they were made from, or
    -1, `pick` what the row can be sent on as, and `beside` what stands beside that test sentence in its table.
    """

    source: str
    sentences: Mapping[str, str]
    how: str
    path: tuple[str, ...] | None = None
    step: int = 0
    steps: int = 10
    origin: Origin = NOWHERE
    columns: tuple[Column, ...] = field(default=(), compare=False)
    numbers: Mapping[str, Numbers] = field(default_factory=dict, compare=False)
    index: int = field(default=-1, compare=False)
    pick: Pick | None = field(default=None, compare=False)
    beside: Mapping[str, str | float] = field(default_factory=dict, compare=False)


def picked_row(pick: Pick) -> GatheredRow | None:
    """A row of the table from what was sent; None if it does not say what the models make of it."""
    how = ", ".join(part for part in (pick.how, pick.search) if part)
    row = GatheredRow(
        pick.text, pick.sentences, how, origin=pick.origin, numbers=pick.numbers, index=pick.index, pick=pick
    )
    return row if pick.sentences else None


def decoded_row(source: str, decoded: Decoded, index: int = -1) -> GatheredRow | None:
    """A decoded sentence, the test sentence `index` or none of these, as a row; None while no variant has answered."""
    if not decoded.readings:
        return None
    how = common(reading.how for reading in decoded.readings.values())
    sentences = {name: reading.text for name, reading in decoded.readings.items()}
    numbers = numbers_of(decoded.readings)
    return GatheredRow(source, sentences, how, numbers=numbers, index=index, pick=decoded_pick(decoded))


def taken_row(row: GatheredRow, origin: Origin, columns: tuple[Column, ...]) -> GatheredRow:
    """A row that knows whose it is: what it says itself, else the models that answer now.

    Args:
        row: as it was made.
        origin: of the models that answer now.
        columns: of the run of the row, as far as they are known; a variant beyond them is called by its name.
    """
    whose = row.origin if row.origin.run else origin
    named = {column.name for column in columns}
    unknown = tuple(Column(name, name, _GREY) for name in row.sentences if name not in named)
    return replace(
        row, origin=whose, columns=(*columns, *unknown), pick=row.pick.of(whose) if row.pick is not None else None
    )
