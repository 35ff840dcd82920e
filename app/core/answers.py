"""How the results of a request, one by one, change what is shown. Pure functions of frozen values."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from app.core.requests import Answer, Failure, Result, TypedWords
from app.core.values import Decoded, Series

_Series = TypeVar("_Series", bound=Series)


def take_decoded(before: Decoded, result: Result | None, problem: str = "") -> Decoded:
    """`before` with one more result; None is the end of them, with what went wrong, if anything did."""
    match result:
        case TypedWords(words, unknown):
            return replace(before, words=words, unknown=unknown)
        case Answer(variant, readings, path):
            spots = {**before.spots, variant: path[0]} if path else before.spots
            return replace(before, readings={**before.readings, variant: readings[0]}, spots=spots)
        case Failure(variant, reason):
            return replace(before, failed={**before.failed, variant: reason})
        case None:
            return replace(before, busy=False, problem=problem)


def take_series(before: _Series, result: Result | None, problem: str = "") -> _Series:
    """As `take_decoded`, for several sentences a variant."""
    match result:
        case Answer(variant, readings):
            return replace(before, readings={**before.readings, variant: readings})
        case Failure(variant, reason):
            return replace(before, failed={**before.failed, variant: reason})
        case None:
            return replace(before, busy=False, problem=problem)
        case _:
            return before
