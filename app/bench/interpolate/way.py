"""The way from one sentence through others to the last, in words. Pure functions; no Qt, nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.picks import NOTHING, Pick
from app.core.state import Reading, Series

if TYPE_CHECKING:
    from engine.latents.smoothness import Smoothness

MOST_BETWEEN = 6
"""Stops between A and B, at most."""
_LETTERS = "CDEFGH"
_SHORT = 24  # signs of a sentence in the name of a point

SMOOTHNESS = (
    "About this way alone:\n"
    "differ: share of neighbouring sentences that differ at all. Near 0% the way stands still.\n"
    "similar: mean edit similarity of neighbours, 1 − edit distance in words / length of the longer one.\n"
    "jump: the largest edit distance between neighbours, in shares of the longer one.\n"
    "ends: edit similarity of the sentences at A, B and the stops to those that were given."
)


def names(stops: Sequence[Pick]) -> tuple[str, ...]:
    """The letter of each stop: A, then C, D, ..., and B at the end; "" for one that is still empty."""
    letters = iter(_LETTERS)
    between = ["" if stop == NOTHING else next(letters) for stop in stops[1:-1]]
    return ("A", *between, "B")


def step_name(series: Series, step: int) -> str:
    """A step as the name of a point says it, as in "step 4 of 10, I love you. → Bye."."""
    a, b = series.stops[0], series.stops[-1]
    between = len(series.stops) - 2
    through = f" through {between} more" if between else ""
    return f"step {step} of {series.last}, {_short(a)} → {_short(b)}{through}"


def step_how(series: Series, step: int) -> str:
    """Where a step lies, with all stops in full."""
    a, *between, b = (f"“{stop}”" for stop in series.stops)
    through = f" through {', '.join(between)}" if between else ""
    return f"step {step} of {series.last} from {a}{through} to {b}"


def step_pick(series: Series, step: int, pick: Pick) -> Pick:
    """The points of a step as they can be sent on."""
    return replace(pick, text=step_name(series, step), how=f"{pick.how}, {step_how(series, step)}")


def input_of(path: Sequence[str], steps: int, step: int, number: int) -> str:
    """What a row of the table says of a step of interpolation `number`; a stop says its whole sentence."""
    piece, within = divmod(step, steps)
    if within:
        return f"Interpolation {number}, step {step} of {(len(path) - 1) * steps}"
    letters = ("A", *_LETTERS[: len(path) - 2], "B")
    return f"Interpolation {number}, {letters[piece]}: {path[piece]}"


def way(path: Sequence[str], number: int) -> str:
    """Where interpolation `number` goes."""
    a, *between, b = path
    through = "".join(f" through {letter}: {text}" for letter, text in zip(_LETTERS, between, strict=False))
    return f"Interpolation {number} goes from A: {a}{through} to B: {b}"


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
    """The numbers of a way on one line."""
    parts = [
        f"differ {numbers.distinct:.0%}",
        f"similar {numbers.similarity:.2f}",
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
