"""The way from one sentence through others to the last, in words. Pure functions; no Qt, nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.bench.interpolate.state import Path
from app.bench.rows import STOP_LETTERS, GatheredRow
from app.core.picks import NOTHING, Pick
from app.core.readings import numbers_of, point_pick
from app.core.values import Reading

if TYPE_CHECKING:
    from engine.latents.smoothness import Smoothness

MOST_BETWEEN = 6
"""Stops between A and B, at most."""
_SHORT = 24  # signs of a sentence in the name of a point

SMOOTHNESS = (
    "About this way alone:\n"
    "differ: share of neighbouring sentences that differ at all. Near 0% the way stands still.\n"
    "alike: mean edit similarity of neighbours, 1 − edit distance in words / length of the longer one.\n"
    "jump: the largest edit distance between neighbours, in shares of the longer one.\n"
    "ends: edit similarity of the sentences at A, B and the stops to those that were given."
)


def names(stops: Sequence[Pick]) -> tuple[str, ...]:
    """The letter of each stop: A, then C, D, ..., and B at the end; "" for one that is still empty."""
    letters = iter(STOP_LETTERS)
    between = ["" if stop == NOTHING else next(letters) for stop in stops[1:-1]]
    return ("A", *between, "B")


def step_name(path: Path, step: int) -> str:
    """A step as the name of a point says it, as in "step 4 of 10, I love you. → Bye."."""
    a, b = path.stops[0], path.stops[-1]
    between = len(path.stops) - 2
    through = f" through {between} more" if between else ""
    return f"step {step} of {path.last}, {_short(a)} → {_short(b)}{through}"


def step_how(path: Path, step: int) -> str:
    """Where a step lies, with all stops in full."""
    a, *between, b = (f"“{stop}”" for stop in path.stops)
    through = f" through {', '.join(between)}" if between else ""
    return f"step {step} of {path.last} from {a}{through} to {b}"


def step_pick(path: Path, step: int) -> Pick | None:
    """The points of a step as they can be sent on; None while it is not decoded."""
    pick = point_pick("", {name: all_[step] for name, all_ in path.readings.items() if step < len(all_)})
    if pick is None:
        return None
    return replace(pick, text=step_name(path, step), how=f"{pick.how}, {step_how(path, step)}")


def step_rows(path: Path) -> tuple[GatheredRow, ...]:
    """The steps as rows of the table; those at the stops are of the test sentences that stop there."""
    stops = {i * path.steps: index for i, index in enumerate(path.indices)}
    made = []
    for i in range(max((len(readings) for readings in path.readings.values()), default=0)):
        there = {name: readings[i] for name, readings in path.readings.items() if i < len(readings)}
        made.append(
            GatheredRow(
                "",
                {name: reading.text for name, reading in there.items()},
                path.how,
                path=path.stops,
                step=i,
                steps=path.steps,
                numbers=numbers_of(there),
                index=stops.get(i, -1),
                pick=step_pick(path, i),
            )
        )
    return tuple(made)


def kept_rows(columns: Sequence[Sequence[Reading]], length: int, fold: bool) -> tuple[int, ...]:
    """The steps that have a row: all of `length`, or where `fold` those at which some column says something new."""
    return tuple(
        i
        for i in range(length)
        if not fold or i == 0 or not columns or any(not repeats(column, i) for column in columns)
    )


def repeats(readings: Sequence[Reading], step: int) -> bool:
    """Whether a step says the same as the one before it; True too where nothing is known of it yet."""
    if step >= len(readings):
        return True
    return step > 0 and readings[step].words == readings[step - 1].words


def run_end(readings: Sequence[Reading], step: int) -> int:
    """The last step that says the same as `step` without a break."""
    end = step
    while end + 1 < len(readings) and repeats(readings, end + 1):
        end += 1
    return end


def smoothness_line(numbers: Smoothness) -> str:
    """The numbers of a way on one line, which four columns of the smallest window have room for."""
    parts = [
        f"differ {numbers.distinct:.0%}",
        f"alike {numbers.similarity:.2f}",
        f"jump {numbers.largest_jump:.2f}",
    ]
    if numbers.recovery:
        parts.append(f"ends {sum(numbers.recovery) / len(numbers.recovery):.2f}")
    return " · ".join(parts)


def smoothness_tip(numbers: Smoothness) -> str:
    """The same in full, and what it means."""
    return f"{numbers.describe()}.\n\n{SMOOTHNESS}"


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
