"""What the window of a guess says, and its rows. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.picks import Pick
from app.core.readings import no_answer
from app.core.values import Column, Reading
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_row import Cell, Row

TITLE = "A guess, not a measurement"
_GUESS = "guess"
_MOST = 60  # letters of a sentence that is named


def about(label: str, nearest: str, count: int) -> str:
    """What the guess is made from.

    Args:
        label: of the variant on whose map the place is.
        nearest: the sentence nearest to it there.
        count: sentences around it.
    """
    short = nearest if len(nearest) <= _MOST else f"{nearest[: _MOST - 1].rstrip()}…"
    return (
        f"No sentence was encoded at this place of the map of {label}, and a map has no way back to z. Decoded here is "
        f"the mean of μ of the {count} sentences around it there, the nearest “{short}”, weighted by one over the "
        "squared distance; beneath it, z ~ q(z|x) of some of these, drawn by their weight. Where those differ, the "
        "place decides little."
    )


def rows_of(
    columns: Sequence[Column], readings: Mapping[str, tuple[Reading, ...]], failed: Mapping[str, str], draws: int
) -> list[Row]:
    """The guess of every variant, then what is decoded from z drawn for single neighbours."""
    return [
        Row(tuple(_cell(column, readings, failed, at) for column in columns), pick=_point(readings, at))
        for at in range(draws + 1)
    ]


def _point(readings: Mapping[str, tuple[Reading, ...]], at: int) -> Pick | None:
    z = {name: made[at].z for name, made in readings.items() if len(made) > at and made[at].z}
    what = "guess" if not at else f"draw {at} around a guess"
    return Pick(what, z, next((made[at].how for made in readings.values() if len(made) > at), "")) if z else None


def _cell(column: Column, readings: Mapping[str, tuple[Reading, ...]], failed: Mapping[str, str], at: int) -> Cell:
    made, number = readings.get(column.name, ()), str(at or _GUESS)
    pick, how = None, ""
    if len(made) > at:
        reading = made[at]
        span = Span(reading.text or "(no words)", "muted" if reading.draft else "text")
        pick, how = Pick(reading.text), reading.how
    elif column.name in failed:
        span = Span("" if at else no_answer(failed[column.name]), "muted")
    else:
        span = Span("…", "muted")
    return Cell((span,), how, column.colour, number, pick, _GUESS)
