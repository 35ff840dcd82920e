"""What a process prints and what an error says, as events and as words for people."""

from __future__ import annotations

import json
import shlex
import traceback
from collections.abc import Sequence
from typing import Any

from engine.errors import LoomError


def event_of(line: str) -> dict[str, Any] | None:
    """A JSON event, or None for any other line."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def words_of_lines(lines: Sequence[str], arguments: Sequence[str], code: int) -> tuple[str, str]:
    """A message and a hint from what a failed command printed as plain text."""
    command = shlex.join(["python", "main.py", *arguments])
    if not lines or any(line.startswith("Traceback") for line in lines):
        last = f" ({lines[-1]})" if lines else ""
        return f"The command ended with exit code {code}{last}.", f"To see everything it prints, run: {command}"
    message = lines[0].removeprefix("error:").removeprefix("Error:").strip()
    return message, " ".join(lines[1:3]) or f"To see everything it prints, run: {command}"


def words_of_error(error: Exception) -> tuple[str, str]:
    """A failure as a message and a hint; what is not foreseen is also printed, for the report of the defect."""
    if isinstance(error, LoomError):
        return error.message, error.hint
    traceback.print_exception(error)
    return f"Something unforeseen went wrong ({type(error).__name__}: {error}).", "The details are in the terminal."


def time_left(fraction: float | None, seconds: float) -> str:
    """How long a stage still takes, in words; "" while that is a guess.

    Args:
        fraction: share done, 0 to 1.
        seconds: since the stage began.
    """
    if not fraction or fraction < 0.02 or seconds < 1:
        return ""
    left = seconds * (1 - fraction) / fraction
    if left < 10:
        return "a few seconds left"
    if left < 90:
        return f"about {round(left / 5) * 5} s left"
    return f"about {round(left / 60)} min left"
