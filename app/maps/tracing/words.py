"""What the window of a path says, and its rows. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.picks import Pick
from app.core.readings import no_answer, numbers_line, point_pick, sentence_pick
from app.core.values import Column, Reading
from app.maps.tracing.requests import Steps
from app.maps.tracing.state import Way
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_row import Cell, Row

TITLE: Mapping[Way, str] = {"drawn": "A path of guesses, no measurement", "sentences": "A path along test sentences"}
FIRST: Mapping[Way, str] = {"drawn": "Nearest on the map", "sentences": "Test sentence"}
"""The head of the first column."""
READING: Mapping[Way, str] = {"drawn": "Looking around the line …", "sentences": "Looking for a way along sentences …"}
WAYS = (
    (
        "drawn",
        "As drawn",
        "What the models would say at places of the line, guessed from the sentences around each place",
    ),
    (
        "sentences",
        "Along sentences",
        "The shortest way from neighbour to neighbour in z that follows the line, from test sentence to test sentence",
    ),
)


def about(steps: Steps, label: str, n: int) -> str:
    """What the steps are.

    Args:
        steps: of the path.
        label: of the variant on whose map the line was drawn.
        n: test sentences.
    """
    from engine.maps.telling.guess import NEIGHBOURS as AROUND
    from engine.maps.telling.sentence_path import NEIGHBOURS

    count = len(steps.indices)
    if steps.asked.way == "drawn":
        return (
            f"{count} places along the line on the map of {label}. No sentence was encoded there: decoded is the mean "
            f"of μ of the {AROUND} sentences around each, as in a guess."
        )
    length = sum(steps.distances)
    among = f" Looked at were the {steps.among:,} of {n:,} sentences about the line." if steps.among < n else ""
    return (
        f"{count} test sentences, from neighbour to neighbour in z of {label} ({NEIGHBOURS} nearest, either way), "
        f"{length:.1f} long in z. It goes by the bends of the line, and steps beside it cost more.{among}"
    )


def rows_of(
    steps: Steps,
    columns: Sequence[Column],
    readings: Mapping[str, tuple[Reading, ...]],
    failed: Mapping[str, str],
    colour: str,
) -> list[Row]:
    """The sentence of each step, and what every variant says there; `colour` is of the line's variant."""
    return [
        Row(
            (
                _sentence(steps, at, colour),
                *(_cell(each, readings.get(each.name, ()), failed.get(each.name, ""), at) for each in columns),
            ),
            pick=_point(steps, at, readings),
        )
        for at in range(len(steps.indices))
    ]


def _sentence(steps: Steps, at: int, colour: str) -> Cell:
    text, index, along = steps.texts[at], steps.indices[at], steps.asked.way == "sentences"
    told = f"Test sentence {index + 1:,}; click it to find it on every map"
    if along and at:
        told += f"\n{steps.distances[at - 1]:.2f} in z from the one before"
    return Cell((Span(text, "text" if along else "muted"),), told, colour, str(at + 1), Pick(text, index=index))


def _point(steps: Steps, at: int, readings: Mapping[str, tuple[Reading, ...]]) -> Pick | None:
    there = {name: made[at] for name, made in readings.items() if len(made) > at}
    path = "along sentences" if steps.asked.way == "sentences" else "of guesses"
    return point_pick(f"step {at + 1} of a path {path}", there)


def _cell(column: Column, made: Sequence[Reading], failed: str, at: int) -> Cell:
    if failed:
        return Cell((Span("" if at else no_answer(failed), "muted"),), edge=column.colour)
    if len(made) <= at:
        return Cell((Span("…", "muted"),), edge=column.colour)
    reading = made[at]
    span = Span(reading.text or "(no words)", "muted" if reading.draft else "text")
    return Cell((span,), numbers_line(reading), column.colour, pick=sentence_pick(reading))
